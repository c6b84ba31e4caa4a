"""The confusion matrix panel: which classes the network takes for which."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QRadioButton, QWidget

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.text.words import percent
from engine.training.evaluation import Confusion
from gui.theme import GRID
from gui.widgets.buttons import text_button
from gui.widgets.confusion_sheet import ConfusionSheet
from gui.widgets.csv_table import csv_table
from gui.widgets.empty_state import EmptyState, none_until, until_it_predicts, when_there_is_data
from gui.widgets.headline import Headline
from gui.widgets.labels import plain_tooltip
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.sample_names import NOT_FINITE, and_not_finite, right_of
from gui.workspace.context import Context
from gui.workspace.panel import BasePanel

_WILL_BE = "Which classes the network confuses will be here, for all test images.\n"
_EMPTY = when_there_is_data("Which classes the network confuses")
_BALANCED = (
    "Balanced accuracy is the mean over the classes of the share that is right. Where one class "
    "has many more images than another, it says more than the share of all images."
)


class ConfusionPanel(BasePanel):
    """Counts or rates of every pair of classes, and the scores of each class beside them.

    The setters only store; `refresh` draws when `dirty`.
    """

    def __init__(self, context: Context) -> None:
        super().__init__("confusion", "Confusion matrix")
        self._view = context.view
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # so that F11 means this panel
        self._dataset: Dataset | None = None
        self._outputs: Array | None = None
        self._epoch: float | None = None
        self._changed = False
        self._obstacle, self._why_none = "", _EMPTY

        self.headline = Headline()
        self.counts = _switch("confusion.counts", "counts", "How many images")
        self.rates = _switch("confusion.rates", "rates, %", "Shares of the true class in percent")
        self.counts.setChecked(True)
        self.enlarge = text_button("confusion.enlarge", "Enlarge", "Have room for numbers (F11)")
        self.sheet = ConfusionSheet()
        self.table = self.sheet.table
        self._empty = EmptyState(self._content(), _EMPTY)
        in_column(self._empty, of=self)
        self.rates.toggled.connect(self.table.set_rates)
        self.table.fitted.connect(self._offer_numbers)
        store = self._view.store
        store.watch(lambda s: (s.samples, s.problem), self._take_samples)
        store.show(lambda s: until_it_predicts(s.report), self.set_obstacle)
        store.watch(lambda s: (s.report, s.seen.predictions), self._take_predictions)

    def _take_samples(self) -> None:
        self.set_samples(self._view.state.samples, self._view.state.problem)

    def _take_predictions(self) -> None:
        """Count outputs over all samples, unless only those in view are new."""
        state = self._view.state
        made, changed = state.seen.predictions, state.changed_since_training
        if not state.report.predicts:
            self.set_outputs(None)
        elif made is not None and made.watched_position is None:
            self.set_outputs(made.outputs, made.position, changed)

    def set_samples(self, dataset: Dataset | None, why_none: str = "") -> None:
        """Store other test samples, or why there are none; what was said of the old ones goes."""
        self._dataset, self._outputs = dataset, None
        self._why_none = why_none or _EMPTY
        self.dirty = True

    def set_outputs(
        self, outputs: Array | None, epoch: float | None = None, changed: bool = False
    ) -> None:
        """Store what the network says of every sample (n, classes), or that it says nothing.

        `epoch` is after how many epochs it says so, None if that is not known; `changed` says that
        they were epochs of the network before it was changed.
        """
        self._outputs, self._epoch, self._changed = outputs, epoch, changed
        self.dirty = True

    def set_obstacle(self, until: str) -> None:
        """Say until when nothing is predicted; empty: there is a network to ask."""
        self._obstacle = until
        self.dirty = True

    def refresh(self) -> None:
        """Count, and draw."""
        self.dirty = False
        dataset, outputs = self._dataset, self._outputs
        if dataset is None or outputs is None or not len(dataset):
            waiting = _WILL_BE + none_until("prediction", self._obstacle)
            self._empty.show_sentence(waiting if self._obstacle else self._why_none)
            return
        confusion = Confusion.of(dataset.labels, outputs)
        if confusion.without_answer == confusion.samples:
            self._empty.show_sentence(NOT_FINITE)
            return
        self._say_accuracy(confusion)
        self.headline.set_epoch(self._epoch, changed=self._changed)
        self.table.set_confusion(confusion, dataset.class_names)
        self._empty.show_content()

    def as_csv(self) -> bytes:
        """Write the counts as CSV: a row for each true class, a column for each predicted one."""
        dataset, outputs = self._dataset, self._outputs
        if dataset is None or outputs is None:
            return b""
        names, counts = dataset.class_names, Confusion.of(dataset.labels, outputs).counts
        rows = ([name, *row] for name, row in zip(names, counts.tolist(), strict=True))
        return csv_table(["true class", *names], rows)

    @Slot(bool)
    def _offer_numbers(self, there: bool) -> None:
        """Offer to choose between two kinds of numbers, or the room that they need."""
        for part in (self.counts, self.rates):
            part.setVisible(there)
        self.enlarge.setVisible(not there)

    def _say_accuracy(self, confusion: Confusion) -> None:
        """Say how many are right, and of unbalanced classes the balanced accuracy too."""
        right, samples, unanswered = confusion.right, confusion.samples, confusion.without_answer
        if confusion.is_unbalanced:
            balanced = percent(confusion.balanced_accuracy)
            in_brackets = f"balanced {balanced}{and_not_finite(unanswered)}"
            self.headline.set_text(f"{percent(confusion.accuracy)} right ({in_brackets})")
            self.headline.setToolTip(plain_tooltip(f"{right:,} of {samples:,} right. {_BALANCED}"))
        else:
            self.headline.set_text(right_of(right, samples, unanswered))
            self.headline.setToolTip("")

    def _content(self) -> QWidget:
        top = in_row(self.counts, self.rates, 1, self.enlarge, gap=GRID)
        top.addStrut(self.enlarge.sizeHint().height())
        content = QWidget()
        parts, margins = (self.headline, top, (self.sheet, 1)), (GRID, GRID // 2, GRID, GRID // 2)
        in_column(*parts, of=content, margins=margins)
        return content


def _switch(name: str, text: str, tip: str) -> QRadioButton:
    return named(QRadioButton(text), name, tip, tip, small=True)
