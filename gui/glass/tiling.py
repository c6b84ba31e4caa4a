"""How the tiles of an array are arranged so that their cells are as large as the room allows."""

import math
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from gui.widgets.cell_layout import largest_scale

T = TypeVar("T", bound="np.generic[Any]")


@dataclass(frozen=True)
class Tiling:
    """`shown` of `count` tiles of `height` × `width` cells, in rows of `columns` tiles."""

    count: int
    height: int
    width: int
    columns: int
    shown: int

    def cell(self, number: int) -> tuple[int, int]:
        """Return the row and column of a value, counted through all tiles."""
        tile, within = divmod(number, self.height * self.width)
        row, column = divmod(tile, self.columns)
        inside = divmod(within, self.width)
        return row * self.height + inside[0], column * self.width + inside[1]

    def number(self, row: int, column: int) -> int | None:
        """Return which value stands in a row and column; None if none does."""
        tile_row, inside_row = divmod(row, self.height)
        tile_column, inside_column = divmod(column, self.width)
        tile = tile_row * self.columns + tile_column
        if tile >= self.shown or tile_column >= self.columns:
            return None
        return (tile * self.height + inside_row) * self.width + inside_column

    def laid_out(self, array: Array) -> tuple[Array, NDArray[np.bool_]]:
        """Return the picture of the tiles (h, w), and which of its cells are none."""
        rows = math.ceil(self.shown / self.columns)
        tiles = np.full((rows * self.columns, self.height, self.width), np.nan)
        empty = np.ones(tiles.shape, np.bool_)
        given = array.reshape(self.count, self.height, self.width)[: self.shown]
        tiles[: self.shown], empty[: self.shown] = given, False
        return self._beside(tiles), self._beside(empty)

    def _beside(self, tiles: NDArray[T]) -> NDArray[T]:
        rows = len(tiles) // self.columns
        apart = tiles.reshape(rows, self.columns, self.height, self.width)
        return apart.transpose(0, 2, 1, 3).reshape(rows * self.height, self.columns * self.width)


def tiling_for(
    shape: tuple[int, int, int], room: tuple[float, float], ratio: float, largest: float
) -> Tiling:
    """Arrange tiles (count, height, width) in a room (across, down) of px.

    A cell has `largest` px at most. Of arrangements with equally large cells, that with the fewest
    empty places is taken, then that with the fewest rows. Where not all fit though a cell has one
    device px, the first are shown.
    """
    count, height, width = shape
    best: tuple[float, int, int] | None = None
    for columns in _choices(count):
        rows = math.ceil(count / columns)
        gaps = (columns - 1, rows - 1) if height * width > 1 else (0, 0)
        cells = (columns * width, rows * height)
        if not _fits(cells, gaps, room, ratio):
            continue
        scale = min(largest, largest_scale(room, cells, gaps, ratio))
        key = (scale, count - rows * columns, columns)
        if best is None or key > best:
            best = key
    if best is not None:
        return Tiling(count, height, width, best[2], count)
    columns = max(1, int((room[0] * ratio + 1) // (width + 1)))
    rows = max(1, int((room[1] * ratio + 1) // (height + 1)))
    shown = min(count, columns * rows)
    return Tiling(count, height, width, min(columns, shown), shown)


def _choices(count: int) -> list[int]:
    """List the numbers of columns that give different numbers of rows."""
    return sorted({math.ceil(count / rows) for rows in range(1, count + 1)})


def _fits(
    cells: tuple[int, int], gaps: tuple[int, int], room: tuple[float, float], ratio: float
) -> bool:
    return all(
        count / ratio + between <= across
        for count, between, across in zip(cells, gaps, room, strict=True)
    )
