"""TitledGrid: a grid of cells with its scale, under its name."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.array_types import Array
from gui.glass.written_sums import power_of_ten
from gui.widgets.colour_scale import ColourMap, Levels
from gui.widgets.labels import elide, plain_label, plain_tooltip
from gui.widgets.layouts import in_column
from gui.widgets.number_grid import NumberGrid
from gui.widgets.number_words import short

SPACING = 2  # px between the name and the cells


class TitledGrid(QWidget):
    """Names an array above its cells, with the power of ten that their numbers leave out."""

    def __init__(self, name: str, grid: NumberGrid, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = grid
        self.grid.setObjectName(name)
        self.title = plain_label(muted=True)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words = ""
        in_column(self.title, (self.grid, 1), of=self, gap=SPACING)

    def show_values(
        self,
        words: str,
        values: Array,
        colours: ColourMap,
        levels: Levels | None = None,
        *,
        inserted: NDArray[np.bool_] | None = None,
    ) -> None:
        """Show an array (h, w), or tiles of one (n, h, w), under these words."""
        self._name(words)
        self.grid.colour_map = colours
        self.grid.set_values(values, levels, inserted)
        self.name_it()

    def _name(self, words: str) -> None:
        self._words = words
        self.title.setToolTip(plain_tooltip(words))
        self.grid.setAccessibleName(words)

    def read(self, row: int, column: int) -> None:
        """Write the value of a cell in place of the name."""
        value = float(self.grid.values()[row, column])
        self.title.setText(f"[{row + 1}, {column + 1}] {short(value, 6)}")

    def name_it(self) -> None:
        """Write the name, with the power of ten that the numbers are written without."""
        factor = power_of_ten(self.grid.exponent())
        metrics = self.title.fontMetrics()
        room = self.width() - metrics.horizontalAdvance(factor)
        fits = metrics.horizontalAdvance(self._words) <= room
        words = self._words if fits else self._words.partition("  ")[0]  # without the shape
        self.title.setText(elide(words, metrics, room) + factor)

    def wanted_size(self, most: QSize) -> QSize:
        """Return the size with the largest cells that fit into another one."""
        above = self.title.sizeHint().height() + SPACING
        cells = self.grid.fitted_in(most.width(), most.height() - above)
        return self.grid.size_for(cells.scale) + QSize(0, above)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say what holds for the numbers that fit now."""
        super().resizeEvent(event)
        self.name_it()
