"""The predictions panel: every test digit with what the network says of it."""

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.arrays import Array
from engine.data.dataset import Dataset
from gui.theme import GRID, set_muted
from gui.widgets.digit_grid import DigitGrid
from gui.widgets.digit_model import Rows
from gui.widgets.empty import EmptyState
from gui.widgets.numbers import percent

_EMPTY = "Test digits and what the network says of them will be here.\nChoose a data set to begin."
_CONFIDENCE = (
    "The percentage under a digit is the network's largest output as it is, "
    "cut off at 0 and 100 %: how sure it is, not how often it is right."
)


class PredictionsPanel(QWidget):
    """A grid of test digits under a headline and a filter.

    The setters only store; `refresh` draws when `dirty`. A click, Enter or Space pins a digit.
    """

    sample_pinned = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.predictions")
        self.setAccessibleName("Predictions")
        self.setMinimumSize(40 * GRID, 25 * GRID)
        self.dirty = False
        self._dataset: Dataset | None = None
        self._new_samples = False
        self._outputs: Array | None = None

        self.headline = QLabel()
        self.headline.setToolTip(_CONFIDENCE)
        self.headline.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.filter = QComboBox()
        self.filter.setObjectName("predictions.filter")
        self.filter.setAccessibleName("Which digits to show")
        self.grid = DigitGrid()
        self.grid.setAccessibleName("Test digits")
        label = QLabel("sho&w:")
        set_muted(label)
        label.setBuddy(self.filter)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.headline, 1)
        row.addWidget(label)
        row.addWidget(self.filter)
        self._body = EmptyState(self.grid, "")
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.setSpacing(GRID // 2)
        column.addLayout(row)
        column.addWidget(self._body, 1)
        self._empty = EmptyState(content, _EMPTY)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._empty)

        self.filter.activated.connect(self._filter)
        self.grid.sample_activated.connect(self._pin)

    def set_samples(self, dataset: Dataset | None) -> None:
        """Store other test digits; what was said of the old ones is forgotten."""
        self._dataset = dataset
        self._outputs = None
        self._new_samples = True
        self.dirty = True

    def set_outputs(self, outputs: Array | None) -> None:
        """Store what the network says of every digit (n, classes), or that it says nothing."""
        self._outputs = outputs
        self.dirty = True

    def set_pinned(self, sample: int | None) -> None:
        """Mark a digit as the pinned one and bring it into view."""
        self.refresh()
        self.grid.set_pinned(sample)
        if sample is not None:
            self.grid.show_sample(sample)

    def refresh(self) -> None:
        """Draw the newest digits and predictions."""
        self.dirty = False
        dataset = self._dataset
        if dataset is None or len(dataset) == 0:
            self._empty.show_sentence(_EMPTY)
            return
        if self._new_samples:
            self._new_samples = False
            self.grid.set_samples(dataset.images[:, 0], dataset.labels, dataset.classes)
            self._list_filters(dataset.classes)
        self.grid.set_outputs(self._outputs)
        self.headline.setText(self._summary())
        self._filter()
        self._empty.show_content()

    def _summary(self) -> str:
        right = self.grid.digits.right()
        if right is None:
            return f"{len(self.grid.digits.images):,} test digits, not yet predicted"
        good, all_of_them = int(right.sum()), len(right)
        return f"{good:,} of {all_of_them:,} right ({percent(good / all_of_them)})"

    def _list_filters(self, classes: tuple[int, ...]) -> None:
        chosen = self.filter.currentText()
        self.filter.clear()
        self.filter.addItems(["all", "wrong", "right", *(f"class {name}" for name in classes)])
        self.filter.setCurrentIndex(max(0, self.filter.findText(chosen)))

    def _filter(self) -> None:
        """Show the digits that the filter lets through, or say that there are none."""
        shown = self._shown()
        self.grid.set_shown(shown)
        if shown.size:
            self._body.show_content()
        elif self.grid.digits.right() is None:
            self._body.show_sentence("Nothing is predicted yet.\nClick Train to begin.")
        else:
            self._body.show_sentence(f"No digit is {self.filter.currentText()}.")

    def _shown(self) -> Rows:
        digits = self.grid.digits
        chosen = self.filter.currentIndex()
        right = digits.right()
        if chosen > 2:
            return np.flatnonzero(digits.labels == chosen - 3)
        if chosen == 0:
            return np.arange(len(digits.images))
        if right is None:
            return np.empty(0, dtype=np.intp)
        return np.flatnonzero(~right if chosen == 1 else right)

    def _pin(self, sample: int) -> None:
        self.grid.set_pinned(sample)
        self.sample_pinned.emit(sample)
