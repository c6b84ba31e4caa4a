"""Which value of a block's input or output is meant, in words and numbers."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Shape

Index = tuple[int, ...]


def index_of(shape: Shape, number: int) -> Index:
    """Find element `number` of a reshaped vector in a shape: its (map, row, column), all from 0."""
    return tuple(int(axis) for axis in np.unravel_index(number, shape))


def number_of(shape: Shape, index: Index) -> int:
    """Return the number that the value at an index has in the reshaped vector: the way back."""
    return int(np.ravel_multi_index(index, shape))


def all_indices(shape: Shape) -> NDArray[np.intp]:
    """List every index of a shape, in the order of a reshaped vector: (values, axes)."""
    return np.stack(np.unravel_index(np.arange(math.prod(shape)), shape), axis=1)


def index_brackets(index: Index) -> str:
    """Write an index in brief, counting from 1: `[2, 5, 7]`."""
    return f"[{', '.join(str(axis + 1) for axis in index)}]"


def index_words(index: Index) -> str:
    """Name an index for people, counting from 1: `map 2, row 5, column 7`, or `value 12`.

    One of four axes is a weight of a kernel: of which map, and over which channel.
    """
    if len(index) == 4:
        return f"kernel {index[0] + 1}, channel {index[1] + 1}, {index_words(index[2:])}"
    if len(index) == 3:
        return f"map {index[0] + 1}, row {index[1] + 1}, column {index[2] + 1}"
    if len(index) == 2:
        return f"row {index[0] + 1}, column {index[1] + 1}"
    return f"value {index[0] + 1}"
