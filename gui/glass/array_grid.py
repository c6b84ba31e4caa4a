"""ArrayGrid: an array of any shape as cells, each of which can be chosen by its place."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from engine.arrays import Array, format_shape
from engine.explain.indices import Index
from gui.glass.notation import RAISED
from gui.theme import KIND_COLOURS, set_muted
from gui.widgets.colour_bar import Levels
from gui.widgets.labelled import plain_label
from gui.widgets.mosaic import ColourMap
from gui.widgets.mosaic_layout import TileLayout
from gui.widgets.number_grid import GridFrame, NumberGrid
from gui.widgets.tooltips import plain_tooltip

CHOSEN, SEEN = KIND_COLOURS["Dense"], KIND_COLOURS["Pooling"]


class ArrayGrid(QWidget):
    """Shows maps beside each other, kernels as tiles, a vector in rows, under a name.

    `chosen` and `pointed` carry a place of the array: (map, row, column), (n,), ...
    """

    chosen = Signal(object)
    pointed = Signal(object)
    left = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._array: Array = np.zeros(1)
        self._layout = TileLayout(1, 1, 1, 1, 1.0)
        self._words = self._shape = ""
        self._title = plain_label()
        set_muted(self._title)
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.grid = NumberGrid("viridis", browsable=True)
        self.grid.setObjectName(name)
        self.grid.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._title)
        column.addWidget(self.grid, 1)
        self.grid.clicked.connect(self._choose)
        self.grid.chosen.connect(self._choose)
        self.grid.hovered.connect(self._point)
        self.grid.left.connect(self.left)

    def show_array(
        self, words: str, array: Array, colours: ColourMap, levels: Levels | None = None
    ) -> None:
        """Show an array that is not written to, on a scale that follows it or is given."""
        if array.shape != self._array.shape:
            self.grid.set_frames([])
            self.grid.set_current(0, 0)
        self._array = array
        tiles = _tiles(array)
        self._layout = _layout_of(tiles)
        self._words, self._shape = words, format_shape(array.shape)
        self.grid.setAccessibleName(f"{words}, {self._shape}")
        self._title.setToolTip(plain_tooltip(f"{words}  {self._shape}"))
        self.grid.set_colour_map(colours)
        numbers = _side_by_side(np.arange(tiles.size).reshape(tiles.shape), self._layout)
        gaps = ~(numbers < array.size)  # between the tiles it is NaN, which is not less either
        self.grid.set_values(_side_by_side(tiles, self._layout), levels, gaps=gaps)
        self._write_title()

    def array(self) -> Array:
        """The array that is shown."""
        return self._array

    def title(self) -> str:
        """What is said above it."""
        return self._title.text()

    def mark(self, places: Sequence[Index], colour: str = CHOSEN) -> None:
        """Frame some values, or whole windows of maps given by their corner cells."""
        frames = [GridFrame(*self.cell_of(place), 1, 1, colour) for place in places]
        self.grid.set_frames(frames)

    def mark_window(
        self, maps: Sequence[int], top: int, left: int, height: int, width: int, colour: str = SEEN
    ) -> None:
        """Frame the same window in some maps."""
        frames = []
        for number in maps:
            row, column = self.cell_of((number, top, left))
            frames.append(GridFrame(row, column, height, width, colour))
        self.grid.set_frames(frames)

    def go_to(self, place: Index) -> None:
        """Let the keys be at a value."""
        self.grid.set_current(*self.cell_of(place))

    def cell_of(self, place: Index) -> tuple[int, int]:
        """Return the row and column of the grid in which a value stands."""
        number = int(np.ravel_multi_index(place, self._array.shape))
        tile, within = divmod(number, self._layout.height * self._layout.width)
        row, column = self._layout.corner(tile)
        return row + within // self._layout.width, column + within % self._layout.width

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say what holds for the numbers that fit now."""
        super().resizeEvent(event)
        self._write_title()

    def _write_title(self) -> None:
        exponent = self.grid.exponent()
        factor = f" · 10{str(exponent).translate(RAISED)}" if exponent else ""
        whole = f"{self._words}  {self._shape}{factor}"
        fits = self._title.fontMetrics().horizontalAdvance(whole) <= self.width()
        self._title.setText(whole if fits else self._words + factor)

    def _place(self, row: int, column: int) -> Index | None:
        found = self._layout.locate(row, column)
        if found is None:
            return None
        tile, row, column = found
        number = (tile * self._layout.height + row) * self._layout.width + column
        if number >= self._array.size:
            return None
        return tuple(int(axis) for axis in np.unravel_index(number, self._array.shape))

    def _choose(self, row: int, column: int) -> None:
        place = self._place(row, column)
        if place is not None:
            self.chosen.emit(place)

    def _point(self, row: int, column: int) -> None:
        place = self._place(row, column)
        if place is not None:
            self.pointed.emit(place)


def _tiles(array: Array) -> Array:
    """Arrange an array as maps (n, h, w): a vector as one sheet, filled up with NaN."""
    if array.ndim >= 3:
        return array.reshape(-1, *array.shape[-2:])
    if array.ndim == 2 and array.shape[1] > 1:
        return array[np.newaxis]
    flat = array.reshape(-1)
    width = max(1, min(len(flat), math.ceil(math.sqrt(len(flat)))))
    sheet = np.full(math.ceil(len(flat) / width) * width, np.nan)
    sheet[: len(flat)] = flat
    return sheet.reshape(1, -1, width)


def _layout_of(tiles: Array) -> TileLayout:
    count, height, width = tiles.shape
    columns = max(1, min(count, math.ceil(math.sqrt(count * (height + 1) / (width + 1)))))
    return TileLayout(count, height, width, math.ceil(count / math.ceil(count / columns)), 1.0)


def _side_by_side(tiles: Array | NDArray[np.intp], layout: TileLayout) -> Array:
    """Put tiles beside each other, with one cell of NaN between them."""
    picture = np.full(layout.shape, np.nan)
    for tile, values in enumerate(tiles):
        row, column = layout.corner(tile)
        picture[row : row + layout.height, column : column + layout.width] = values
    return picture
