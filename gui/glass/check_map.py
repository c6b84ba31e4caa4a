"""ErrorMap: the relative errors of one checked array as a heat map; a cell tells its numbers."""

import math

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.arrays import Array
from engine.explain.checked import ArrayCheck
from engine.explain.places import place_of
from gui.theme import GRID, set_muted
from gui.widgets.colour_bar import ColourBar
from gui.widgets.mosaic_layout import TileLayout
from gui.widgets.number_grid import NumberGrid
from gui.widgets.numbers import short

LEVELS = (-14.0, -2.0)  # powers of ten: from rounding to plainly wrong
MOST_CELLS = 5_000  # of an array that is shown in its own shape
_POINT = "Point at a cell, or go there with the arrows, to read both numbers"


class ErrorMap(QWidget):
    """Shows errors on a logarithmic scale; blank cells were not compared.

    An array that is too large is shown as the values that were drawn from it, one after the other.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._check: ArrayCheck | None = None
        self._layout = TileLayout(1, 1, 1, 1, 1.0)
        self._title = QLabel()
        set_muted(self._title)
        self.grid = NumberGrid("viridis", browsable=True, largest=28)
        self.grid.setObjectName("check.map")
        self._bar = ColourBar("viridis")
        self._bar.set_levels(LEVELS)
        self._bar.setToolTip("Powers of ten: −6 stands for a relative error of 0.000001")
        self.readout = QLabel()
        self.readout.setObjectName("check.numbers")
        self.readout.setWordWrap(True)
        set_muted(self.readout)
        body = QHBoxLayout()
        body.setSpacing(GRID)
        body.addWidget(self.grid, 1)
        body.addWidget(self._bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(self._title)
        column.addLayout(body, 1)
        column.addWidget(self.readout)
        self.grid.hovered.connect(self._read)
        self.grid.clicked.connect(self._read)
        self.show_check(None)

    def show_check(self, check: ArrayCheck | None) -> None:
        """Show the errors of an array, or none."""
        self._check = check
        for widget in (self.grid, self._bar, self.readout, self._title):
            widget.setVisible(check is not None)
        if check is None:
            return
        whole = check.size <= MOST_CELLS
        errors = check.heat if whole else check.errors
        self._title.setText(
            f"log₁₀ of the relative error, {check.full_name}"
            + ("" if whole else f": the {len(check.numbers):,} values drawn")
        )
        self.grid.setAccessibleName(self._title.text())
        tiles = _tiles(errors)
        self._layout = _layout(tiles)
        self.grid.set_values(self._picture(tiles), LEVELS)
        self.readout.setText(_POINT)

    def _picture(self, tiles: Array) -> Array:
        """Put the tiles beside each other, as powers of ten, blank between them."""
        layout = self._layout
        picture = np.full(layout.shape, np.nan)
        with np.errstate(divide="ignore"):
            powers = np.maximum(np.log10(tiles), LEVELS[0])
        for tile, values in enumerate(powers):
            row, column = layout.corner(tile)
            picture[row : row + layout.height, column : column + layout.width] = values
        return picture

    @Slot(int, int)
    def _read(self, row: int, column: int) -> None:
        check, found = self._check, self._layout.locate(row, column)
        if check is None or found is None:
            return
        tile, row, column = found
        number = (tile * self._layout.height + row) * self._layout.width + column
        if check.size > MOST_CELLS:
            number = int(check.numbers[number]) if number < len(check.numbers) else -1
        if not 0 <= number < check.size:
            return
        place = place_of(check.shape, number)
        value = check.value(place)
        at = f"{check.name} [{', '.join(str(axis) for axis in place)}]"
        if value is None:
            self.readout.setText(f"{at} was not among the values drawn.")
            return
        kink = " It stands on a kink." if value.is_kink else ""
        self.readout.setText(
            f"{at}: backward {short(value.backward, 8)}, difference {short(value.numeric, 8)}, "
            f"relative error {value.error:.1e}.{kink}"
        )


def _tiles(errors: Array) -> Array:
    """Arrange errors as maps (n, h, w): kernels and maps as they are, the rest as one sheet."""
    if errors.ndim == 4:
        return errors.reshape(-1, *errors.shape[2:])
    if errors.ndim == 3:
        return errors
    if errors.ndim == 2 and errors.shape[1] > 1:
        return errors[np.newaxis]
    flat = errors.reshape(-1)
    width = max(1, math.isqrt(len(flat)))
    height = math.ceil(len(flat) / width)
    sheet = np.full(height * width, np.nan)
    sheet[: len(flat)] = flat
    return sheet.reshape(1, height, width)


def _layout(tiles: Array) -> TileLayout:
    count, height, width = tiles.shape
    columns = max(1, min(count, round(math.sqrt(count * (height + 1) / (width + 1)))))
    return TileLayout(count, height, width, columns, 1.0)
