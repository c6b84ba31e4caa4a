"""A window over maps: where it lies, what it covers, and what comes of it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, Shape
from engine.explain.equations import Equation, Index


class Window(NamedTuple):
    """A rectangle of cells."""

    top: int
    left: int
    height: int
    width: int


@dataclass(frozen=True, eq=False)
class PaddedMap:
    """One map as the window meets it, with the zeros inserted around and between its values.

    Cell (r, c) of the map (height, width) lies at (top + r · spacing, left + c · spacing) of
    `values`; every other cell of `values` is a zero that padding, the full convolution or the
    stride put there.
    """

    name: str
    values: Array
    top: int
    left: int
    spacing: int
    map_shape: Shape

    @property
    def inserted(self) -> NDArray[np.bool_]:
        """Return of every cell whether it is a zero that was inserted."""
        mask = np.ones(self.values.shape, np.bool_)
        self._at_map(mask)[...] = False
        return mask

    @property
    def map(self) -> Array:
        """The map without the inserted zeros."""
        own: Array = self._at_map(self.values)
        return own

    def _at_map(self, cells: NDArray[Any]) -> NDArray[Any]:
        height, width = self.map_shape
        return cells[
            self.top : self.top + (height - 1) * self.spacing + 1 : self.spacing,
            self.left : self.left + (width - 1) * self.spacing + 1 : self.spacing,
        ]


@dataclass(frozen=True, eq=False)
class Term:
    """One map under the window: patch times factors, cell by cell, and their sum.

    `map` is the number of the map that the sheet shows; `text` writes the term as its equation
    does. `turned` says that the factors are the kernel turned by 180°, `channel` which colour of
    the image the map is.
    """

    map: int
    text: str
    sheet: PaddedMap
    patch: Array
    factors_name: str
    factors: Array
    turned: bool
    products: Array
    total: float
    channel: str = ""


@dataclass(frozen=True, eq=False)
class Step:
    """One finished cell (row, column) of a result, and all that made it.

    The window lies at the same place of every term's sheet. `bias` is None where the equation has
    none. `running` are the sums so far: of the bias, if there is one, and term by term.
    """

    equation: Equation
    index: Index
    row: int
    column: int
    window: Window
    terms: tuple[Term, ...]
    bias: float | None
    running: tuple[float, ...]
    value: float
