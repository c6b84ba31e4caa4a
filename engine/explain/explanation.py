"""How one value is explained: the numbers that make it, in one form for every kind of block."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.array_types import Array, read_only


def frozen(array: ArrayLike) -> Array:
    """Copy numbers into an array of float64, read-only."""
    return read_only(np.array(array, np.float64, order="C"))


def subscript(*numbers: int) -> str:
    """Write indices, which count from 0, as the equations do, from 1: `21`, or `12,3`."""
    ones = [str(number + 1) for number in numbers]
    return ("," if any(len(one) > 1 for one in ones) else "").join(ones)


@dataclass(frozen=True)
class Number:
    """A number with the name that it has in the equation."""

    label: str
    value: float


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers that come in rows, such as the products of a sum: values (rows, columns).

    `indices` (rows, axes) says which value of the block's input (looking forward) or output
    (looking backward) a row is about. `chosen` is the row that alone decides, of a maximum, say.
    `sums` says that the numbers of the last column are added up.
    """

    columns: tuple[str, ...]
    values: Array
    indices: NDArray[Any]
    chosen: int | None = None
    sums: bool = False


@dataclass(frozen=True, eq=False)
class FunctionCurve:
    """A function of one number with its derivative, and the point that the value is at."""

    name: str
    slope_name: str
    x: Array
    y: Array
    slope: Array
    point: tuple[float, float]
    point_slope: float


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a value is what it is.

    `equation` is written with the value's own indices. `numbers` are the few that have names;
    `table` holds those that come in rows. `note` adds what the numbers do not say, or is empty.
    """

    title: str
    equation: str
    numbers: tuple[Number, ...]
    result: Number
    table: Table | None = None
    curve: FunctionCurve | None = None
    note: str = ""
