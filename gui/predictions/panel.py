"""The predictions panel: every test sample with what the network says of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QAction, QColor, QKeySequence, QPalette, QResizeEvent, QShortcut
from PySide6.QtWidgets import QLabel, QWidget

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.inspection.snapshot import SamplePart, Snapshot
from engine.model.network import NO_ANSWER, answers
from gui.theme import FIGURE, GRID, GUTTER, colours_of, set_muted, text_font
from gui.widgets.buttons import action_button, choice_box, fill_by_text, make_action, text_button
from gui.widgets.csv_table import csv_table
from gui.widgets.empty_state import (
    NO_IMAGES,
    EmptyState,
    none_until,
    until_it_predicts,
    when_there_is_data,
)
from gui.widgets.headline import Headline, checkpoint_of
from gui.widgets.labels import ElidedLabel, FixedLabel, plain_tooltip
from gui.widgets.layouts import FlowLayout, in_column, in_row, named
from gui.widgets.number_words import output_text
from gui.widgets.output_bars import OutputBars
from gui.widgets.pictures import Bytes, picture_at
from gui.widgets.pinned_sample import Thumbnail
from gui.widgets.prediction_model import NO_SAMPLES, PredictionModel, Rows
from gui.widgets.sample_grid import SampleGrid
from gui.widgets.sample_names import LEGEND, NOT_FINITE, image_name, one_of, right_of
from gui.workspace.context import Context
from gui.workspace.panel import BasePanel

Verdict = Literal["all", "wrong", "right"]
_VERDICTS: tuple[Verdict, ...] = ("all", "wrong", "right")
HARDEST = "Hardest first: the lowest output for the true class comes first"
_PICTURE = 86  # px: three times 28, in a hairline
_SHORT = 2  # letters of a class that is written large
_NO_ANSWER = "no answer yet"
_ROWS = 10  # classes, whose bars have their room
_EMPTY = when_there_is_data("Test images and what the network says of them")
_NONE = "No image comes through the filter."
_NOTHING = "Nothing is predicted yet.\nClick Train to begin."
_NARROW = 50 * GRID  # px
_OUTPUT = "The number under an image is the network's largest output: not how often it is right."


@dataclass(frozen=True)
class SampleFilter:
    """What lets a sample through, all of it together, and whether the hardest come first.

    `true` and `predicted` are places among the classes, None for any.
    """

    verdict: Verdict = "all"
    true: int | None = None
    predicted: int | None = None
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
        found = np.flatnonzero(chosen)
        return found[np.argsort(truth[found], kind="stable")] if self.hardest_first else found


class FilterRow(QWidget):
    """Sets a filter; `changed` is emitted when a person has changed it.

    `clear` is a button that takes the filter away.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verdict = choice_box("predictions.filter", "Right or wrong images")
        self.verdict.addItems(_VERDICTS)
        self.true = choice_box("predictions.true", "True class")
        self.predicted = choice_box("predictions.predicted", "Predicted class")
        self.order = choice_box("predictions.order", "Order of the images")
        self.order.addItems(["in order", "hardest"])
        self.order.setToolTip(HARDEST)
        self.clear = text_button(
            "predictions.clear",
            "show all",
            "Take the filter away (Escape)",
            spoken="Show all images",
            takes_focus=True,
        )
        self.set_classes(())
        row = FlowLayout(self, gap=GRID // 2, row_gap=GRID // 2)
        for box in (self.verdict, self.true, self.predicted, self.order):
            row.addWidget(box)
            box.activated.connect(self.changed)
        row.addWidget(self.clear)
        self.clear.clicked.connect(self.show_all)

    def filter(self) -> SampleFilter:
        """What is chosen."""
        return SampleFilter(
            _VERDICTS[self.verdict.currentIndex()],
            self.true.currentIndex() - 1 if self.true.currentIndex() > 0 else None,
            self.predicted.currentIndex() - 1 if self.predicted.currentIndex() > 0 else None,
            self.order.currentIndex() == 1,
        )

    def set_filter(self, wanted: SampleFilter) -> None:
        """Choose a filter; `changed` is not emitted."""
        self.verdict.setCurrentIndex(_VERDICTS.index(wanted.verdict))
        self.true.setCurrentIndex(0 if wanted.true is None else wanted.true + 1)
        self.predicted.setCurrentIndex(0 if wanted.predicted is None else wanted.predicted + 1)
        self.order.setCurrentIndex(int(wanted.hardest_first))

    def set_classes(self, classes: tuple[str, ...]) -> None:
        """Offer other classes; a chosen one stays, if it is among them."""
        for box, word in ((self.true, "true"), (self.predicted, "predicted")):
            fill_by_text(box, [f"{word}: any", *(f"{word}: {name}" for name in classes)])

    def show_all(self) -> None:
        """Take the filter away; the order stays."""
        if not self.filter().lets_all_through:
            self.set_filter(SampleFilter(hardest_first=self.filter().hardest_first))
            self.changed.emit()


class SampleCard(QWidget):
    """The picture, and beside it what the network says, large, and whether that is right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._says = ElidedLabel(), QLabel("It says")
        self._answer, self._verdict = ElidedLabel(), ElidedLabel()
        self._picture = Thumbnail(_PICTURE)
        set_muted(self._name)
        set_muted(self._says)
        words = in_column(1, self._says, self._answer, FixedLabel(self._verdict), 1, gap=0)
        beside = in_row(self._picture, (words, 1), gap=GUTTER)
        in_column(FixedLabel(self._name), beside, of=self)
        self._right: bool | None = None

    def set_sample(self, picture: Bytes, name: str, true: str, said: str, output: str) -> None:
        """Show a picture (channels, h, w) with its name, its class and what is said of it.

        `said` is the class that the network says, empty if it says none.
        """
        self._picture.set_picture(picture)
        self._name.setText(" · ".join(filter(None, (name, true))))
        size = 2 * FIGURE if len(said) <= _SHORT else FIGURE
        self._answer.setFont(text_font(size, bold=True))
        self._answer.setText(said)
        self._says.setVisible(bool(said))
        self._right = one_of(said) == true if true and said else None
        self._verdict.brief = {True: "✓ right", False: "✗ wrong", None: ""}[self._right]
        self._verdict.setText(", ".join(filter(None, (self._verdict.brief, output))) or _NO_ANSWER)
        self._colour()
        answer = f"It says {said}, " if said else ""
        self._picture.setAccessibleName(f"{self._name.text()}. {answer}{self._verdict.text()}")

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        palette, colours = QPalette(), colours_of(self.palette())
        if self._right is not None:
            ink = colours.right if self._right else colours.wrong
            palette.setColor(QPalette.ColorRole.WindowText, QColor(ink))
        if palette != self._verdict.palette():
            self._verdict.setPalette(palette)


class PinnedPane(QWidget):
    """What is pinned, and a bar for every output.

    It is drawn in one turn with all that speaks of what is pinned: then `draw` is called. A network
    is `sure` of what it says by so much if its outputs are a distribution.
    """

    def __init__(self, draw: Callable[[], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._draw, self.dirty, self.sure = draw, False, False
        self.sample, self.bars = SampleCard(), OutputBars()
        self.bars.setToolTip(LEGEND)
        in_column(self.sample, self.bars, of=self, gap=GRID)

    def refresh(self) -> None:
        """Have the newest snapshot drawn."""
        self.dirty = False
        self._draw()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show a snapshot of a sample or a drawing."""
        self.show_sample(
            snapshot.index,
            snapshot.sample.image,
            snapshot.class_name,
            snapshot.outputs,
            snapshot.class_names,
            snapshot.sample.part,
        )

    def show_sample(
        self,
        sample: int | None,
        picture: Bytes,
        true: str | None,
        outputs: Array | None,
        classes: tuple[str, ...],
        part: SamplePart = "test",
    ) -> None:
        """Show a picture (channels, h, w), its true class and its outputs, if they are known."""
        class_ = "" if true is None else one_of(true)
        said = output = ""
        place = NO_ANSWER if outputs is None else int(answers(outputs))
        if outputs is not None and place == NO_ANSWER:
            output = "output not finite"
        elif outputs is not None:
            said = classes[place]
            largest = float(outputs.max())
            output = output_text(largest) if class_ else f"output {output_text(largest)}"
            output = f"{100 * largest:.3g} % sure" if self.sure else output
        self.sample.set_sample(picture, image_name(sample, part), class_, said, output)
        rows = min(max(len(classes), 2), _ROWS)
        self.bars.setMaximumHeight(rows * (self.bars.fontMetrics().height() + 1))
        self.bars.set_outputs(outputs, classes, true)


class PredictionsPanel(BasePanel):
    """A grid of test samples under a filter, and all outputs for the pinned one beside it.

    The setters only store; `refresh` draws when `dirty`. A click, Enter or Space pins a sample, and
    so does Next mistake.
    """

    sample_pinned = Signal(int)

    def __init__(self, context: Context) -> None:
        super().__init__("predictions", "Test image")
        self._view, self._show_view = context.view, context.show_view
        self._messages = context.messages
        self._in_view: Rows = np.empty(0, dtype=np.intp)
        self._dataset: Dataset | None = None
        self._outputs: Array | None = None
        self._epoch: float | None = None
        self._changed = False
        self._newest: Snapshot | None = None
        self._snapshot: Snapshot | None = None  # that is drawn
        self._new_samples = self._new_outputs = False
        self._why_none = _EMPTY
        self._obstacle = ""

        self.headline = Headline()
        self.headline.setToolTip(plain_tooltip(_OUTPUT))
        self.note = named(ElidedLabel(), "predictions.note", "Mistakes", muted=True)
        self.filters = FilterRow()
        self.grid = SampleGrid()
        self.grid.setAccessibleName("Test images")
        self.mistake_actions = [
            self._mistake_action("previous_mistake", "Pre&vious", "Shift+N", -1),
            self._mistake_action("next_mistake", "&Next", "N", 1),
        ]
        self.pane = PinnedPane(self._take_snapshot)
        self._body = EmptyState(self.grid, "")
        self._empty = EmptyState(self._content(), _EMPTY)
        in_column(self._empty, of=self)

        self._escape = QShortcut(QKeySequence("Esc"), self, self.filters.show_all)
        self._escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.filters.changed.connect(self._on_filter)
        self.grid.sample_activated.connect(self._pin)
        self.sample_pinned.connect(self._view.pin)
        store = self._view.store
        store.watch(lambda s: s.document.opened, self.filters.show_all)
        store.show(lambda s: until_it_predicts(s.report), self.set_obstacle)
        store.watch(lambda s: (s.samples, s.problem, s.sees_nothing), self._take_samples)
        store.show(lambda s: s.pinned, self.set_pinned)
        store.show(lambda s: s.seen.snapshot, self.show_snapshot)
        store.watch(lambda s: s.report, self._on_report)
        store.watch(lambda s: s.seen.predictions, self._take_predictions)
        store.watch(lambda s: s.checkpoint, self._on_checkpoint)
        store.watch(lambda s: s.run.progress, self._tell_in_view)

    # --- what is seen ------------------------------------------------------------------------

    def _take_samples(self) -> None:
        state = self._view.state
        self.set_samples(state.samples, state.problem or (NO_IMAGES if state.sees_nothing else ""))
        self._forget_in_view()
        self.set_pinned(state.pinned)

    def _on_checkpoint(self) -> None:
        """Say anew what is in view: another thread has to know it."""
        self._forget_in_view()
        if self._view.state.checkpoint is not None:
            self._tell_in_view()

    def _forget_in_view(self) -> None:
        self._in_view = np.empty(0, dtype=np.intp)

    def _on_report(self) -> None:
        if not self._view.state.report.predicts:  # there is no network to ask
            self.set_outputs(None)

    def _take_predictions(self) -> None:
        state = self._view.state
        made, changed = state.seen.predictions, state.changed_since_training
        if made is not None and state.report.predicts:
            newest = made.watched_position  # of those in view: then not all are of one time
            self.set_outputs(made.outputs, made.position if newest is None else newest, changed)

    def _tell_in_view(self) -> None:
        """Have the samples that can be seen predicted more often beside the training."""
        in_view = self.in_view()
        if not np.array_equal(in_view, self._in_view):
            self._in_view = in_view
            self._view.watch(in_view)

    # --- what is stored ----------------------------------------------------------------------

    def set_samples(self, dataset: Dataset | None, why_none: str = "") -> None:
        """Store other test samples, or why there are none; what was said of the old ones goes."""
        self._dataset, self._why_none = dataset, why_none or _EMPTY
        self._outputs = self._epoch = None
        self._newest = self._snapshot = None
        self._new_samples = self._new_outputs = True
        self.dirty = True

    def set_outputs(
        self, outputs: Array | None, epoch: float | None = None, changed: bool = False
    ) -> None:
        """Store what the network says of every sample (n, classes), or that it says nothing.

        `epoch` is after how many epochs it says so, None if that is not known; `changed` says that
        they were epochs of the network before it was changed.
        """
        self._outputs, self._epoch, self._changed = outputs, epoch, changed
        if outputs is None:
            self._newest = self._snapshot = None
        self._new_outputs = True
        self.dirty = True

    def set_obstacle(self, until: str) -> None:
        """Say until when nothing is predicted; empty: there is a network to ask."""
        self._obstacle = until
        self._new_outputs = True
        self.dirty = True

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Store the newest snapshot: here as elsewhere, it says all of the pinned sample.

        It is drawn when the turn of `pane` comes.
        """
        if snapshot is not None:
            self._newest = snapshot
            self.pane.dirty = True

    def set_pinned(self, sample: int | None) -> None:
        """Mark a sample as the pinned one and bring it into view; None: no sample is.

        A sample that is not among the samples cannot be pinned.
        """
        self.refresh()
        if sample is not None and sample >= len(self.grid.samples):
            sample = None
        self._mark_pinned(sample)

    def show_confused(self, true: int, predicted: int) -> None:
        """Show the samples of one class that are taken for another, or itself, by their places."""
        self._show_view("Test image")
        hardest_first = self.filters.filter().hardest_first
        wanted = SampleFilter(true=true, predicted=predicted, hardest_first=hardest_first)
        self.refresh()
        self.filters.set_filter(wanted)
        self._on_filter()
        self.grid.setFocus()

    def in_view(self) -> Rows:
        """Return the samples whose outputs can be seen: those in the grid, and the pinned one."""
        pinned, in_grid = self.grid.samples.pinned, self.grid.in_view()
        if pinned is None or not self.pane.isVisible() or (in_grid == pinned).any():
            return in_grid
        return np.insert(in_grid, 0, pinned)

    def as_csv(self) -> bytes:
        """Write all test samples as CSV, counted from 1, with what the network says of each."""
        dataset, outputs = self._dataset, self._outputs
        if dataset is None:
            return b""
        names, files = dataset.class_names, dataset.files or [""] * len(dataset)
        told = zip(dataset.labels.tolist(), files, strict=True)
        begins = ([i, file, names[label]] for i, (label, file) in enumerate(told, 1))
        head = ["image", "file", "true class"]
        if outputs is None:
            return csv_table(head, begins)
        places = answers(outputs).tolist()
        predicted = ("" if place == NO_ANSWER else names[place] for place in places)
        said = ([name, *row] for name, row in zip(predicted, outputs.tolist(), strict=True))
        rows = ([*begin, *end] for begin, end in zip(begins, said, strict=True))
        return csv_table([*head, "predicted class", *(f"output {name}" for name in names)], rows)

    # --- drawing -----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Draw the newest samples and predictions: in one part, so that both say the same."""
        self.dirty = False
        dataset = self._dataset
        if dataset is None or len(dataset) == 0:
            self.grid.set_samples(*NO_SAMPLES)
            self._new_samples = True
            self._empty.show_sentence(self._why_none)
            return
        if self._new_samples:
            self._new_samples = False
            self.grid.set_samples(dataset.images, dataset.labels, dataset.class_names)
            self.filters.set_classes(dataset.class_names)
        if self._new_outputs:
            self._new_outputs = False
            self.grid.set_outputs(self._outputs)
            self.grid.set_grey(bool(self._obstacle))
            self._show_filtered()
        self._show_pinned()
        self._empty.show_content()

    def _show_filtered(self) -> None:
        """Show the samples that the filter lets through, or say that there are none."""
        wanted, samples = self.filters.filter(), self.grid.samples
        shown = wanted.rows(samples)
        self._escape.setEnabled(not wanted.lets_all_through)
        self.grid.set_shown(shown)
        if shown.size:
            self._body.show_content()
        elif samples.right() is None:
            waiting = none_until("prediction", self._obstacle)
            self._body.show_sentence(waiting if self._obstacle else _NOTHING)
        elif not samples.answered.any():
            self._body.show_sentence(NOT_FINITE)
        else:
            self._body.show_sentence(_NONE)
        self.headline.set_text(self._summary())
        self.headline.set_epoch(self._epoch, changed=self._changed)
        self._show_note()

    def _summary(self) -> str:
        samples = self.grid.samples
        right = samples.right()
        if right is None:
            if self._obstacle:
                return f"No prediction {self._obstacle}"
            return f"{len(samples):,} test images, not yet predicted"
        good, all_of_them = int(right.sum()), len(right)
        if self.filters.filter().lets_all_through:
            return right_of(good, all_of_them, all_of_them - int(samples.answered.sum()))
        return f"{len(samples.shown):,} shown (of {all_of_them:,})"

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.grid.set_compact(self.width() < _NARROW)

    def _show_note(self) -> None:
        """Say how many mistakes are shown, and which of them is pinned."""
        samples, mistakes = self.grid.samples, self._mistakes()
        count = len(mistakes)
        row = None if samples.pinned is None else samples.row_of(samples.pinned)
        if not count:
            text = "" if samples.right() is None else self._no_mistake()
        elif row is not None and row in mistakes:
            text = f"mistake {int(np.searchsorted(mistakes, row)) + 1:,} of {count:,}"
        else:
            text = f"{count:,} mistake{'' if count == 1 else 's'}"
        self.note.brief = text.removeprefix("mistake ")
        self.note.setText(text)

    @Slot()
    def _take_snapshot(self) -> None:
        self._snapshot = self._newest
        self._show_pinned()

    def _snapshot_of_pinned(self) -> Snapshot | None:
        """Return the snapshot that is drawn, if it is of what is pinned."""
        snapshot, pinned, dataset = self._snapshot, self.grid.samples.pinned, self._dataset
        if snapshot is None or snapshot.sample.test_index != pinned:
            return None
        if pinned is None:
            return snapshot
        if dataset is None or snapshot.classes != dataset.classes:
            return None
        image = picture_at(dataset.images, pinned)
        return snapshot if np.array_equal(snapshot.sample.image, image) else None

    def _show_pinned(self) -> None:
        samples, snapshot = self.grid.samples, self._snapshot_of_pinned()
        slots = self._view.state.stack.slots
        self.pane.sure = bool(slots) and slots[-1].block.output_range == "distribution"
        if samples.pinned is None:
            if snapshot is not None:
                self.pane.show_snapshot(snapshot)
        else:
            if snapshot is not None and snapshot.outputs is not None:
                self.grid.set_pinned_outputs(samples.pinned, snapshot.outputs)
                self.headline.set_text(self._summary())  # it counts the pinned sample, too
            drawn = None if samples.outputs is None else samples.outputs[samples.pinned]
            outputs = drawn if snapshot is None else snapshot.outputs
            picture = picture_at(samples.images, samples.pinned)
            true = samples.classes[samples.labels[samples.pinned]]
            self.pane.show_sample(samples.pinned, picture, true, outputs, samples.classes)
        self.pane.sample.setToolTip("" if snapshot is None else checkpoint_of(snapshot.position))
        self._show_note()

    # --- mistakes ----------------------------------------------------------------------------

    def go_to_mistake(self, step: int) -> None:
        """Pin the next wrong sample in the shown order (step 1), or the one before (-1)."""
        self.refresh()
        samples, mistakes = self.grid.samples, self._mistakes()
        if not mistakes.size:
            self._messages.done(f"Test images: {self._no_mistake()}.")  # it is asked from anywhere
            return
        row = None if samples.pinned is None else samples.row_of(samples.pinned)
        start = row if row is not None else -1 if step > 0 else len(samples.shown)
        following = mistakes[mistakes > start] if step > 0 else mistakes[mistakes < start][::-1]
        turned = mistakes[0 if step > 0 else -1]
        self._pin(int(samples.shown[following[0] if following.size else turned]))

    def _mistakes(self) -> Rows:
        """Return the rows of the wrong samples among those that are shown."""
        samples = self.grid.samples
        wrong = samples.wrong()
        return np.empty(0, dtype=np.intp) if wrong is None else np.flatnonzero(wrong[samples.shown])

    def _no_mistake(self) -> str:
        """Say that there is no mistake, or that nothing is predicted that could be one."""
        return "no mistake here" if self.grid.samples.answered.any() else "not predicted"

    # --- what a person does ------------------------------------------------------------------

    def _on_filter(self) -> None:
        if not self.filters.filter().lets_all_through:
            self._funnel.setChecked(True)
        self._show_filtered()

    def _pin(self, sample: int) -> None:
        self._mark_pinned(sample)
        self.sample_pinned.emit(sample)

    def _mark_pinned(self, sample: int | None) -> None:
        self.grid.set_pinned(sample)
        if sample is not None:
            self.grid.show_sample(sample)
        self._show_pinned()

    # --- building ----------------------------------------------------------------------------

    def _mistake_action(self, name: str, word: str, keys: str, step: int) -> QAction:
        tip = f"Select the {word.lower().replace('&', '')} image that is wrong, among those shown"
        return make_action(
            self, name, f"{word} mistake", lambda: self.go_to_mistake(step), keys=keys, tip=tip
        )

    def _content(self) -> QWidget:
        self._funnel = text_button(
            "predictions.funnel",
            "Filter",
            "Choose which images are shown, and in which order",
            takes_focus=True,
        )
        self._funnel.setCheckable(True)
        self._funnel.toggled.connect(self.filters.setVisible)
        arrows = (Qt.ArrowType.LeftArrow, Qt.ArrowType.RightArrow)
        buttons = [action_button(action) for action in self.mistake_actions]
        for button, arrow in zip(buttons, arrows, strict=True):
            button.setArrowType(arrow)
        self.filters.hide()
        row = in_row(*buttons, (FixedLabel(self.note), 1), self._funnel)
        top = in_column(self.headline, row)
        content = QWidget()
        in_column(self.pane, top, self.filters, (self._body, 1), of=content, gap=GRID)
        return content
