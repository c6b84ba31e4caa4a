"""The confusion matrix and the scores of every class as an item model."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QModelIndex, QObject, Qt

from engine.training.evaluation import Confusion
from gui.widgets.number_words import percent
from gui.widgets.plain_models import Index, PlainTableModel

_ROOT = QModelIndex()
_SPOKEN = Qt.ItemDataRole.AccessibleTextRole


# What is said of a class beside its row: title, meaning, and how it is found.
SCORES: tuple[tuple[str, str, Callable[[Confusion], Any]], ...] = (
    ("precision", "the share of what is predicted as {0} that is a {0}", lambda c: c.precision),
    ("recall", "the share of the {0}s that is predicted as {0}", lambda c: c.recall),
    ("F1", "the harmonic mean of precision and recall of class {0}", lambda c: c.f1),
)


class ConfusionModel(PlainTableModel):
    """A cell for every pair: the true class down, the predicted one across, and then its scores.

    Cells say counts, or with `as_rates` shares of the true class in percent; `precise` ones have a
    decimal. Scores are in percent, with one decimal.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.confusion = Confusion(np.zeros((0, 0), dtype=np.int64))
        self.classes: tuple[str, ...] = ()
        self.as_rates = self.precise = False

    def set_confusion(self, confusion: Confusion, classes: tuple[str, ...]) -> None:
        """Take other counts; the views stay where they are if the classes do."""
        if classes != self.classes:
            self.beginResetModel()
            self.confusion, self.classes = confusion, classes
            self.endResetModel()
        else:
            self.confusion = confusion
            self.tell()

    def tell(self) -> None:
        """Tell the views that all cells may say something else."""
        if self.classes:
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def text(self, row: int, column: int) -> str:
        """What a cell says."""
        if not self.as_rates:
            return f"{self.confusion.counts[row, column]:,}"
        rate = float(self.confusion.rates[row, column])
        rate = 0.0 if math.isnan(rate) else rate  # of a class without samples
        return short_percent(rate, precise=self.precise)

    def widest(self) -> str:
        """The widest text that a cell may have, which is the same throughout a training."""
        if self.as_rates:
            return ">99"
        largest = self.confusion.of_class.max() if self.classes else 0
        return f"{largest:,}"

    def sentence(self, index: Index) -> str:
        """What a screen reader says of a cell or a score."""
        true, place = self.classes[index.row()], index.column() - len(self.classes)
        if place >= 0:
            score = self._score(index)
            said = "none" if math.isnan(score) else percent(score)
            return f"{SCORES[place][0]} of class {true}: {said}"
        return f"true {true}, predicted {self.classes[index.column()]}: {self.number(index)}"

    def number(self, index: Index) -> str:
        """Say how many images are in a cell, and which share of their class that is."""
        true = self.classes[index.row()]
        count = int(self.confusion.counts[index.row(), index.column()])
        images = "image" if count == 1 else "images"
        rate = float(self.confusion.rates[index.row(), index.column()])
        whole = f"the {true}s" if true.isdecimal() else "the class"
        share = f", {short_percent(rate)} % of {whole}" if count else ""
        return f"{count:,} {images}{share}"

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.classes)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return self.rowCount(parent) + len(SCORES) * (not parent.isValid())

    def _score(self, index: Index) -> float:
        _, _, of = SCORES[index.column() - len(self.classes)]
        return float(of(self.confusion)[index.row()])

    def cell(self, index: Index, role: int) -> Any:
        place = index.column() - len(self.classes)
        if role == Qt.ItemDataRole.DisplayRole:
            if place >= 0:
                return _aligned_percent(self._score(index))
            return self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.sentence(index)
        if role == Qt.ItemDataRole.ToolTipRole and place >= 0:
            title, meaning, _ = SCORES[place]
            return f"{title}: {meaning.format(self.classes[index.row()])}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{self.sentence(index)}. Click to see them."
        return None

    def header(self, section: int, orientation: Qt.Orientation, role: int) -> Any:
        place = section - len(self.classes)
        shown = role == Qt.ItemDataRole.DisplayRole
        if place >= 0:
            said = f"{SCORES[place][0]} in percent"
            return SCORES[place][0] if shown else said if role == _SPOKEN else None
        if role in (_SPOKEN, Qt.ItemDataRole.ToolTipRole):
            word = "predicted" if orientation == Qt.Orientation.Horizontal else "true"
            return f"{word} class {self.classes[section]}"
        return self.classes[section] if shown else None


def _aligned_percent(score: float) -> str:
    """Write a score so that the decimal points of a column stand below each other."""
    if math.isnan(score):
        return "–"
    text = percent(score).removesuffix(" %")
    return text if "." in text else f"{text}.0"


def short_percent(rate: float, *, precise: bool = False) -> str:
    """Write a share of one as percent without its sign; what is little is not called nothing."""
    if rate in (0.0, 1.0):
        return f"{rate * 100:.0f}"
    text = f"{rate * 100:.{int(precise)}f}"
    if float(text) in (0.0, 100.0):
        return {0.0: ("<1", "<0.1"), 100.0: (">99", ">99.9")}[float(text)][precise]
    return text
