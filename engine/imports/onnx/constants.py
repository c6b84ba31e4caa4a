"""The constant arrays of a graph: those it holds, and what its nodes make of these alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.files.onnx_file import Graph, Node, Tensor
from engine.files.untrusted_read import DamagedError
from engine.imports.onnx.table import RefusedNodeError
from engine.proof.onnx_nodes import run_node

Values = NDArray[Any]

# These give views, or as many values as they take.
_KEEPING = {"Constant", "Identity", "Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze"}
_GROWING = {"Concat", "Gather", "Cast", "Add", "Sub", "Mul", "Div"}
_SMALL = 1000  # values in each input of a node whose output may be larger
_ROOM = 12_500_000  # values that all blocks may have beyond twice those of the file: 50 MB


class Constants:
    """What is known of the values of a graph before an image comes, by name."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._made: dict[str, Values] = {}
        self._read: dict[str, int] = {}  # how many values each tensor has that was read
        self._grown = 0
        self._taken = 0

    def __contains__(self, name: str) -> bool:
        """Tell whether a value is constant; one that is left out is."""
        return not name or name in self._made or name in self._graph.tensors

    def get(self, name: str) -> Values:
        """Return the values of a name; raise DamagedError if they cannot be read."""
        if name in self._made:
            return self._made[name]
        return self._values_of(self._graph.tensors[name])

    def given(self, names: Sequence[str]) -> list[Values | None]:
        """Return the values of several names; None for what is left out or not constant."""
        return [self.get(name) if name and name in self else None for name in names]

    def keep(self, name: str, values: Values) -> None:
        """Keep what a node gives."""
        self._made[name] = values

    def fold(self, node: Node) -> bool:
        """Compute a node that takes constants alone; return whether that can be done.

        Raises RefusedNodeError if it would take more memory than a network needs.
        """
        if node.op not in _KEEPING | _GROWING or node.domain not in ("", "ai.onnx"):
            return False
        if any(name not in self for name in node.inputs):
            return False
        tensor = node.attributes.get("value")
        if node.op == "Constant" and isinstance(tensor, Tensor):
            self.keep(node.outputs[0], self._values_of(tensor, node.outputs[0]))
            return True
        inputs = self.given(node.inputs)
        if node.op == "Cast" and inputs[0] is not None and inputs[0].dtype.kind == "f":
            self.keep(node.outputs[0], inputs[0])  # all become float32 in the end
            return True
        if node.op in _GROWING:
            largest = max((each.size for each in inputs if each is not None), default=0)
            self._grown += max(largest, _SMALL)
            if largest > _SMALL or self._grown > _ROOM:
                raise RefusedNodeError("it computes weights, which should be stored as they are")
        self.keep(node.outputs[0], run_node(node, inputs, self._graph.opset))
        return True

    def take(self, count: int) -> None:
        """Count values that blocks are given, before memory is taken for them.

        Raises RefusedNodeError if they are far more than the file holds.
        """
        self._taken += count
        if self._taken > 2 * sum(self._read.values()) + _ROOM:
            raise RefusedNodeError("it would need many times the memory that the file has")

    def _values_of(self, tensor: Tensor, name: str = "") -> Values:
        values = tensor.read()
        self._read[name or tensor.name] = values.size
        return values


def real_values(values: Values, what: str) -> Values:
    """Return values that are finite real numbers; raise RefusedNodeError for others."""
    if values.dtype.kind not in "fiu":
        raise RefusedNodeError(f"its {what} is not made of real numbers")
    with np.errstate(invalid="ignore"):
        ends = (values.min(), values.max()) if values.size else ()
    if not np.isfinite(ends).all():  # a NaN is both; a mask would take a quarter of their memory
        raise RefusedNodeError(f"its {what} holds values that are not finite numbers")
    return values


def whole_values(values: Values | None, what: str) -> list[int]:
    """Return a few whole numbers; raise DamagedError for anything else."""
    if values is None or values.dtype.kind not in "iu" or values.size > _SMALL:
        raise DamagedError(f"{what} is no short list of whole numbers")
    return [int(value) for value in values.reshape(-1)]
