"""Memory that passes through a network leave for each other and reuse from step to step."""

import numpy as np
from numpy.typing import DTypeLike

from engine.arrays import Array, Shape


class Workspace:
    """Buffers of one layer in one shard of the work.

    Asking again for a buffer with fewer samples gives the front of the same memory, so a smaller
    last batch costs nothing. What a layer must remember between forward and backward is stored
    by name. One workspace serves one thread at a time.
    """

    def __init__(self, dtype: DTypeLike, scratch: dict[str, Array] | None = None) -> None:
        self.dtype = np.dtype(dtype)
        self._buffers: dict[str, Array] = {}
        self._scratch = {} if scratch is None else scratch
        self._kept: dict[str, Array] = {}

    def buffer(self, name: str, shape: Shape) -> Array:
        """Give memory that stays untouched until this layer asks for the name again."""
        return _front(self._buffers, name, shape, self.dtype)

    def scratch(self, name: str, shape: Shape) -> Array:
        """Give memory that other layers of the shard use too: good within one call only."""
        return _front(self._scratch, name, shape, self.dtype)

    def keep(self, name: str, array: Array) -> Array:
        """Remember an array for the backward pass."""
        self._kept[name] = array
        return array

    def kept(self, name: str) -> Array:
        """Give back what the forward pass remembered."""
        return self._kept[name]


def _front(buffers: dict[str, Array], name: str, shape: Shape, dtype: np.dtype) -> Array:
    held = buffers.get(name)
    if held is None or held.shape[1:] != shape[1:] or held.shape[0] < shape[0]:
        held = buffers[name] = np.zeros(shape, dtype)
    return held if held.shape[0] == shape[0] else held[: shape[0]]
