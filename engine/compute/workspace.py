"""Workspace: what a forward pass keeps for its backward pass, in memory that each step reuses."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.array_types import Array, Shape, mapped_zeros
from engine.compute.numerics import numerics as usual_numerics
from engine.compute.pass_context import Scratch
from engine.compute.pass_memory import LayerMemory
from engine.compute.plain_numerics import Numerics

GROUPS = 16, 8, 1  # samples that are convolved together, the first if there is room for it


class Workspace(Scratch):
    """Buffers of one layer in one shard of the work.

    Asking again for a buffer with fewer samples gives the front of the same memory, so a smaller
    last batch costs nothing. What a layer must remember between forward and backward is stored
    by name. `run` is set by whoever starts a pass, `given` by whoever wants the outputs in other
    memory, `in_place` by whoever does not need what the layer is given. `in_pass` is the layer's
    part of a memory that outputs and gradients share. `numerics` is the twin that the layer
    computes by. One workspace serves one thread at a time.
    """

    def __init__(
        self,
        dtype: DTypeLike,
        scratch: dict[str, Array] | None = None,
        slot_id: int = 0,
        in_pass: LayerMemory | None = None,
        numerics: Numerics | None = None,
    ) -> None:
        super().__init__(dtype, scratch)
        self.numerics = numerics or usual_numerics(dtype)
        self.slot_id = slot_id
        self.given: Array | None = None
        self.in_place = False
        self._buffers: dict[str, Array] = {}
        self._indices: dict[str, NDArray[np.int32]] = {}
        self._in_pass = in_pass
        self._kept: dict[str, Array] = {}

    def buffer(self, name: str, shape: Shape) -> Array:
        """Return memory that this layer alone uses: zeros at first, then as it was left."""
        memory: Array = _front(self._buffers, name, shape, self.dtype)
        return memory

    def outputs_over(self, inputs: Array) -> Array:
        """Return memory for outputs that are computed value by value from the inputs.

        That is the inputs' own where nobody needs them any more (`in_place`) and none was given.
        """
        if not self.in_place or self.given is not None:
            return self.outputs(inputs.shape)
        if self._in_pass is not None:
            self._in_pass.write_over()
        return inputs

    def outputs(self, shape: Shape) -> Array:
        """Return memory for the layer's outputs: what the caller has given for them, or its own."""
        if self.given is not None:
            return self.given
        if self._in_pass is not None:
            return self._in_pass.outputs(shape)
        return self.buffer("outputs", shape)

    def input_gradient(self, shape: Shape) -> Array:
        """Return memory for the gradient of the layer's inputs, with any values in it.

        In the memory of a pass, it is good until the layer before has written its own.
        """
        if self._in_pass is None:
            return self.buffer("input_gradient", shape)
        return self._in_pass.gradient(shape)

    def input_gradient_over(self, gradient: Array) -> Array:
        """Return memory for an input gradient that is computed value by value from another.

        That is the other's own where it was passed on by the layer behind.
        """
        if self._in_pass is not None and self._in_pass.memory.holds_gradient(gradient):
            return gradient
        return self.input_gradient(gradient.shape)

    def indices(self, name: str, shape: Shape) -> NDArray[np.int32]:
        """Return memory for whole numbers, as `buffer` does."""
        memory: NDArray[np.int32] = _front(self._indices, name, shape, np.dtype(np.int32))
        return memory

    def portions(self, samples: int, work: int) -> Iterator[slice]:
        """Cut a batch into portions of whole groups; the pass may stop between two of them.

        `work` is that of one sample, as multiplications with additions. A layer before one that
        needs the whole batch, such as BatchNorm, gets as many samples as there are. Steps of so
        much work are not captured.
        """
        fitting = max(1, self.numerics.MULTIPLY_ADDS_AT_ONCE // max(1, work))
        portion = fitting - fitting % next(each for each in GROUPS if each <= fitting)
        for start in range(0, samples, portion):
            if start:
                self.run.may_stop()
            yield slice(start, min(start + portion, samples))

    def keep(self, name: str, array: Array) -> Array:
        """Remember an array for the backward pass."""
        self._kept[name] = array
        return array

    def kept(self, name: str) -> Array:
        """Return what the forward pass remembered."""
        return self._kept[name]


def _front(buffers: dict[str, Any], name: str, shape: Shape, dtype: np.dtype[Any]) -> Any:
    held = buffers.get(name)
    if held is None or held.shape[1:] != shape[1:] or len(held) < shape[0]:
        held = buffers[name] = mapped_zeros(shape, dtype)
    return held if len(held) == shape[0] else held[: shape[0]]
