"""ComparisonCurves: the curves of several runs over each other, by a choice of metric."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QStackedWidget, QWidget

from engine.runs.repeats import Metric, mean_curve, metric_curve
from engine.text import words
from gui.runs.compared_runs import ComparedRun, RunGroup, groups_of
from gui.theme import GRID, small_font
from gui.widgets.choice_boxes import choice_box
from gui.widgets.csv_table import csv_table
from gui.widgets.layouts import in_column, in_row
from gui.widgets.sample_names import short_name, short_names
from gui.widgets.tooltips import plain_tooltip

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


class _Metric(NamedTuple):
    metric: Metric
    title: str
    axis: str
    in_percent: bool


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
        self.means = QCheckBox("means")
        self.means.setObjectName("runs.compare.means")
        self.means.setFont(small_font())
        self.means.setToolTip(plain_tooltip(_MEANS))
        self.means.setAccessibleDescription(_MEANS)
        self.means.setChecked(True)
        self._pages = QStackedWidget()
        row = in_row(self.metric_box, self.means, 1, gap=GRID)
        in_column(row, (self._pages, 1), of=self)
        self.metric_box.currentIndexChanged.connect(self.draw)
        self.means.toggled.connect(self.draw)

    def set_runs(self, runs: tuple[ComparedRun, ...]) -> None:
        """Show other runs from the next drawing on."""
        self._runs = runs

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
            made.setObjectName(f"runs.compare.{chosen.metric}.epochs")
            made.setAccessibleName(f"{chosen.title} of the runs over the epochs; arrows read it")
            made.setToolTip(plain_tooltip(_TIP))
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
        labels = dict(
            zip(self._runs, short_names([r.name for r in self._runs], _LETTERS), strict=True)
        )
        found = []
        for group in groups:
            if group.has_mean and self.means.isChecked():
                found.append(self._mean(group))
                continue
            for each in group.runs:
                curve = metric_curve(each.run, chosen.metric)
                found.append(
                    RunLine(
                        each.name,
                        labels[each],
                        each.colour,
                        each.shade,
                        curve.epochs,
                        factor * curve.values,
                    )
                )
        return found

    def _mean(self, group: RunGroup) -> "RunLine":
        from gui.runs.comparison_plot import RunLine

        chosen, first = self._chosen, group.runs[0]
        mean = mean_curve([metric_curve(each.run, chosen.metric) for each in group.runs])
        low, high = (mean.mean - mean.deviation).clip(min=0.0), mean.mean + mean.deviation
        high = high.clip(max=1.0) if chosen.in_percent else high
        label = f"{short_name(group.name.partition(':')[0], _LETTERS - 4)} ×{len(group.runs)}"
        factor = self._factor
        return RunLine(
            group.name,
            label,
            first.colour,
            first.shade,
            mean.epochs,
            factor * mean.mean,
            factor * low,
            factor * high,
        )

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
