"""Which value of a block's input or output is meant, in words and numbers."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Shape, format_shape

Index = tuple[int, ...]


def place_of(shape: Shape, number: int) -> Index:
    """Find element `number` of a reshaped vector in a shape: its (map, row, column), all from 0.

    Raises IndexError if there is no such element.
    """
    if not 0 <= number < math.prod(shape):
        raise IndexError(f"{format_shape(shape)} has no element {number}")
    return tuple(int(axis) for axis in np.unravel_index(number, shape))


def number_of(shape: Shape, place: Index) -> int:
    """Return the number that the value at a place has in the reshaped vector: the way back.

    Raises IndexError if the shape has no such place.
    """
    check_index(shape, place)
    return int(np.ravel_multi_index(place, shape))


def check_index(shape: Shape, place: Index) -> None:
    """Raise IndexError if the shape has no such place."""
    inside = len(place) == len(shape) and all(
        0 <= axis < size for axis, size in zip(place, shape, strict=True)
    )
    if not inside:
        raise IndexError(f"{format_shape(shape)} has no place {place}")


def all_places(shape: Shape) -> NDArray[np.intp]:
    """List every place of a shape, in the order of a reshaped vector: (values, axes)."""
    return np.stack(np.unravel_index(np.arange(math.prod(shape)), shape), axis=1)


def index_brackets(place: Index) -> str:
    """Write a place as code does, counting from 0: `[1, 4, 6]`."""
    return f"[{', '.join(map(str, place))}]"


def index_words(place: Index) -> str:
    """Name a place for people, counting from 1: `map 2, row 5, column 7`, or `value 12`."""
    if len(place) == 3:
        return f"map {place[0] + 1}, row {place[1] + 1}, column {place[2] + 1}"
    if len(place) == 2:
        return f"row {place[0] + 1}, column {place[1] + 1}"
    return f"value {place[0] + 1}"
