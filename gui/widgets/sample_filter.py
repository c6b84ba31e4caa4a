"""Which samples are shown, and in which order: a filter, and the row of controls that sets it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QLabel,
    QSpinBox,
    QWidget,
)

from gui.theme import GRID, set_muted, small_font
from gui.widgets.buttons import text_button
from gui.widgets.choice_boxes import choice_box
from gui.widgets.flow_layout import FlowLayout
from gui.widgets.layouts import in_row
from gui.widgets.prediction_model import PredictionModel, Rows
from gui.widgets.sample_names import one_of

Verdict = Literal["all", "wrong", "right"]
_VERDICTS: tuple[Verdict, ...] = ("all", "wrong", "right")
HARDEST = "Hardest first: the lowest output for the true class comes first"


@dataclass(frozen=True)
class SampleFilter:
    """What lets a sample through, all of it together, and whether the hardest come first.

    `true` and `predicted` are places among the classes, None for any. `least` and `most` bound the
    confidence in percent, as it is written under a sample.
    """

    verdict: Verdict = "all"
    true: int | None = None
    predicted: int | None = None
    least: int = 0
    most: int = 100
    hardest_first: bool = False

    @property
    def lets_all_through(self) -> bool:
        """Whether no sample is left out."""
        return self == SampleFilter(hardest_first=self.hardest_first)

    @property
    def needs_predictions(self) -> bool:
        """Whether it asks for more than the true class."""
        return self != SampleFilter(true=self.true, hardest_first=self.hardest_first)

    def rows(self, samples: PredictionModel) -> Rows:
        """Return the numbers of the samples that come through, in their order."""
        chosen = np.ones(len(samples), dtype=bool)
        if self.true is not None:
            chosen &= samples.labels == self.true
        right, wrong, truth = samples.right(), samples.wrong(), samples.truth()
        if right is None or wrong is None or samples.predicted is None or truth is None:
            return np.flatnonzero(chosen & (not self.needs_predictions))
        if self.predicted is not None:
            chosen &= samples.predicted == self.predicted
        if self.verdict != "all":
            chosen &= right if self.verdict == "right" else wrong
        if self._bounds_confidence:  # of no answer there is none, and it is in no bounds
            percents = np.rint(samples.confidence * 100)
            chosen &= (percents >= self.least) & (percents <= self.most)
        found = np.flatnonzero(chosen)
        return found[np.argsort(truth[found], kind="stable")] if self.hardest_first else found

    @property
    def _bounds_confidence(self) -> bool:
        return (self.least, self.most) != (0, 100)

    @property
    def mistake(self) -> tuple[int, int] | None:
        """The true and the predicted class, where it asks for two different ones."""
        if self.true is None or self.predicted is None or self.true == self.predicted:
            return None
        return self.true, self.predicted

    def describe(self, classes: tuple[str, ...]) -> str:
        """Return what it lets through: `wrong, true 3, predicted 5, 0 to 90 % sure`."""
        parts: list[str] = [] if self.verdict == "all" else [self.verdict]
        if self.true is not None:
            parts.append(f"true {classes[self.true]}")
        if self.predicted is not None:
            parts.append(f"predicted {classes[self.predicted]}")
        if self._bounds_confidence:
            parts.append(f"{self.least} to {self.most} % sure")
        return ", ".join(parts)

    def none_words(self, classes: tuple[str, ...]) -> str:
        """Say that no image is let through: `No 7 was taken for a 2.`"""
        pair = SampleFilter(
            true=self.true, predicted=self.predicted, hardest_first=self.hardest_first
        )
        if self != pair or self.mistake is None:
            return f"No image is {self.describe(classes)}."
        true, predicted = self.mistake
        return f"No {classes[true]} was taken for {one_of(classes[predicted])}."


class FilterRow(QWidget):
    """Sets a filter; `changed` is emitted when a person has changed it.

    `clear` is a button that takes the filter away, `emptied` one that asks when there were no such
    mistakes any more. `mistake_followed` carries the places of the true and the predicted class.
    """

    changed = Signal()
    mistake_followed = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verdict = choice_box("predictions.filter", "Right or wrong images")
        self.verdict.addItems(_VERDICTS)
        self.true = choice_box("predictions.true", "True class")
        self.predicted = choice_box("predictions.predicted", "Predicted class")
        self.order = choice_box("predictions.order", "Order of the images")
        self.order.addItems(["in order", "hardest"])
        self.order.setToolTip(HARDEST)
        self.least = _percent("predictions.least", "Least confidence in percent", 0)
        self.most = _percent("predictions.most", "Greatest confidence in percent", 100)
        self.clear = text_button(
            "predictions.clear",
            "show all",
            "Take the filter away (Escape)",
            spoken="Show all images",
            takes_focus=True,
        )
        self.emptied = text_button(
            "predictions.emptied",
            "when empty?",
            "When did this cell of the confusion matrix empty? Runs shows it, epoch by epoch",
            spoken="When did this cell of the confusion matrix empty?",
            takes_focus=True,
        )
        row = FlowLayout(self, gap=GRID // 2, row_gap=GRID // 2)
        for part in (self.verdict, self.true, self.predicted, self._sure(), self.order):
            row.addWidget(part)
        row.addWidget(self.emptied)
        row.addWidget(self.clear)
        self.set_classes(())
        for box in (self.verdict, self.true, self.predicted, self.order):
            box.activated.connect(self._on_change)
        self.least.valueChanged.connect(self._on_least)
        self.most.valueChanged.connect(self._on_most)
        self.clear.clicked.connect(self.show_all)
        self.emptied.clicked.connect(self._follow_mistake)

    def filter(self) -> SampleFilter:
        """What is chosen."""
        return SampleFilter(
            _VERDICTS[self.verdict.currentIndex()],
            self.true.currentIndex() - 1 if self.true.currentIndex() > 0 else None,
            self.predicted.currentIndex() - 1 if self.predicted.currentIndex() > 0 else None,
            self.least.value(),
            self.most.value(),
            self.order.currentIndex() == 1,
        )

    def set_filter(self, wanted: SampleFilter) -> None:
        """Choose a filter; `changed` is not emitted."""
        self.verdict.setCurrentIndex(_VERDICTS.index(wanted.verdict))
        self.true.setCurrentIndex(0 if wanted.true is None else wanted.true + 1)
        self.predicted.setCurrentIndex(0 if wanted.predicted is None else wanted.predicted + 1)
        for spin, value in ((self.least, wanted.least), (self.most, wanted.most)):
            spin.blockSignals(True)
            spin.setValue(value)
            spin.blockSignals(False)
        self.order.setCurrentIndex(int(wanted.hardest_first))
        self._offer_buttons()

    def set_classes(self, classes: tuple[str, ...]) -> None:
        """Offer other classes; a chosen one stays, if it is among them."""
        for box, word in ((self.true, "true"), (self.predicted, "predicted")):
            chosen = box.currentText()
            box.clear()
            box.addItems([f"{word}: any", *(f"{word}: {name}" for name in classes)])
            box.setCurrentIndex(max(0, box.findText(chosen)))
        self._offer_buttons()

    def show_all(self) -> None:
        """Take the filter away; the order stays."""
        if not self.filter().lets_all_through:
            if self.clear.hasFocus() or self.emptied.hasFocus():
                self.verdict.setFocus()  # the button hides, and the focus should not go far
            self.set_filter(SampleFilter(hardest_first=self.filter().hardest_first))
            self.changed.emit()

    def _on_change(self) -> None:
        self._offer_buttons()
        self.changed.emit()

    def _on_least(self, value: int) -> None:
        self.most.setValue(max(value, self.most.value()))
        self._on_change()

    def _on_most(self, value: int) -> None:
        self.least.setValue(min(value, self.least.value()))
        self._on_change()

    def _offer_buttons(self) -> None:
        self.clear.setVisible(not self.filter().lets_all_through)
        self.emptied.setVisible(self.filter().mistake is not None)

    @Slot()
    def _follow_mistake(self) -> None:
        if (mistake := self.filter().mistake) is not None:
            self.mistake_followed.emit(*mistake)

    def _sure(self) -> QWidget:
        """Put the two bounds of the confidence side by side."""
        row = in_row(self.least, _muted("–"), self.most, _muted("% sure"), gap=GRID // 4)
        both = QWidget()
        both.setLayout(row)
        return both


def _muted(text: str) -> QLabel:
    label = QLabel(text)
    set_muted(label)
    return label


def _percent(name: str, accessible_name: str, value: int) -> QSpinBox:
    spin = QSpinBox()
    spin.setObjectName(name)
    spin.setFont(small_font())
    spin.setAccessibleName(accessible_name)
    spin.setToolTip("How sure the network is, as the percentage under an image says")
    spin.setRange(0, 100)
    spin.setValue(value)
    spin.setFixedWidth(spin.fontMetrics().horizontalAdvance("100") + GRID)
    spin.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
    spin.setKeyboardTracking(False)  # 95 begins with 9, which is another bound
    return spin
