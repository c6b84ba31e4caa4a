"""ArrayGrid: an array of any shape as cells, each of which can be chosen by its index."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.array_types import Array, Shape, format_shape
from engine.explain.indices import Index
from gui.glass.titled_grid import TitledGrid
from gui.theme import GRID, KIND_COLOURS
from gui.widgets.cell_layout import largest_scale
from gui.widgets.colour_bar import Levels
from gui.widgets.mosaic import ColourMap, range_of
from gui.widgets.number_grid import GridFrame, NumberGrid, ScaleSide

T = TypeVar("T", bound="np.generic[Any]")
_LEAST = 7 * GRID, 5 * GRID  # px
# px that a cell has at most: so that there is room for so many in a row, but within limits
_LARGE_CELLS, _USUAL, _LARGEST = 8, 56, 112
CHOSEN, SEEN = KIND_COLOURS["Dense"], KIND_COLOURS["Pooling"]


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
    for columns in sorted({math.ceil(count / rows) for rows in range(1, count + 1)}):
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


def _fits(
    cells: tuple[int, int], gaps: tuple[int, int], room: tuple[float, float], ratio: float
) -> bool:
    return all(
        count / ratio + between <= across
        for count, between, across in zip(cells, gaps, room, strict=True)
    )


class ArrayGrid(TitledGrid):
    """Shows maps beside each other, kernels as tiles, a vector in rows, under a name.

    They are arranged so that their cells are as large as they can be. `chosen` and `pointed` carry
    an index of the array: (map, row, column), (n,), ...
    """

    chosen = Signal(object)
    pointed = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, NumberGrid(browsable=True, writing="brief", scale="right"), parent)
        # It arranges itself in any room, so its shape asks for none.
        self.grid.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.grid.setMinimumSize(*_LEAST)
        self._array: Array = np.zeros(1)
        self._tiling = Tiling(1, 1, 1, 1, 1)
        self._drawn: tuple[str, ColourMap, Levels | None] = ("", "viridis", None)
        self._windows: list[tuple[Index, int, int, str]] = []  # with height and width in cells
        self.grid.clicked.connect(self._choose)
        self.grid.chosen.connect(self._choose)
        self.grid.hovered.connect(self._point)

    def show_array(
        self, words: str, array: Array, colours: ColourMap, levels: Levels | None = None
    ) -> None:
        """Show an array that is not written to, on a scale that follows it or is given."""
        if array.shape != self._array.shape:
            self._windows = []
            self.grid.set_current(0, 0)
        self._array, self._drawn = array, (words, colours, levels)
        self._arrange()
        self._draw()

    def set_scale(self, side: ScaleSide) -> None:
        """Put the scale at another side."""
        self.grid.set_scale(side)
        self._arrange()
        self._draw()

    def array(self) -> Array:
        """The array that is shown."""
        return self._array

    def mark(self, indices: Sequence[Index], colour: str = CHOSEN) -> None:
        """Frame some values."""
        self._windows = [(index, 1, 1, colour) for index in indices]
        self._frame()

    def mark_window(
        self, maps: Sequence[int], top: int, left: int, height: int, width: int, colour: str = SEEN
    ) -> None:
        """Frame the same window in some maps."""
        self._windows = [((number, top, left), height, width, colour) for number in maps]
        self._frame()

    def mark_map(self, number: int) -> None:
        """Frame a whole map, or a value of a vector."""
        if self._array.ndim == 3:
            height, width = self._array.shape[1:]
            self.mark_window([number], 0, 0, height, width, CHOSEN)
        elif self._array.ndim == 1:
            self.mark([(number,)], CHOSEN)

    def go_to(self, index: Index) -> None:
        """Let the keys be at a value."""
        cell = self._shown_cell(index)
        if cell is not None:
            self.grid.set_current(*cell)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the tiles anew for the room that there is."""
        super().resizeEvent(event)
        width = event.size().width()
        self.grid.set_largest(min(max(width // _LARGE_CELLS, _USUAL), _LARGEST))
        before = self._tiling
        self._arrange()
        if self._tiling != before:
            self._draw()

    def _arrange(self) -> None:
        height = self.height() - self.height_above()
        room, ratio = self.grid.room_in(self.width(), height), self.devicePixelRatioF()
        shape, largest = _tile_shape(self._array.shape), self.grid.largest_cell()
        self._tiling = tiling_for(shape, room, ratio, largest)

    def _draw(self) -> None:
        words, colours, levels = self._drawn
        tiling = self._tiling
        picture, gaps = tiling.laid_out(self._array)
        part = "" if tiling.shown == tiling.count else f", the first {tiling.shown:,}"
        whole = f"{words}  {format_shape(self._array.shape)}{part}"
        tile = (tiling.height, tiling.width) if tiling.height * tiling.width > 1 else None
        levels = range_of(self._array) if levels is None else levels
        self.show_values(whole, picture, colours, levels, gaps=gaps, tile=tile)
        self._frame()

    def _frame(self) -> None:
        frames = []
        for index, height, width, colour in self._windows:
            cell = self._shown_cell(index)
            if cell is not None:
                frames.append(GridFrame(*cell, height, width, colour))
        self.grid.set_frames(frames)

    def _shown_cell(self, index: Index) -> tuple[int, int] | None:
        number = int(np.ravel_multi_index(index, self._array.shape))
        shown = number < self._tiling.shown * self._tiling.height * self._tiling.width
        return self._tiling.cell(number) if shown else None

    def _index(self, row: int, column: int) -> Index | None:
        number = self._tiling.number(row, column)
        if number is None or number >= self._array.size:
            return None
        return tuple(int(axis) for axis in np.unravel_index(number, self._array.shape))

    def _choose(self, row: int, column: int) -> None:
        index = self._index(row, column)
        if index is not None:
            self.chosen.emit(index)

    def _point(self, row: int, column: int) -> None:
        index = self._index(row, column)
        if index is not None:
            self.pointed.emit(index)


def _tile_shape(shape: Shape) -> tuple[int, int, int]:
    """Return how many tiles of which height and width an array is: of a vector, its values."""
    if len(shape) >= 3:
        return int(np.prod(shape[:-2])), shape[-2], shape[-1]
    if len(shape) == 2 and shape[1] > 1:
        return 1, shape[0], shape[1]
    return int(np.prod(shape)), 1, 1
