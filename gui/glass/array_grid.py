"""ArrayGrid: an array of any shape as cells, each of which can be chosen by its index."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.array_types import Array, Shape, format_shape
from engine.explain.indices import Index
from gui.glass.titled_grid import TitledGrid
from gui.theme import GRID, KIND_COLOURS
from gui.widgets.colour_scale import ColourMap, Levels, ScaleSide
from gui.widgets.number_grid import GridFrame, NumberGrid

_LEAST = 7 * GRID, 5 * GRID  # px
# px that a cell has at most: so that there is room for so many in a row, but within limits
_LARGE_CELLS, _USUAL, _LARGEST = 8, 56, 112
CHOSEN, SEEN = KIND_COLOURS["Dense"], KIND_COLOURS["Pooling"]


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
        self.array: Array = np.zeros(1)
        self._said = ""
        self._windows: list[tuple[Index, int, int, str]] = []  # with height and width in cells
        self.grid.clicked.connect(self._choose)
        self.grid.chosen.connect(self._choose)
        self.grid.hovered.connect(self._point)

    def show_array(
        self, words: str, array: Array, colours: ColourMap, levels: Levels | None = None
    ) -> None:
        """Show an array that is not written to, on a scale that follows it or is given."""
        if array.shape != self.array.shape:
            self._windows = []
            self.grid.set_current(0, 0)
        self.array, self._said = array, words
        self.show_values("", array.reshape(_tile_shape(array.shape)), colours, levels)
        self._frame()

    def name_it(self) -> None:
        """Name the array with its shape, and say how many of its maps or values have room."""
        shown, count = self.grid.cells().count, len(self.grid.values())
        part = "" if shown == count else f", the first {shown:,}"
        self._name(f"{self._said}  {format_shape(self.array.shape)}{part}")
        super().name_it()

    def set_scale(self, side: ScaleSide) -> None:
        """Put the scale at another side."""
        self.grid.set_scale(side)
        self._frame()

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
        if self.array.ndim == 3:
            height, width = self.array.shape[1:]
            self.mark_window([number], 0, 0, height, width, CHOSEN)
        elif self.array.ndim == 1:
            self.mark([(number,)], CHOSEN)

    def go_to(self, index: Index) -> None:
        """Let the keys be at a value."""
        cell = self.cell_of(index)
        if cell is not None:
            self.grid.set_current(*cell)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the tiles anew for the room that there is."""
        width = event.size().width()
        self.grid.set_largest(min(max(width // _LARGE_CELLS, _USUAL), _LARGEST))
        super().resizeEvent(event)
        self._frame()

    def _frame(self) -> None:
        frames = []
        for index, height, width, colour in self._windows:
            cell = self.cell_of(index)
            if cell is not None:
                frames.append(GridFrame(*cell, height, width, colour))
        self.grid.set_frames(frames)

    def cell_of(self, index: Index) -> tuple[int, int] | None:
        """Return the cell in which a value stands; None if it has no room."""
        number, cells = int(np.ravel_multi_index(index, self.array.shape)), self.grid.cells()
        tile, within = divmod(number, cells.height * cells.width)
        return cells.place(tile, *divmod(within, cells.width)) if tile < cells.count else None

    def _index(self, row: int, column: int) -> Index:
        place = self.grid.cells().within(row, column)
        assert place is not None
        number = np.ravel_multi_index(place, self.grid.values().shape)
        return tuple(int(axis) for axis in np.unravel_index(number, self.array.shape))

    def _choose(self, row: int, column: int) -> None:
        self.chosen.emit(self._index(row, column))

    def _point(self, row: int, column: int) -> None:
        self.pointed.emit(self._index(row, column))


def _tile_shape(shape: Shape) -> tuple[int, int, int]:
    """Return how many tiles of which height and width an array is: of a vector, its values."""
    if len(shape) >= 3:
        return int(np.prod(shape[:-2])), shape[-2], shape[-1]
    if len(shape) == 2 and shape[1] > 1:
        return 1, shape[0], shape[1]
    return int(np.prod(shape)), 1, 1
