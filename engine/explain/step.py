"""One training step under glass: a frozen digit on its way forward, back, and through the update.

The step is done on a copy of the network in float64, with the engine's own layers, loss and rule;
so the numbers are those of training without its rounding to float32. Dropout and BatchNorm work as
in training, on a batch of this one sample.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.arrays import Array, format_shape
from engine.blocks.base import Gradient, Outer
from engine.compute.threads import hold_blas_to_one_thread
from engine.compute.workspace import Run, Workspace
from engine.explain.arrays import frozen
from engine.explain.losses import LossStep, explain_loss
from engine.explain.update import rule_equation, rule_note
from engine.losses import LOSSES
from engine.network import Network, ParameterKey
from engine.optimizers import Optimizer, make_rule
from engine.settings import Settings
from engine.stack import Report, Slot
from engine.weights import Weights, initial_weights

Phase = Literal["forward", "loss", "backward", "update", "again"]
# What a layer measures or draws in a forward pass, and where it leaves it.
_MEASURED = {"dropout": ("mask",), "batch_norm": ("mean", "variance", "normal")}


@dataclass(frozen=True, eq=False)
class ParameterStep:
    """One array that learns: before the step, its gradient ∂E/∂W, and after the step."""

    name: str
    before: Array
    gradient: Array
    after: Array


@dataclass(frozen=True, eq=False)
class BlockStep:
    """One block in the step. Arrays are of the one sample, without a batch axis.

    `gradient` is ∂E/∂outputs, `input_gradient` ∂E/∂inputs. `measured` holds what the block drew or
    measured: Dropout's mask (0, or 1/(1 - p)), BatchNorm's mean and variance per map and the
    normalised values. `fused` says that the input gradient is that of loss and activation in one,
    exact where the two factors would be rounded away.
    """

    position: int
    slot: Slot
    inputs: Array
    outputs: Array
    gradient: Array
    input_gradient: Array
    parameters: tuple[ParameterStep, ...]
    measured: Mapping[str, Array]
    fused: bool

    @property
    def title(self) -> str:
        """What the block is called."""
        return self.slot.label

    @property
    def equation(self) -> str:
        """The block's equation with its sizes."""
        return self.slot.block.equation_with(self.inputs.shape)

    def parameter(self, name: str) -> ParameterStep:
        """Find an array that learns by its name.

        Raises KeyError if the block has none of this name.
        """
        for found in self.parameters:
            if found.name == name:
                return found
        raise KeyError(name)


@dataclass(frozen=True)
class Frame:
    """One picture of the step: what happens, in which block (None: in none), in words."""

    phase: Phase
    position: int | None
    title: str
    text: str


@dataclass(frozen=True, eq=False)
class TrainingStep:
    """A whole step of one sample: image (channels, H, W), target (classes,)."""

    image: Array
    target: Array
    settings: Settings
    learning_rate: float
    blocks: tuple[BlockStep, ...]
    loss: LossStep
    loss_after: LossStep
    rule: str
    rule_note: str
    frames: tuple[Frame, ...]

    @property
    def is_lower(self) -> bool:
        """Whether the loss is lower after the update."""
        return self.loss_after.value < self.loss.value


def take_step(
    report: Report,
    weights: Weights,
    settings: Settings,
    image: Array,
    label: int,
    *,
    learning_rate: float | None = None,
    names: Sequence[object] | None = None,
    run: Run | None = None,
) -> TrainingStep:
    """Do one training step on a copy of the network, and keep all its numbers.

    `report` is of a stack that fits; `weights` are read only, and slots that have none get their
    initial ones. `label` is the index of the right class, `names` name the classes (the settings'
    classes if not given). `run` gives seed, epoch and step, which decide what Dropout leaves out.
    The optimizer begins with this step: momentum, or Adam's means, have nothing behind them.

    Raises TrainingError if the stack does not fit.
    """
    hold_blas_to_one_thread()
    copies = initial_weights(
        report, settings.seed, settings.initializer, kept=weights, dtype=np.float64
    )
    network = Network(report, copies)
    names = settings.classes if names is None else names
    rate = settings.learning_rate if learning_rate is None else learning_rate
    run = run or Run(seed=settings.seed, epoch=1, step=1)
    run = Run(training=True, seed=run.seed, epoch=run.epoch, step=run.step)
    image = frozen(image)
    classes = int(np.prod(network.layers[-1].output_shape))
    target = frozen(np.eye(classes)[label])
    with np.errstate(over="ignore", invalid="ignore"):  # shown as they are
        passed = _Pass(network, settings.loss, image, target, run)
        before = network.copy_weights()
        update = {key: [array.copy()] for key, array in passed.gradients.items()}
        Optimizer(make_rule(settings), network.parameters).update(update, rate)
        blocks = tuple(
            passed.block_step(position, before, network) for position in range(len(network.layers))
        )
        after = _Pass(network, settings.loss, image, target, run).outputs[-1]
    loss = explain_loss(settings.loss, passed.outputs[-1], target, names)
    loss_after = explain_loss(settings.loss, after, target, names)
    return TrainingStep(
        image=image,
        target=target,
        settings=settings,
        learning_rate=rate,
        blocks=blocks,
        loss=loss,
        loss_after=loss_after,
        rule=rule_equation(settings),
        rule_note=rule_note(settings),
        frames=_frames(blocks, loss, loss_after, rule_equation(settings)),
    )


class _Pass:
    """One sample through a network, forward and back, with all that it leaves."""

    def __init__(self, network: Network, loss: str, image: Array, target: Array, run: Run) -> None:
        self.network = network
        self.inputs: list[Array] = []
        self.outputs: list[Array] = []
        self.measured: list[dict[str, Array]] = []
        self.output_gradients: list[Array] = []
        self.input_gradients: list[Array] = []
        self.gradients: dict[ParameterKey, Array] = {}
        self.fused = LOSSES[loss].fuses_with == network.layers[-1].slot.block.kind
        workspaces = network.workspaces()
        self._forward(image, workspaces, run)
        self._backward(loss, target, workspaces)

    def block_step(self, position: int, before: Weights, network: Network) -> BlockStep:
        """Collect what happened to one block; `network` holds the weights after the update."""
        slot = self.network.layers[position].slot
        parameters = tuple(
            ParameterStep(
                key.name,
                frozen(before[key.slot_id][key.name]),
                frozen(self.gradients[key]),
                frozen(array),
            )
            for key, array in network.parameters.items()
            if key.slot_id == slot.id
        )
        return BlockStep(
            position=position,
            slot=slot,
            inputs=self.inputs[position],
            outputs=self.outputs[position],
            gradient=self.output_gradients[position],
            input_gradient=self.input_gradients[position],
            parameters=parameters,
            measured=self.measured[position],
            fused=self.fused and position == len(self.network.layers) - 1,
        )

    def _forward(self, image: Array, workspaces: list[Workspace], run: Run) -> None:
        values = image[np.newaxis]
        for layer, workspace in zip(self.network.layers, workspaces, strict=True):
            workspace.run = run
            self.inputs.append(frozen(values[0]))
            values = layer.layer.forward(values, workspace)
            self.outputs.append(frozen(values[0]))
            self.measured.append(_kept(workspace, _MEASURED.get(layer.slot.block.kind, ())))

    def _backward(self, loss: str, target: Array, workspaces: list[Workspace]) -> None:
        outputs, targets = self.outputs[-1].reshape(1, -1), target.reshape(1, -1)
        gradient = LOSSES[loss].gradient(outputs, targets)
        for position in reversed(range(len(self.network.layers))):
            layer = self.network.layers[position]
            gradient = gradient.reshape(1, *layer.output_shape)
            self.output_gradients.insert(0, frozen(gradient[0]))
            if self.fused and position == len(self.network.layers) - 1:
                gradient = LOSSES[loss].fused_gradient(outputs, targets)
                gradient = gradient.reshape(1, *self.inputs[position].shape)
            else:
                back = layer.layer.backward(gradient, workspaces[position], wants_inputs=True)
                assert back.inputs is not None
                gradient = back.inputs
                for name, found in back.parameters.items():
                    self.gradients[ParameterKey(layer.slot.id, name)] = _formed(found)
            self.input_gradients.insert(0, frozen(gradient[0]))


def _kept(workspace: Workspace, names: tuple[str, ...]) -> dict[str, Array]:
    """Copy what a layer left in its workspace, as far as it did; `normal` has a batch axis."""
    found = {}
    for name in names:
        try:
            array = workspace.kept(name)
        except KeyError:  # a dropout of rate 0 draws no mask
            continue
        found[name] = frozen(array[0] if name in ("mask", "normal") else array)
    return found


def _formed(gradient: Gradient) -> Array:
    return frozen(gradient.formed() if isinstance(gradient, Outer) else gradient)


def _frames(
    blocks: Sequence[BlockStep], loss: LossStep, after: LossStep, rule: str
) -> tuple[Frame, ...]:
    """List the pictures in the order in which they are shown."""
    frames = []
    for block in blocks:
        text = f"{_shape(block.inputs)} in, {_shape(block.outputs)} out."
        frames.append(Frame("forward", block.position, f"Forward: {block.title}", text))
    frames.append(Frame("loss", None, loss.title, f"E = {loss.value:.6g}"))
    for block in reversed(blocks):
        text = "∂E/∂Y in, ∂E/∂X out" + (", and ∂E/∂W of its weights." if block.parameters else ".")
        frames.append(Frame("backward", block.position, f"Backward: {block.title}", text))
    for block in blocks:
        if block.parameters:
            frames.append(Frame("update", block.position, f"Update: {block.title}", rule))
    compared = "lower" if after.value < loss.value else "not lower"
    text = f"E was {loss.value:.6g} and is {after.value:.6g}: {compared}."
    frames.append(Frame("again", None, "The loss again", text))
    return tuple(frames)


def _shape(array: Array) -> str:
    return format_shape(array.shape)
