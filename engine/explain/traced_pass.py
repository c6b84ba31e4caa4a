"""Traced pass: forward and backward through a copy of a network, with every array kept."""

from collections.abc import Callable, Mapping

import numpy as np

from engine.array_types import Array, quiet_overflow
from engine.blocks.base import Outer, StatefulLayer
from engine.blocks.rules import SKIP_GRADIENT
from engine.compute.pass_context import PassContext
from engine.compute.threads import hold_blas_to_one_thread
from engine.compute.workspace import Workspace
from engine.explain.explanation import frozen
from engine.model.losses import LOSSES
from engine.model.network import Network, NetworkLayer, ParameterKey, run_back, run_layers
from engine.model.settings import Settings
from engine.model.stack import ShapeReport
from engine.model.weights import Weights, initial_weights


def copied_network(report: ShapeReport, weights: Weights, settings: Settings) -> Network:
    """Copy a network into float64; slots without weights get their initial ones.

    Raises TrainingError if the stack does not fit.
    """
    hold_blas_to_one_thread()
    if report.problem is not None:  # one too large must not draw its weights first
        return Network(report, {})
    seed, initializer = settings.seed, settings.initializer
    copies = initial_weights(report, seed, initializer, kept=weights, dtype=np.float64)
    return Network(report, copies, np.float64)


def first_step(settings: Settings, samples: int) -> PassContext:
    """Say that a pass is the first step of training."""
    return PassContext(
        training=True, seed=settings.seed, counters=np.array([1, 1]), samples=samples
    )


class TracedPass:
    """One pass, forward and back, in training mode: inputs (n, C, H, W), targets (n, classes).

    Arrays keep their batch axis and are read-only. Gradients are those of the batch's mean loss,
    found as training finds them; `skip_gradients` are those of what a block takes of an earlier
    one, by its position. `fused` says that the last block, an activation, was differentiated
    together with the loss. `before_block` is called before each block, forward and
    back; what it raises ends the pass.
    """

    def __init__(
        self,
        network: Network,
        loss: str,
        inputs: Array,
        targets: Array,
        run: PassContext,
        before_block: Callable[[], None] = lambda: None,
    ) -> None:
        self.network = network
        self._before_block = before_block
        self.output_gradients: list[Array] = []
        self.input_gradients: list[Array] = []
        self.parameter_gradients: dict[ParameterKey, Array] = {}
        self.fused = LOSSES[loss].fuses_with == network.layers[-1].slot.block.kind
        workspaces = network.workspaces()
        with quiet_overflow():  # shown as they are
            found = run_layers(
                network.layers,
                workspaces,
                inputs,
                run,
                locked=network.locked,
                before_layer=before_block,
            )
            self.outputs = [frozen(outputs) for outputs in found]
            self.inputs = [frozen(inputs), *self.outputs[:-1]]
            self.measured = [
                _measured(layer, workspace)
                for layer, workspace in zip(network.layers, workspaces, strict=True)
            ]
            self._backward(loss, targets, workspaces)

    def _backward(self, loss: str, targets: Array, workspaces: list[Workspace]) -> None:
        samples = len(targets)
        outputs = self.outputs[-1].reshape(samples, -1)
        gradient: Array = LOSSES[loss].gradient(outputs, targets, self.network.numerics) / samples
        end = len(self.network.layers)
        if self.fused:
            self._before_block()
            end -= 1
            self.output_gradients.insert(0, frozen(gradient.reshape(self.outputs[-1].shape)))
            gradient = LOSSES[loss].fused_gradient(outputs, targets, self.network.numerics)
            gradient = (gradient / samples).reshape(self.inputs[-1].shape)
            self.input_gradients.insert(0, frozen(gradient))
        layers = self.network.layers[:end]
        for layer, given, back in run_back(layers, workspaces[:end], gradient, self._before_block):
            self.output_gradients.insert(0, frozen(given))
            assert back.inputs is not None
            self.input_gradients.insert(0, frozen(back.inputs))
            for name, found in back.parameters.items():
                formed = found.formed() if isinstance(found, Outer) else found
                self.parameter_gradients[ParameterKey(layer.slot.id, name)] = frozen(formed)
        self.skip_gradients = {
            place: frozen(workspaces[place].kept(SKIP_GRADIENT)) for place in self.network.skips
        }


def _measured(layer: NetworkLayer, workspace: Workspace) -> Mapping[str, Array]:
    found = {}
    for name, _, state in layer.slot.known.measured:
        try:
            found[name] = frozen(workspace.kept(name))
        except KeyError:  # a Dropout of rate 0 draws no mask, a locked BatchNorm measures nothing
            if isinstance(layer.layer, StatefulLayer):
                found[state] = frozen(layer.layer.state[state])
    return found
