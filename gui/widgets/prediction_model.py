"""Test samples as an item model: what is true, what the network says, and its output for that."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QModelIndex, QObject, Qt

from engine.array_types import Array
from engine.data.images import Images
from engine.model.network import NO_ANSWER, answers
from gui.widgets.number_words import output_text
from gui.widgets.plain_models import Index, PlainListModel
from gui.widgets.sample_names import image_name, one_of, short_names

Rows = NDArray[np.intp]
_ROOT = QModelIndex()
NO_SAMPLES: tuple[Images, Rows, tuple[str, ...]] = (
    np.empty((0, 1, 28, 28), dtype=np.uint8),
    np.empty(0, dtype=np.intp),
    (),
)


class PredictionModel(PlainListModel):
    """A row for each shown sample; which are shown, and in which order, is set by their numbers.

    The predicted class is that of the largest output. Without outputs nothing is predicted. Where
    the largest is not finite there is no answer: the sample is neither right nor wrong.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.images, self.labels, self.classes = NO_SAMPLES
        self._short_names: list[str] = []  # of the classes
        self.outputs: Array | None = None
        self.predicted: Rows | None = None
        self.raw: Array = np.empty(0)
        self.pinned: int | None = None
        # A sample, and its outputs in a snapshot.
        self._pinned_outputs: tuple[int, Array] | None = None
        self.shown: Rows = np.empty(0, dtype=np.intp)

    def set_samples(self, images: Images, labels: Rows, classes: tuple[str, ...]) -> None:
        """Show all images (n, channels, h, w) with their labels (n,), indices into `classes`."""
        self.beginResetModel()
        self.images, self.labels, self.classes = images, labels, classes
        self._short_names = []
        self.outputs = self.predicted = None
        self.pinned = self._pinned_outputs = None
        self.shown = np.arange(len(images))
        self.endResetModel()

    def set_images(self, images: Images) -> None:
        """Show the same samples by other images (n, channels, h, w)."""
        self.images = images

    def set_outputs(self, outputs: Array | None) -> None:
        """Take what the network says of every sample: (n, classes), or nothing.

        Tells no view: what is drawn is asked for again anyway, and the layout never changes.
        """
        if outputs is None:
            self.outputs = self.predicted = self._pinned_outputs = None
            return
        self.outputs = outputs.copy()
        self.predicted = answers(outputs)
        self.raw = outputs.max(axis=1)
        self._put_looked()

    def set_pinned(self, sample: int | None) -> None:
        """Take a sample as the pinned one; what a snapshot said of another is no longer held to."""
        if sample != self.pinned:
            self.pinned, self._pinned_outputs = sample, None

    def set_pinned_outputs(self, sample: int, outputs: Array) -> None:
        """Take what the network says of a sample (classes,) in the snapshot shown elsewhere.

        It stays, whatever the outputs of all say, until there is a newer snapshot or another sample
        is pinned.
        """
        self._pinned_outputs = sample, outputs
        self._put_looked()

    def _put_looked(self) -> None:
        if self._pinned_outputs is None or self.outputs is None or self.predicted is None:
            return
        sample, outputs = self._pinned_outputs
        self.outputs[sample], self.raw[sample] = outputs, outputs.max()
        self.predicted[sample] = answers(outputs)

    def said(self, sample: int) -> tuple[int, float] | None:
        """Return the place of a sample's predicted class, and its output; None: no answer."""
        if self.predicted is not None:
            said, output = int(self.predicted[sample]), float(self.raw[sample])
        elif self._pinned_outputs is not None and self._pinned_outputs[0] == sample:
            outputs = self._pinned_outputs[1]
            said, output = int(answers(outputs)), float(outputs.max())
        else:
            return None
        return None if said == NO_ANSWER else (said, output)

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

    def wrong(self) -> NDArray[np.bool_] | None:
        """Which samples are taken for another class (n,); None if nothing is predicted."""
        if self.predicted is None:
            return None
        wrong: NDArray[np.bool_] = self.answered & (self.predicted != self.labels)
        return wrong

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Which samples are taken for a class (n,): those whose outputs are finite."""
        if self.predicted is None:
            return np.zeros(len(self), dtype=bool)
        answered: NDArray[np.bool_] = self.predicted != NO_ANSWER
        return answered

    def truth(self) -> Array | None:
        """The output for the true class of every sample (n,); None if nothing is predicted."""
        return None if self.outputs is None else self.outputs[np.arange(len(self)), self.labels]

    def __len__(self) -> int:
        """How many samples there are, shown or not."""
        return len(self.labels)

    def is_wrong(self, sample: int) -> bool:
        """Whether a sample is predicted, and wrongly."""
        said = self.said(sample)
        return said is not None and said[0] != self.labels[sample]

    def short_names(self) -> list[str]:
        """Return the names of all classes with few letters, told apart."""
        if len(self._short_names) != len(self.classes):
            self._short_names = short_names(self.classes)
        return self._short_names

    def caption(self, sample: int) -> str:
        """What stands under a picture: `7  0.99`, wrong ones `7 → 1  0.83`, unpredicted `7 → ?`."""
        names, said = self.short_names(), self.said(sample)
        true = names[self.labels[sample]]
        if said is None:
            return f"{true} → ?"
        arrow = f" → {names[said[0]]}" if self.is_wrong(sample) else ""
        return f"{true}{arrow}  {output_text(said[1])}"

    def widest_caption(self, longest: str) -> str:
        """Return the widest that stands under a picture, of the longest name of a class."""
        return f"{longest} → {longest}  −0.00"

    def sentence(self, sample: int) -> str:
        """What a screen reader says of a sample."""
        true, said = self.classes[self.labels[sample]], self.said(sample)
        name, pinned = image_name(sample), ", pinned" if sample == self.pinned else ""
        if said is None:
            why = "not yet predicted" if self.outputs is None else "the outputs are not finite"
            return f"{name}{pinned}: {one_of(true)}, {why}."
        verdict = "wrong" if self.is_wrong(sample) else "right"
        predicted = f"{one_of(self.classes[said[0]])} with {output_text(said[1])}"
        return f"{name}{pinned}: {one_of(true)}, predicted as {predicted}, {verdict}."

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.shown)

    def cell(self, index: Index, role: int) -> Any:
        sample = int(self.shown[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return self.caption(sample)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self.sentence(sample)
        if role == Qt.ItemDataRole.UserRole:
            return sample
        return None
