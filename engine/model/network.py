"""Network: the layers of a fitting stack over their weights, and the forward pass through them."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.array_types import Array, Shape, quiet_overflow
from engine.blocks import SkipBlock
from engine.blocks.base import Backward, Layer, StatefulLayer
from engine.blocks.rules import SKIP, SKIP_GRADIENT
from engine.compute.numerics import numerics as usual_numerics
from engine.compute.pass_context import INFERENCE, PassContext
from engine.compute.pass_memory import LayerMemory, PassMemory
from engine.compute.plain_numerics import Numerics
from engine.compute.workspace import Workspace
from engine.errors import TrainingError
from engine.model.stack import BlockSlot, ShapeReport
from engine.model.weights import Weights, find_non_finite

NOTHING: Mapping[int, Array] = MappingProxyType({})


class ParameterKey(NamedTuple):
    """Which array of a network: the slot it belongs to and its name."""

    slot_id: int
    name: str


@dataclass(frozen=True)
class NetworkLayer:
    """One layer with the slot it was made from and the shape of its outputs."""

    slot: BlockSlot
    layer: Layer
    output_shape: Shape

    @property
    def source(self) -> int | None:
        """The id of an earlier slot whose outputs the layer takes, too."""
        block = self.slot.block
        return block.source if isinstance(block, SkipBlock) else None


def run_layers(
    layers: Sequence[NetworkLayer],
    workspaces: Sequence[Workspace],
    inputs: Array,
    context: PassContext = INFERENCE,
    *,
    locked: Collection[int] = (),
    before_layer: Callable[[], object] = lambda: None,
    earlier: Mapping[int, Array] = NOTHING,
) -> list[Array]:
    """Return the outputs (n, ...) of each layer for a batch (n, ...), first layer first.

    Each layer has a workspace, in which its outputs lie. `locked` names the slots that learn
    nothing: such a BatchNorm does in training what it does when it is tested. `before_layer` is
    called before each layer; what it raises ends the pass. `earlier` holds the outputs of slots
    before these layers that one of them takes.
    """
    found, values, by_slot = [], inputs, dict(earlier)
    for layer, workspace in zip(layers, workspaces, strict=True):
        before_layer()
        rests = layer.slot.id in locked and isinstance(layer.layer, StatefulLayer)
        workspace.run = INFERENCE if rests else context
        if layer.source is not None:
            workspace.keep(SKIP, by_slot[layer.source])
        values = layer.layer.forward(values, workspace)
        found.append(values)
        by_slot[layer.slot.id] = values
    return found


def run_back(
    layers: Sequence[NetworkLayer],
    workspaces: Sequence[Workspace],
    gradient: Array,
    before_layer: Callable[[], object] = lambda: None,
) -> Iterator[tuple[NetworkLayer, Array, Backward]]:
    """Go back through layers that were run, from ∂E/∂outputs of the last; yield the last first.

    With each layer comes the gradient of its outputs, to which the ways past other layers have been
    added, and what its backward pass gives. Both are good until the next is asked for.
    """
    joining: dict[int, list[Array]] = {}
    for layer, workspace in zip(reversed(layers), reversed(workspaces), strict=True):
        before_layer()
        gradient = gradient.reshape(len(gradient), *layer.output_shape)
        for other in joining.pop(layer.slot.id, ()):
            gradient = gradient + other
        backward = layer.layer.backward(gradient, workspace, wants_inputs=True)
        if layer.source is not None:
            joining.setdefault(layer.source, []).append(workspace.kept(SKIP_GRADIENT))
        yield layer, gradient, backward
        assert backward.inputs is not None
        gradient = backward.inputs


class Network:
    """The layers of a stack in order. It shares the weight arrays that it is given.

    It computes in their type; in `dtype` if it has none, as one of pooling alone. It computes by
    the same twin for as long as it lives.

    Raises TrainingError if the stack does not fit.
    """

    def __init__(
        self,
        report: ShapeReport,
        weights: Weights,
        dtype: DTypeLike = np.float32,
        numerics: Numerics | None = None,
    ) -> None:
        if report.problem is not None:
            raise TrainingError(report.problem.text)
        self._weights = weights
        self.layers: list[NetworkLayer] = []
        for row in report.rows:
            assert row.input_shape is not None
            assert row.output_shape is not None
            layer = row.slot.block.layer(row.input_shape, weights[row.slot.id])
            self.layers.append(NetworkLayer(row.slot, layer, row.output_shape))
        self.locked = frozenset(layer.slot.id for layer in self.layers if layer.slot.locked)
        self.report = report
        self.input_shape = report.rows[0].input_shape or ()
        # What learns, and all that is kept, in the order of the stack.
        self.parameters = {
            ParameterKey(layer.slot.id, name): array
            for layer in self.layers
            for name, array in layer.layer.parameters.items()
        }
        self.arrays = {
            ParameterKey(layer.slot.id, name): array
            for layer in self.layers
            for name, array in weights[layer.slot.id].items()
        }
        places = {layer.slot.id: place for place, layer in enumerate(self.layers)}
        # Position of a layer that takes the outputs of an earlier one, and of that.
        self.skips = {
            place: places[layer.source]
            for place, layer in enumerate(self.layers)
            if layer.source is not None
        }
        arrays = self.arrays.values()
        self.dtype = next((array.dtype for array in arrays), np.dtype(dtype))
        self.numerics = numerics or usual_numerics(self.dtype)

    def workspaces(self, passing: int = 0) -> list[Workspace]:
        """Make the memory that one thread needs to run the network: one workspace a layer.

        The first layers, as many as are `passing`, share the memory of their outputs and gradients.
        """
        scratch: dict[str, Array] = {}
        first = [layer for layer in self.layers[:passing] if not layer.slot.known.is_view]
        memory = PassMemory([math.prod(layer.output_shape) for layer in first], self.dtype)
        workspaces = []
        for place, layer in enumerate(self.layers):
            own = LayerMemory(memory, place, layer.slot.known.needs_outputs)
            in_pass = own if place < passing else None
            workspace = Workspace(self.dtype, scratch, layer.slot.id, in_pass, self.numerics)
            workspaces.append(workspace)
        return workspaces

    def activations(
        self,
        inputs: Array,
        layers: int | None = None,
        before_layer: Callable[[], object] = lambda: None,
    ) -> list[Array]:
        """Compute what every layer, or the first so many, give for a batch, first layer first.

        The arrays belong to the caller. Nothing that a training step uses is touched.
        `before_layer` is called before each layer; what it raises ends the pass.
        """
        workspaces, batch = self.workspaces()[:layers], np.asarray(inputs, self.dtype)
        with quiet_overflow():  # not finite is for others to report
            return run_layers(self.layers[:layers], workspaces, batch, before_layer=before_layer)

    def copy_weights(self) -> Weights:
        """Copy all arrays, by slot id and name."""
        found: Weights = {}
        for key, array in self.arrays.items():
            found.setdefault(key.slot_id, {})[key.name] = array.copy()
        return found

    def set_weights(self, weights: Weights) -> None:
        """Write other values into the network's own arrays."""
        for key, array in self.arrays.items():
            np.copyto(array, weights[key.slot_id][key.name])

    def find_non_finite(self, inputs: Array) -> str | None:
        """Name the first block whose weights, or whose outputs for the inputs, are not finite."""
        named = find_non_finite([layer.slot for layer in self.layers], self._weights)
        if named:
            return named
        for position, outputs in enumerate(self.activations(inputs)):
            if not np.isfinite(outputs).all():
                slot = self.layers[position].slot
                return f"the outputs of block {position + 1} ({slot.label})"
        return None


NO_ANSWER = -1


def answers(outputs: Array) -> NDArray[np.intp]:
    """Return the class with the largest of outputs (..., classes): (...).

    It is `NO_ANSWER` where the largest is not finite, and so no class is larger than another.
    """
    said = outputs.argmax(axis=-1)
    largest = np.take_along_axis(outputs, said[..., np.newaxis], axis=-1)[..., 0]
    return np.where(np.isfinite(largest), said, NO_ANSWER)
