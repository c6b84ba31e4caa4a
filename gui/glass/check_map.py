"""ErrorMap: the relative errors of one checked array as a heat map; a cell tells its numbers."""

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.explain.check_result import ArrayCheck
from engine.explain.indices import Index, index_of, index_words
from gui.glass.array_grid import ArrayGrid
from gui.theme import GRID, set_muted
from gui.widgets.numbers import short
from gui.widgets.plain_labels import plain_label

LEVELS = (-14.0, -2.0)  # powers of ten: from rounding to plainly wrong
MOST_CELLS = 5_000  # of an array that is shown in its own shape
_LOW = 9  # lines of text
_POINT = "Point at a cell, or go there with the arrows, to read both numbers"


class ErrorMap(QWidget):
    """Shows errors on a logarithmic scale; blank cells were not compared.

    An array that is too large is shown as the values that were drawn from it, one after the other.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._check: ArrayCheck | None = None
        self.errors = ArrayGrid("check.map")
        self.grid = self.errors.grid
        self.grid.setToolTip("Powers of ten: −6 stands for a relative error of 0.000001")
        self.readout = plain_label()
        self.readout.setObjectName("check.numbers")
        self.readout.setWordWrap(True)
        set_muted(self.readout)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(self.errors, 1)
        column.addWidget(self.readout)
        self.errors.pointed.connect(self._read)
        self.errors.chosen.connect(self._read)
        self.show_check(None)

    def show_check(self, check: ArrayCheck | None) -> None:
        """Show the errors of an array, or none."""
        self._check = check
        for widget in (self.errors, self.readout):
            widget.setVisible(check is not None)
        if check is None:
            return
        whole = check.size <= MOST_CELLS
        with np.errstate(divide="ignore"):
            powers = np.log10(check.heat if whole else check.errors).clip(LEVELS[0])
        words = "log₁₀ of the relative error" if whole else "log₁₀ of the error, values drawn"
        self.errors.show_array(words, powers, "viridis", LEVELS)
        low = self.height() < _LOW * self.fontMetrics().height()
        self.readout.setText("" if low else _POINT)

    @Slot(object)
    def _read(self, place: Index) -> None:
        check = self._check
        if check is None:
            return
        if check.size > MOST_CELLS:
            place = index_of(check.shape, int(check.numbers[place[0]]))
        value = check.value(place)
        at = f"{check.name}, {index_words(place)}"
        if value is None:
            self.readout.setText(f"{at} was not among the values drawn.")
            return
        kink = " It stands on a kink." if value.is_kink else ""
        self.readout.setText(
            f"{at}: backward {short(value.backward, 8)}, difference {short(value.numeric, 8)}, "
            f"relative error {short(value.error, 2)}.{kink}"
        )
