"""TrainingStep: one step of one digit, forward, backward and update, with every array kept.

The step is done on a copy of the network in float64, with the engine's own layers, loss and rule;
so the numbers are those of training without its rounding to float32. Dropout and BatchNorm work as
in training, on a batch of this one sample.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from engine.array_types import Array, format_shape, quiet_overflow
from engine.blocks import SkipBlock
from engine.compute.pass_context import INFERENCE
from engine.explain.explanation import Number, frozen
from engine.explain.losses import LossStep, explain_loss
from engine.explain.traced_pass import TracedPass, copied_network, first_step
from engine.inputs.scaling import UNIT, Scaling
from engine.model.network import Network, run_layers
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, ShapeReport
from engine.model.weights import Weights
from engine.training.optimizers import Adam, Locks, Optimizer, make_rule


def rule_equation(settings: Settings) -> str:
    """Write the optimizer's rule: `W ← W − η ∂E/∂W` for plain SGD."""
    decay = " + λ W" if settings.weight_decay else ""
    if settings.optimizer == "sgd":
        if not settings.momentum:
            return "W ← W − η ∂E/∂W" if not decay else "W ← W − η (∂E/∂W + λ W)"
        then = "W ← W − η (g + μ v)" if settings.nesterov else "W ← W − η v"
        return f"g = ∂E/∂W{decay};  v ← μ v + g;  {then}"
    coupled = decay if settings.optimizer == "adam" else ""
    pulled = "(1 − η λ) W" if settings.optimizer == "adamw" and decay else "W"
    return (
        f"g = ∂E/∂W{coupled};  m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  "
        f"m′ = m / (1 − β₁);  v′ = v / (1 − β₂);  W ← {pulled} − η m′ / (√v′ + ε)"
    )


def rule_note(settings: Settings) -> str:
    """Say what the shown step leaves out of the optimizer's memory; empty if it has none."""
    if settings.optimizer == "sgd":
        if not settings.momentum:
            return ""
        return "This is shown as the first step, v = 0 before it: what momentum adds comes later."
    return "This is shown as the first step: Adam's means m and v are 0 before it."


def update_numbers(
    settings: Settings, rate: float, weight: float, gradient: float
) -> tuple[Number, ...]:
    """Return the numbers between a weight and its new value, in the order of the rule."""
    numbers = [Number("W", weight), Number("∂E/∂W", gradient), Number("η", rate)]
    g, decay, coupled = gradient, settings.weight_decay, settings.optimizer != "adamw"
    if decay:
        numbers.append(Number("λ", decay))
        if coupled:
            g += decay * weight
            numbers.append(Number("g", g))
    if settings.optimizer == "sgd":
        if settings.momentum:
            numbers += [Number("μ", settings.momentum), Number("v", g)]
            if settings.nesterov:
                numbers.append(Number("g + μ v", g + settings.momentum * g))
        return tuple(numbers)
    first, second = Adam.BETAS
    mean, square = (1 - first) * g, (1 - second) * g * g
    numbers += [Number("m", mean), Number("v", square)]
    numbers += [Number("m′", mean / (1 - first)), Number("√v′", math.sqrt(square / (1 - second)))]
    return tuple(numbers)


Phase = Literal["forward", "loss", "backward", "update", "again"]


@dataclass(frozen=True, eq=False)
class TracedParameter:
    """One array that learns: before the step, its gradient ∂E/∂W, and after the step."""

    name: str
    before: Array
    gradient: Array
    after: Array


@dataclass(frozen=True, eq=False)
class TracedBlock:
    """One block in the step. Arrays are of the one sample, without a batch axis.

    `gradient` is ∂E/∂outputs, `input_gradient` ∂E/∂inputs. `measured` holds what the block drew or
    measured: Dropout's mask (0, or 1/(1 - p)); BatchNorm's mean and variance per map, or a locked
    one's running_mean and running_variance. `fused` says that the input gradient is that of loss
    and activation in one, exact where the two factors would be rounded away. `class_names` say what
    the outputs stand for, where they stand for classes. What comes and goes on a skip connection:
    `added` are the outputs of an earlier block that this one takes, `added_gradient` is the
    gradient that goes back to them, and `joining` are those that come to its own outputs past the
    blocks between, by the position of the block that took them.
    """

    position: int
    slot: BlockSlot
    inputs: Array
    outputs: Array
    gradient: Array
    input_gradient: Array
    parameters: tuple[TracedParameter, ...]
    measured: Mapping[str, Array]
    fused: bool
    class_names: tuple[str, ...] = ()
    added: Array | None = None
    added_gradient: Array | None = None
    joining: Mapping[int, Array] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What the block is called."""
        return self.slot.label

    def parameter(self, name: str) -> TracedParameter:
        """Find an array that learns by its name.

        Raises KeyError if the block has none of this name.
        """
        for found in self.parameters:
            if found.name == name:
                return found
        raise KeyError(name)


@dataclass(frozen=True)
class StepFrame:
    """One picture of the step: what happens, in which block (None: in none), in words."""

    phase: Phase
    position: int | None
    title: str
    text: str


@dataclass(frozen=True, eq=False)
class TrainingStep:
    """A whole step of one sample: image (channels, H, W).

    `scaling` made the values of the image of bytes.
    """

    image: Array
    settings: Settings
    learning_rate: float
    blocks: tuple[TracedBlock, ...]
    loss: LossStep
    loss_after: LossStep
    rule: str
    rule_note: str
    frames: tuple[StepFrame, ...]
    scaling: Scaling = UNIT

    @property
    def is_lower(self) -> bool:
        """Whether the loss is lower after the update."""
        return self.loss_after.value < self.loss.value


def take_step(
    report: ShapeReport,
    weights: Weights,
    settings: Settings,
    image: Array,
    label: int,
    *,
    names: Sequence[object] | None = None,
    scaling: Scaling = UNIT,
    report_progress: Callable[[float], None] = lambda _fraction: None,
) -> TrainingStep:
    """Do one training step on a copy of the network, and keep all its numbers.

    `report` is of a stack that fits; `weights` are read only, and slots that have none get their
    initial ones. `label` is the index of the right class, `names` name the classes (the settings'
    classes if not given). `scaling` made the image of bytes. What is locked stays. It is the first
    step of training: Dropout leaves out what it does there, and momentum, or Adam's means, have
    nothing behind them.

    `report_progress` is called with the fraction done, 0 to 1, before each block of the passes and
    before the update; what it raises ends the step.

    Raises TrainingError if the stack does not fit.
    """
    network = copied_network(report, weights, settings)
    names = settings.classes if names is None else names
    rate, run = settings.learning_rate, first_step(settings, samples=1)
    inputs = frozen(image)[np.newaxis]
    targets = frozen(np.eye(math.prod(network.layers[-1].output_shape))[[label]])
    checkpoints = itertools.count()
    total = 4 * len(network.layers) + 1  # two passes, forward and back, and the update

    def advance() -> None:
        report_progress(next(checkpoints) / total)

    done = TracedPass(network, settings.loss, inputs, targets, run, advance)
    advance()
    before = network.copy_weights()
    _update(network, done, settings, rate)
    after = network.copy_weights()
    first = len(network.layers)  # of the blocks whose outputs each stand for a class
    for layer in reversed(network.layers):
        first -= 1
        if layer.slot.known.group != "Activation":
            break
    blocks = tuple(
        replace(
            _block_step(done, position, before, after),
            class_names=tuple(map(str, names)) if position >= first else (),
        )
        for position in range(len(network.layers))
    )
    again = TracedPass(network, settings.loss, inputs, targets, run, advance)
    target = targets[0]
    loss = explain_loss(settings.loss, done.outputs[-1], target, names)
    loss_after = explain_loss(settings.loss, again.outputs[-1], target, names)
    return TrainingStep(
        image=inputs[0],
        settings=settings,
        learning_rate=rate,
        blocks=blocks,
        loss=loss,
        loss_after=loss_after,
        rule=rule_equation(settings),
        rule_note=rule_note(settings),
        frames=_frames(blocks, loss, loss_after, rule_equation(settings), rate),
        scaling=scaling,
    )


def _update(network: Network, done: TracedPass, settings: Settings, rate: float) -> None:
    """Change the network as training would: by the rule, and without what is locked."""
    locks = Locks(network, (layer.slot for layer in network.layers))
    gradients = {
        key: [array.copy()]
        for key, array in done.parameter_gradients.items()
        if key.slot_id not in locks.blocks
    }
    optimizer = Optimizer(make_rule(settings), network.parameters, numerics=network.numerics)
    with quiet_overflow():  # shown as they are
        locks.update(optimizer, gradients, rate)


def _block_step(done: TracedPass, position: int, before: Weights, after: Weights) -> TracedBlock:
    """Collect what happened to one block, for the first sample."""
    slot = done.network.layers[position].slot
    parameters = tuple(
        TracedParameter(
            key.name,
            frozen(before[key.slot_id][key.name]),
            gradient,
            frozen(after[key.slot_id][key.name]),
        )
        for key, gradient in done.parameter_gradients.items()
        if key.slot_id == slot.id
    )
    per_sample = {array.name for array in slot.known.measured if array.per_sample}
    measured = {
        name: array[0] if name in per_sample else array
        for name, array in done.measured[position].items()
    }
    return TracedBlock(
        position=position,
        slot=slot,
        inputs=done.inputs[position][0],
        outputs=done.outputs[position][0],
        gradient=done.output_gradients[position][0],
        input_gradient=done.input_gradients[position][0],
        parameters=parameters,
        measured=measured,
        fused=done.fused and position == len(done.network.layers) - 1,
        **_skipping(done, position),
    )


def _skipping(done: TracedPass, position: int) -> dict[str, Any]:
    """Collect what comes to a block, or goes from it, past others."""
    skips, gradients = done.network.skips, done.skip_gradients
    joining = {taker: gradients[taker][0] for taker, from_ in skips.items() if from_ == position}
    if position not in skips:
        return {"joining": joining}
    added, back = done.outputs[skips[position]][0], gradients[position][0]
    return {"joining": joining, "added": added, "added_gradient": back}


def _frames(
    blocks: Sequence[TracedBlock], loss: LossStep, after: LossStep, rule: str, rate: float
) -> tuple[StepFrame, ...]:
    """List the pictures in the order in which they are shown."""
    frames = [
        StepFrame(
            "forward",
            block.position,
            f"Forward: {block.title}",
            f"Takes {_shape(block.inputs)}{_added_words(block)}, gives {_shape(block.outputs)}.",
        )
        for block in blocks
    ]
    text = f"E = {loss.value:.6g}: how far the outputs are from the right ones."
    frames.append(StepFrame("loss", None, loss.title, text))
    for block in reversed(blocks):
        title = f"Backward: {block.title}"
        frames.append(StepFrame("backward", block.position, title, _backward_words(block)))
    for block in blocks:
        if block.parameters and not block.slot.locked:
            values = sum(parameter.before.size for parameter in block.parameters)
            text = f"{rule}, with η = {rate:g}, for {values:,} values at once."
            frames.append(StepFrame("update", block.position, f"Update: {block.title}", text))
    compared = "lower" if after.value < loss.value else "not lower"
    text = f"E was {loss.value:.6g} and is {after.value:.6g}: {compared}."
    frames.append(StepFrame("again", None, "The loss again", text))
    return tuple(frames)


def _added_words(block: TracedBlock) -> str:
    if block.added is None or not isinstance(block.slot.block, SkipBlock):
        return ""
    return f" and {_shape(block.added)} of block {block.slot.block.source_number}"


def _backward_words(block: TracedBlock) -> str:
    came = f"∂E/∂y of the {_shape(block.outputs)} outputs comes in"
    for taker in block.joining:
        came += f", and block {taker + 1} sends its own along the skip connection"
    handed = f"∂E/∂x of the {_shape(block.inputs)} inputs goes on to the block before"
    if isinstance(block.slot.block, SkipBlock):
        handed += f", and ∂E/∂s to block {block.slot.block.source_number} by the skip connection"
    if not block.position:
        handed = f"∂E/∂x of the {_shape(block.inputs)} inputs is that of the image"
    if not block.parameters:
        return f"{came}; {handed}."
    names = block.slot.known.gradient_words
    purpose = "change nothing: the block is locked" if block.slot.locked else "wait for the update"
    return f"{came}; {handed}; {names} {purpose}."


def _shape(array: Array) -> str:
    return format_shape(array.shape)


def trace_front(
    report: ShapeReport, weights: Weights, settings: Settings, image: Array
) -> tuple[TracedBlock, ...]:
    """Run the blocks up to the first that does not fit on an image (channels, H, W), in float64.

    There is no loss, so all gradients are 0 and nothing is updated. Raises TrainingError if no
    block fits.
    """
    network = copied_network(report.front(), weights, settings)
    values, blocks = frozen(image), list[TracedBlock]()
    outputs = run_layers(network.layers, network.workspaces(), values[None], INFERENCE)
    arrays = network.copy_weights()
    for position, (layer, found) in enumerate(zip(network.layers, outputs, strict=True)):
        made = frozen(found[0])
        blocks.append(
            TracedBlock(
                position=position,
                slot=layer.slot,
                inputs=values,
                outputs=made,
                gradient=frozen(0 * made),
                input_gradient=frozen(0 * values),
                parameters=tuple(
                    TracedParameter(name, frozen(array), frozen(0 * array), frozen(array))
                    for name, array in arrays.get(layer.slot.id, {}).items()
                ),
                measured={},
                fused=False,
                added=blocks[network.skips[position]].outputs if layer.source is not None else None,
            )
        )
        values = made
    return tuple(blocks)
