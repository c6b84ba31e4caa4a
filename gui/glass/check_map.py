"""What was checked of one array: both gradients, and their errors; a cell tells its numbers."""

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.array_types import Array
from engine.explain.gradient_check import ArrayCheck
from engine.explain.indices import Index, index_of, index_words
from gui.glass.array_grid import ArrayGrid
from gui.theme import GRID, set_muted
from gui.widgets.mosaic import range_of
from gui.widgets.number_words import short
from gui.widgets.plain_labels import plain_label

LEVELS = (-14.0, -2.0)  # powers of ten: from rounding to plainly wrong
MOST_CELLS = 5_000  # of an array that is shown in its own shape
_LOW = 9  # lines of text


class ErrorMap(QWidget):
    """Shows errors on a logarithmic scale; blank cells were not compared.

    An array that is too large is shown as the values that were drawn from it, one after the other.
    At first the largest error is read. `marked` carries the place, in what is shown, that is read.
    """

    marked = Signal(object)

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
        column.addStretch()
        self.errors.pointed.connect(self.read)
        self.errors.chosen.connect(self.read)
        self.show_check(None)

    def show_check(self, check: ArrayCheck | None) -> None:
        """Show the errors of an array, or none."""
        self._check = check
        for widget in (self.errors, self.readout):
            widget.setVisible(check is not None)
        if check is None:
            return
        with np.errstate(divide="ignore"):
            powers = np.log10(_shown(check, check.errors)).clip(LEVELS[0])
        whole = check.size <= MOST_CELLS
        words = "log₁₀ of the relative error" if whole else "log₁₀ of the error, values drawn"
        self.errors.show_array(words, powers, "viridis", LEVELS)
        self._fit()
        worst = int(np.nan_to_num(check.errors, nan=-1.0).argmax())
        self.read(index_of(check.shape, int(check.numbers[worst])) if whole else (worst,))
        low = self.height() < _LOW * self.fontMetrics().height()
        if low:
            self.readout.setText("")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is read of a cell right below the cells."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.errors.setMaximumHeight(self.errors.most_height(self.width()))

    @Slot(object)
    def read(self, place: Index) -> None:
        """Write both numbers of a cell, and mark it."""
        check = self._check
        if check is None:
            return
        self.errors.mark([place])
        self.marked.emit(place)
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


class SlopePair(QWidget):
    """Shows what backward says beside what the loss does, in the same colours.

    `pointed` carries the place of a cell in what is shown.
    """

    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.backward, self.numeric = ArrayGrid("check.backward"), ArrayGrid("check.numeric")
        self.sign = plain_label()
        self.sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.backward, 1)
        row.addWidget(self.sign)
        row.addWidget(self.numeric, 1)
        for grid in (self.backward, self.numeric):
            grid.pointed.connect(self.pointed)
            grid.chosen.connect(self.pointed)

    def mark(self, place: Index) -> None:
        """Frame a cell in both."""
        for grid in (self.backward, self.numeric):
            grid.mark([place])

    def show_check(self, check: ArrayCheck) -> None:
        """Show both gradients of an array, as far as they were compared."""
        pairs = (
            (self.backward, "backward", check.backward),
            (self.numeric, "difference quotient", check.numeric),
        )
        levels = range_of(np.stack([check.backward, check.numeric]))
        for grid, words, values in pairs:
            grid.show_array(words, _shown(check, values), "CET-D1", levels)
        self.sign.setText("≈" if check.agrees else "≠")


def _shown(check: ArrayCheck, values: Array) -> Array:
    """Return values (n,) that were compared in the shape of their array; NaN where none was.

    Of an array that is too large they stay as they are.
    """
    if check.size > MOST_CELLS:
        return values
    shown: Array = np.full(check.size, np.nan)
    shown[check.numbers] = values
    return shown.reshape(check.shape)
