"""ComparisonView: the ticked runs side by side: curves, what differs, and the images of two."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QRadioButton,
    QStackedWidget,
    QWidget,
)

from engine.runs.repeats import Metric, mean_curve, metric_curve
from engine.runs.run_folder import Run
from engine.text import words
from gui.runs.comparison_table import ComparedRun, ComparisonTable, RunGroup, compared, groups_of
from gui.runs.noted_samples import ImageList, NotedImages
from gui.runs.run_images import FoundImages
from gui.runs.run_rows import data_of
from gui.theme import GRID
from gui.widgets.buttons import choice_box, text_button
from gui.widgets.csv_table import csv_table
from gui.widgets.curve import Curve
from gui.widgets.empty_state import EmptyState
from gui.widgets.labels import ElidedLabel, plain_label, plain_tooltip, wrapping_label
from gui.widgets.layouts import FlowLayout, VisibilityNotifier, in_column, in_row, named, scrolling
from gui.widgets.sample_names import short_name, short_names

if TYPE_CHECKING:
    from gui.runs.comparison_plot import ComparisonPlot, RunLine

_TIP = (
    "Point at an epoch to read all runs; the wheel zooms, dragging moves, a double-click fits "
    "again. A click on a name hides its curve."
)
_MEANS = (
    "Draw one curve for runs that differ in their seed alone: their mean, and around it one "
    "standard deviation. Each seed counts once: another run of it has its own curve. So has a run "
    "with fewer than half the epochs of the longest"
)
_LETTERS = 16  # of a name beside a curve
GROUPS = {  # in what a group of images is right, in few words and in more
    "both": "both are right",
    "only A": "only A is right",
    "only B": "only B is right",
    "none": "both are wrong",
}
_FIRST_GROUP = 1  # those are why one compares
NO_PAIR = "Tick two runs under Time machine to see in which images they differ."
_LINES = 4  # of what is said of the difference, that are in view


class _Metric(NamedTuple):
    metric: Metric
    title: str
    axis: str
    in_percent: bool


_OTHER_DATA = "These runs are of different data: compare their shapes, not their heights."
_METRICS = (
    _Metric("test_accuracy", "Test accuracy", "test accuracy, %", True),
    _Metric("test_loss", "Test loss", "test loss", False),
    _Metric("accuracy", "Training accuracy", "training accuracy, %", True),
    _Metric("loss", "Training loss", "training loss", False),
)


class ComparisonCurves(QWidget):
    """One plot at a time, made when it is first chosen. `made` carries each for its exports."""

    made = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs: tuple[ComparedRun, ...] = ()
        self._plots: dict[Metric, ComparisonPlot] = {}
        self.metric_box = choice_box("runs.compare.metric", "What is compared")
        self.metric_box.addItems([each.title for each in _METRICS])
        self.means = named(
            QCheckBox("means"), "runs.compare.means", tip=plain_tooltip(_MEANS), small=True
        )
        self.means.setAccessibleDescription(_MEANS)
        self.means.setChecked(True)
        self._pages = QStackedWidget()
        self.caution = named(ElidedLabel(), "runs.compare.caution", muted=True)
        row = in_row(self.metric_box, self.means, (self.caution, 1), gap=GRID)
        in_column(row, (self._pages, 1), of=self)
        self.metric_box.currentIndexChanged.connect(self.draw)
        self.means.toggled.connect(self.draw)

    def set_runs(self, runs: tuple[ComparedRun, ...]) -> None:
        """Show other runs from the next drawing on."""
        self._runs = runs
        are_alike = len({data_of(each.run) for each in runs}) < 2
        self.caution.setText("" if are_alike else _OTHER_DATA)

    @Slot()
    def draw(self) -> None:
        """Draw the curves that are chosen, at once."""
        groups = groups_of(self._runs)
        self.means.setVisible(any(group.has_mean for group in groups))
        if not self._runs:
            return
        plot = self.plot()
        self._pages.setCurrentWidget(plot)
        plot.heading = self.title()
        plot.set_lines(self._lines(groups))

    def plot(self) -> "ComparisonPlot":
        """Return the plot of what is chosen."""
        chosen = self._chosen
        if chosen.metric not in self._plots:
            from gui.runs.comparison_plot import ComparisonPlot  # brings pyqtgraph

            made = ComparisonPlot(chosen.axis, in_percent=chosen.in_percent)
            spoken = f"{chosen.title} of the runs over the epochs; arrows read it"
            named(made, f"runs.compare.{chosen.metric}.epochs", spoken, plain_tooltip(_TIP))
            if not chosen.in_percent:
                log = QAction("&Logarithmic axis", made, checkable=True)
                log.toggled.connect(made.set_log)
                made.addAction(log)
            self._plots[chosen.metric] = made
            self._pages.addWidget(made)
            self.made.emit(made)
        return self._plots[chosen.metric]

    def title(self) -> str:
        """What stands above a picture of the curves."""
        return f"{self._chosen.title} of {words.count(len(self._runs), 'run')} over the epochs"

    def table(self) -> bytes:
        """Write all metrics of all runs as CSV: a row an epoch."""
        head = ["run", "name", "seed", "epoch", "seconds", *(each.metric for each in _METRICS)]
        return csv_table(head, _rows(self._runs))

    def _lines(self, groups: Sequence[RunGroup]) -> "list[RunLine]":
        from gui.runs.comparison_plot import RunLine

        chosen, factor = self._chosen, self._factor
        short = short_names([each.name for each in self._runs], _LETTERS)
        labels = dict(zip(self._runs, short, strict=True))
        found = []
        for group in groups:
            if group.has_mean and self.means.isChecked():
                found.append(self._mean(group))
                continue
            for each in group.runs:
                curve = Curve(each.name, each.colour, labels[each], marked=True, shade=each.shade)
                points = metric_curve(each.run, chosen.metric)
                found.append(RunLine(curve, points.epochs, factor * points.values))
        return found

    def _mean(self, group: RunGroup) -> "RunLine":
        from gui.runs.comparison_plot import RunLine

        chosen, first = self._chosen, group.runs[0]
        mean = mean_curve([metric_curve(each.run, chosen.metric) for each in group.runs])
        low, high = (mean.mean - mean.deviation).clip(min=0.0), mean.mean + mean.deviation
        high = high.clip(max=1.0) if chosen.in_percent else high
        label = f"{short_name(group.name.partition(':')[0], _LETTERS - 4)} ×{len(group.runs)}"
        curve = Curve(group.name, first.colour, label, marked=True, shade=group.shade)
        factor = self._factor
        return RunLine(curve, mean.epochs, factor * mean.mean, factor * low, factor * high)

    @property
    def _factor(self) -> float:
        return 100.0 if self._chosen.in_percent else 1.0

    @property
    def _chosen(self) -> _Metric:
        return _METRICS[self.metric_box.currentIndex()]


def _rows(runs: Sequence[ComparedRun]) -> list[list[object]]:
    rows: list[list[object]] = []
    for each in runs:
        run, seconds = each.run, 0.0
        seed = run.description.project.settings.seed
        for epoch in run.metrics:
            seconds += epoch.seconds
            values = [getattr(epoch, chosen.metric) for chosen in _METRICS]
            rows.append([run.id, each.name, seed, run.age(epoch.epoch), seconds, *values])
    return rows


@dataclass(frozen=True, eq=False)
class TwoSaid:
    """What two runs said of the same test images, in a list for each of GROUPS.

    `sentence` says whether the difference may come by chance, `note` what that does not mean, and
    of which images and epochs it is said.
    """

    lists: Sequence[ImageList]
    sentence: str
    note: str = ""


class ComparisonImages(QWidget):
    """The first two runs, four groups with their counts, and the images of one of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs: tuple[ComparedRun, ...] = ()
        self._lists: Sequence[ImageList] = ()
        self._found = FoundImages(None)
        self.names = wrapping_label("runs.compare.names")
        self.sentence = wrapping_label("runs.compare.sentence")
        self.note = wrapping_label("runs.compare.note", muted=True)
        self.groups = QButtonGroup(self)
        self._images = NotedImages("runs.compare.images")
        self.grid = self._images.grid
        self._make_groups()
        self._empty = EmptyState(self._content(), NO_PAIR)
        in_column(self.names, (self._empty, 1), of=self)
        self.groups.idClicked.connect(self._show_group)

    # --- what is compared --------------------------------------------------------------------

    def set_runs(self, runs: tuple[ComparedRun, ...]) -> None:
        """Compare the first two of some runs."""
        self._runs = runs
        pair = self.pair()
        self.names.setVisible(pair is not None)
        if pair is not None:
            self.names.setText(f"A: {pair[0].name} · B: {pair[1].name}")

    def pair(self) -> tuple[ComparedRun, ComparedRun] | None:
        """Return the runs A and B; None if there are not two."""
        return (self._runs[0], self._runs[1]) if len(self._runs) > 1 else None

    def show_problem(self, sentence: str) -> None:
        """Say why there is nothing to compare."""
        self._empty.show_sentence(sentence)

    def show_said(self, said: TwoSaid, found: FoundImages) -> None:
        """Show the groups; their images if the data is there, else why not."""
        self._lists, self._found = said.lists, found
        self.sentence.setText(said.sentence)
        self.note.setText(said.note)
        self.note.setVisible(bool(said.note))
        for number, (each, meant) in enumerate(zip(said.lists, GROUPS.values(), strict=True)):
            button, count = self.groups.button(number), len(each.places)
            button.setText(f"{each.title} {count:,}")
            button.setAccessibleName(f"{words.count(count, 'image')} in which {meant}")
        self._show_group(self.groups.checkedId())
        self._empty.show_content()

    @Slot(int)
    def _show_group(self, number: int) -> None:
        self._images.show_list(self._lists[number], self._found)

    # --- building ----------------------------------------------------------------------------

    def _make_groups(self) -> None:
        for number, (title, meant) in enumerate(GROUPS.items()):
            tip = f"Show the images in which {meant}"
            button = text_button(f"runs.compare.group.{number}", title, tip, takes_focus=True)
            button.setCheckable(True)
            self.groups.addButton(button, number)
        self.groups.button(_FIRST_GROUP).setChecked(True)

    def _make_verdict(self) -> QWidget:
        """Put the sentence and its note together, which scroll where there is little room."""
        verdict = QWidget()
        in_column(self.sentence, self.note, of=verdict)
        area = scrolling(verdict)
        area.setFixedHeight(_LINES * self.sentence.fontMetrics().lineSpacing())
        return area

    def _content(self) -> QWidget:
        buttons = QWidget()
        flow = FlowLayout(buttons, gap=GRID // 2, row_gap=GRID // 2)
        right = plain_label("Right:", muted=True)
        flow.addWidget(right)
        for button in self.groups.buttons():
            flow.addWidget(button)
        content = QWidget()
        in_column(self._make_verdict(), buttons, (self._images, 1), of=content)
        return content


EMPTY = "Tick two or more runs under Time machine to compare their curves, settings and answers."


_PAGES = {
    "curves": "The curves of the runs over each other",
    "table": "Only the settings and blocks that differ, and what came of it",
    "images": "For the first two ticked: the images that both, one or none of them is right in",
}


class ComparisonView(VisibilityNotifier):
    """Three pages on the ticked runs. The setters only store; `refresh` draws when `dirty`.

    `want_images` is called when the images are in view and may be of another pair.
    """

    def __init__(self, want_images: Callable[[], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._want_images = want_images
        self.setObjectName("runs.compare")
        self.setAccessibleName("Compare")
        self.dirty = False
        self._compared: tuple[ComparedRun, ...] = ()
        self.curves, self.table = ComparisonCurves(), ComparisonTable()
        self.images = ComparisonImages()
        self.pages = QStackedWidget()
        for page in (self.curves, self.table, self.images):
            self.pages.addWidget(page)
        self.series = text_button(
            "runs.series",
            "More runs…",
            "Train the open network several times, with other seeds or settings",
            takes_focus=True,
        )
        self._switches = QButtonGroup(self)
        self._empty = EmptyState(self.pages, EMPTY)
        top = in_row((self._make_switches(), 1), self.series, gap=GRID)
        in_column(top, (self._empty, 1), of=self, margins=(GRID, GRID // 2, GRID, GRID // 2))
        self._switches.idClicked.connect(self.pages.setCurrentIndex)
        self.pages.currentChanged.connect(self._draw_page)

    def set_runs(self, runs: Sequence[tuple[Run, str]]) -> None:
        """Store other runs, each with its colour, or what they are now."""
        self._compared = compared(runs)
        self.dirty = True

    def show_page(self, name: str) -> None:
        """Show a page: curves, table or images."""
        self._switches.button([*_PAGES].index(name)).click()

    def is_compared(self) -> bool:
        """Return whether there are runs in view."""
        return self.isVisible() and bool(self._compared)

    def shows_images(self) -> bool:
        """Return whether the images of two runs are in view."""
        return self.isVisible() and self.pages.currentWidget() is self.images

    def refresh(self) -> None:
        """Draw the runs that were stored."""
        self.dirty = False
        if not self._compared:
            self._empty.show_sentence(EMPTY)
            return
        self.curves.set_runs(self._compared)
        self.images.set_runs(self._compared)
        self._empty.show_content()
        self._draw_page()

    def as_csv(self) -> bytes:
        """Write the page that is shown: the metrics of all epochs, or the table of differences."""
        if self.pages.currentWidget() is self.table:
            model = self.table.compared
            return csv_table(model.head, [row.texts for row in model.rows])
        return self.curves.table()

    @Slot()
    def _draw_page(self) -> None:
        """Draw the page that is shown; the others are drawn when they are."""
        page = self.pages.currentWidget()
        if page is self.curves:
            self.curves.draw()
        elif page is self.table:
            self.table.set_runs(self._compared)
        elif self.shows_images():
            self._want_images()

    def _make_switches(self) -> QWidget:
        row = QWidget()
        flow = FlowLayout(row, gap=GRID, row_gap=0)
        for number, (page, tip) in enumerate(_PAGES.items()):
            switch = named(QRadioButton(page), f"runs.compare.{page}", tip, tip, small=True)
            self._switches.addButton(switch, number)
            flow.addWidget(switch)
        self._switches.button(0).setChecked(True)
        return row
