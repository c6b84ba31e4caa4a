"""The words that every signature of the engine uses, and how a shape is written for people."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Shape = tuple[int, ...]


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


def plain(array: Array) -> Array:
    """Give an array that lies in memory in order and may be written to; a copy if this one is not.

    Compiled loops are compiled anew for every other kind of array, which takes seconds.
    """
    flags = array.flags
    return array if flags.c_contiguous and flags.writeable else np.array(array, order="C")
