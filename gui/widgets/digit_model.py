"""Test digits as an item model: what is true, what the network says, and how sure it is."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from engine.arrays import Array
from gui.widgets.numbers import short
from gui.widgets.pictures import Bytes

Index = QModelIndex | QPersistentModelIndex
Rows = NDArray[np.intp]
_ROOT = QModelIndex()


class DigitModel(QAbstractListModel):
    """A row for each shown sample; which are shown, and in which order, is set by their numbers.

    The predicted class is that of the largest output, the confidence this output's value between
    0 and 1. Without outputs nothing is predicted.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.images: Bytes = np.empty((0, 28, 28), dtype=np.uint8)
        self.labels: Rows = np.empty(0, dtype=np.intp)
        self.classes: tuple[int, ...] = ()
        self.outputs: Array | None = None
        self.predicted: Rows | None = None
        self.confidence: Array = np.empty(0)
        self.raw: Array = np.empty(0)
        self.pinned: int | None = None
        self.shown: Rows = np.empty(0, dtype=np.intp)

    def set_samples(self, images: Bytes, labels: Rows, classes: tuple[int, ...]) -> None:
        """Show images (n, h, w) with their labels (n,), indices into `classes`; all of them."""
        self.beginResetModel()
        self.images, self.labels, self.classes = images, labels, classes
        self.outputs = self.predicted = None
        self.pinned = None
        self.shown = np.arange(len(images))
        self.endResetModel()

    def set_outputs(self, outputs: Array | None) -> None:
        """Take what the network says of every sample: (n, classes), or nothing.

        Tells no view: what is drawn is asked for again anyway, and the layout never changes.
        """
        self.outputs = outputs
        if outputs is None:
            self.predicted = None
            return
        self.predicted = outputs.argmax(axis=1)
        self.raw = outputs.max(axis=1)
        self.confidence = np.clip(self.raw, 0.0, 1.0)

    def set_shown(self, shown: Rows) -> None:
        """Show the samples of these numbers, in this order.

        Where there are as many as before, no view has to lay them out again.
        """
        if np.array_equal(shown, self.shown):
            return
        if len(shown) == len(self.shown):
            self.shown = shown
            self.dataChanged.emit(self.index(0), self.index(len(shown) - 1))
            return
        self.beginResetModel()
        self.shown = shown
        self.endResetModel()

    def row_of(self, sample: int) -> int | None:
        """The row that shows a sample, or None."""
        found = np.flatnonzero(self.shown == sample)
        return int(found[0]) if found.size else None

    def right(self) -> NDArray[np.bool_] | None:
        """Which samples are predicted rightly (n,); None if nothing is predicted."""
        return None if self.predicted is None else self.predicted == self.labels

    def truth(self) -> Array | None:
        """The output for the true class of every sample (n,); None if nothing is predicted."""
        return None if self.outputs is None else self.outputs[np.arange(len(self)), self.labels]

    def __len__(self) -> int:
        """How many samples there are, shown or not."""
        return len(self.labels)

    def is_wrong(self, sample: int) -> bool:
        """Whether a sample is predicted, and wrongly."""
        return self.predicted is not None and self.predicted[sample] != self.labels[sample]

    def caption(self, sample: int) -> str:
        """What stands under a picture: `7  99 %`, wrong ones `7 → 1  83 %`, unpredicted `7 → ?`."""
        true = self.classes[self.labels[sample]]
        if self.predicted is None:
            return f"{true} → ?"
        arrow = f" → {self.classes[self.predicted[sample]]}" if self.is_wrong(sample) else ""
        return f"{true}{arrow}  {self.confidence[sample] * 100:.0f} %"

    def sentence(self, sample: int) -> str:
        """What a screen reader says of a sample."""
        true = self.classes[self.labels[sample]]
        pinned = ", pinned" if sample == self.pinned else ""
        if self.predicted is None:
            return f"Digit {sample}{pinned}: a {true}, not yet predicted."
        said = self.classes[self.predicted[sample]]
        verdict = "wrong" if self.is_wrong(sample) else "right"
        sure = f"{self.confidence[sample] * 100:.0f} % confidence"
        return f"Digit {sample}{pinned}: a {true}, predicted as {said} with {sure}, {verdict}."

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        sample = int(self.shown[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return self.caption(sample)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.sentence(sample)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(sample)
        if role == Qt.ItemDataRole.UserRole:
            return sample
        return None

    def _tip(self, sample: int) -> str:
        if self.predicted is None:
            return self.sentence(sample)
        said = self.classes[self.predicted[sample]]
        return (
            f"{self.sentence(sample)}\nThe confidence is the output for class {said} as it is: "
            f"{short(float(self.raw[sample]))}."
        )
