"""Array and Shape, the types of every signature of the engine, and helpers for both."""

import math
import mmap
import sys
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[np.floating[Any]]
Shape = tuple[int, ...]

CACHE_LINE = 64  # bytes
LARGE = 262_144  # bytes; fewer are not worth pages of their own


def is_vector(shape: Shape) -> bool:
    """Return whether a shape is that of a vector, (n,) or the column form (n, 1)."""
    return len(shape) == 1 or (len(shape) == 2 and shape[1] == 1)


def format_shape(shape: Shape) -> str:
    """Write a shape as people do: `5×26×26` for maps, `100` for a vector."""
    return "×".join(str(size) for size in shape)


def describe_shape(shape: Shape) -> str:
    """Say in words what a shape holds: `5×26×26 = 3380 values as maps`, `a vector of 100`."""
    if len(shape) == 1:
        return f"a vector of {shape[0]}"
    if len(shape) == 3:
        return f"{format_shape(shape)} = {math.prod(shape)} values as maps"
    return f"{format_shape(shape)} = {math.prod(shape)} values"


def read_only(array: Array) -> Array:
    """Return an array after making it read-only."""
    array.setflags(write=False)
    return array


def quiet_overflow() -> np.errstate:
    """Return a context in which numpy does not warn of values that are not finite.

    Whoever asks for them reports or shows them. A context can be entered once only.
    """
    return np.errstate(over="ignore", invalid="ignore")


def is_finite(array: Array) -> bool:
    """Return whether all values are finite.

    A sum of squares that is finite says so in one pass, without an array of answers.
    """
    flat = array.reshape(-1)
    with quiet_overflow():
        squares = np.dot(flat, flat)
    return bool(np.isfinite(squares) or np.isfinite(flat).all())


def plain(array: Array) -> Array:
    """Return the array if it lies in memory in order and may be written to, else such a copy.

    Compiled loops are compiled anew for every other kind of array, which takes seconds.
    """
    flags = array.flags
    return array if flags.c_contiguous and flags.writeable else np.array(array, order="C")


def aligned(array: Array, dtype: DTypeLike) -> Array:
    """Copy an array to memory that starts with a cache line, as the processor's vectors like it."""
    copied = np.empty(array.size * np.dtype(dtype).itemsize + CACHE_LINE, np.uint8)
    start = -copied.ctypes.data % CACHE_LINE
    found: Array = copied[start : start + array.size * np.dtype(dtype).itemsize].view(dtype)
    found = found.reshape(array.shape)
    found[...] = array
    return found


def mapped_zeros(shape: Shape, dtype: DTypeLike) -> NDArray[Any]:
    """Return zeros; large arrays get pages of their own, whose memory goes back when they go.

    Of large arrays in the heap of the C library, gaps remain that the program keeps.
    """
    count = math.prod(shape)
    size = count * np.dtype(dtype).itemsize
    if size < LARGE:
        return np.zeros(shape, dtype)
    private = {} if sys.platform == "win32" else {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS}
    try:
        pages = mmap.mmap(-1, size, **private)
    except OSError as error:
        raise MemoryError from error
    return np.frombuffer(pages, dtype, count).reshape(shape)
