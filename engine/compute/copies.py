"""Copies: the same arrays are copied again and again, into memory of copies that are gone."""

import weakref
from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.array_types import CACHE_LINE, Array

Key = TypeVar("Key", bound=Hashable)
Bytes = NDArray[np.uint8]
_Block = tuple[Bytes, weakref.ref[Bytes]]  # the memory, and what a copy holds of it

WATCHED = 64  # copies that somebody uses, and whose memory may be used again after that
BLOCKS, FREE = 32, 32_000_000  # that nobody uses, and their bytes, at most
LARGEST = 8_000_000  # bytes; to train with more takes so long that copies cost little


class Copies(Generic[Key]):
    """Copies arrays, of the same shapes each time, into memory that nobody uses any more.

    The system clears each page of new memory when it is first written to, which takes several times
    as long as to copy into it. A copy is in use as long as any of its arrays, or a view of one, is.
    """

    def __init__(self) -> None:
        # All views of a copy hold the array that was made for it, of bytes in such a memory: numpy
        # looks no further than a buffer for whom a view is of. Once that array is gone, they are.
        self._blocks: list[_Block] = []

    def copy(self, arrays: Mapping[Key, Array]) -> dict[Key, Array]:
        """Return copies of arrays, by the same keys."""
        lines = [-(-array.nbytes // CACHE_LINE) * CACHE_LINE for array in arrays.values()]
        size = sum(lines) + CACHE_LINE
        if size > LARGEST:
            return {key: array.copy() for key, array in arrays.items()}
        block = self._block(size)
        start = -block.ctypes.data % CACHE_LINE
        found = {}
        for (key, array), taken in zip(arrays.items(), lines, strict=True):
            copied = block[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
            np.copyto(copied, array)
            found[key], start = copied, start + taken
        return found

    def _block(self, size: int) -> Bytes:
        """Return so many bytes that nobody uses."""
        used, free = list[_Block](), list[_Block]()
        for memory, held in self._blocks:  # another thread may let one go meanwhile
            (free if held() is None else used).append((memory, held))
        free = [each for each in free if len(each[0]) == size][-min(BLOCKS, FREE // size) :]
        memory = free.pop()[0] if free else np.empty(size, np.uint8)
        block: Bytes = np.frombuffer(memory.data, np.uint8)
        self._blocks = [*used[-WATCHED:], *free, (memory, weakref.ref(block))]
        return block
