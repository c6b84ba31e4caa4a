"""LossCurves: the plots of the loss panel, loss above and accuracy below, over the same time."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from gui.loss.runs import SMOOTHING, LossRun
from gui.theme import GRID
from gui.widgets.curve import Curve
from gui.widgets.curve_plot import PERCENT, CurvePlot
from gui.widgets.growing_curve import Floats
from gui.widgets.labels import plain_tooltip
from gui.widgets.layouts import in_column

_LOSS = (
    Curve("loss batch", "train", "batches", pale=True),
    Curve("loss smoothed", "train", "smoothed", smooth=True),
    Curve("loss train", "train", "train", marked=True, line=False),
    Curve("loss test", "test", "test", marked=True),
)
_LOSS_OF_EPOCHS = (Curve("loss train", "train", "train", marked=True), _LOSS[-1])
_ACCURACY = (
    Curve("accuracy train", "train", "train", marked=True),
    Curve("accuracy test", "test", "test", marked=True),
)
_MEANS = ("loss train", "loss test", "accuracy train", "accuracy test")  # as in a LossRun
_HELP = (
    "Drag to go back in time. Point at an epoch or a batch to read it; the wheel zooms, dragging "
    "with Shift moves, a double-click fits again. A click on a name hides its curve."
)
_LOSS_HELP = (
    f"{_HELP} Thin: batches; thick: their mean over about the last {SMOOTHING:g} epochs, at first "
    "over fewer; points: means over an epoch. A few extreme batches may lie outside."
)
_PAST_HELP = f"{_HELP} The points are means over an epoch; the line is the moment that is shown."


class TimePlot(CurvePlot):
    """A plot whose time is gone back in: by dragging, or by Enter where keys read it.

    With Shift, or the middle button, dragging moves the view.
    """

    time_wanted = Signal(float)  # epochs

    def __init__(self, left: str, **options: Any) -> None:
        self._drags = False
        self._time: float | None = None
        self._playhead = pg.InfiniteLine(angle=90)
        self._playhead.setZValue(2)  # in front of the curves
        super().__init__(left, **options)
        self.plotItem.addItem(self._playhead, ignoreBounds=True)

    def set_playhead(self, at: float | None) -> None:
        """Store the time in epochs that is looked at, where a line is; None: the present."""
        self._time = at

    def _draw_frame(self) -> None:
        super()._draw_frame()
        self._playhead.setVisible(self._time is not None)
        self._playhead.setValue(self._time or 0.0)

    def dress_items(self) -> None:
        """Give the line its colour, too."""
        self._playhead.setPen(pg.mkPen(self.colours.past, width=2 * self.ratio))
        super().dress_items()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag the line."""
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        left = event.button() == Qt.MouseButton.LeftButton
        self._drags = plain and left and self.plot_area().contains(event.position())
        if not self._drags:
            super().mousePressEvent(event)
            return
        event.accept()
        self._want(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the line, or read where the pointer is."""
        if self._drags:
            self.read_at(None)
            self._want(event)
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the line go."""
        if not self._drags:
            super().mouseReleaseEvent(event)
        self._drags = False
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the time that is read."""
        reads = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._at is not None
        if reads and self._at is not None:
            self.time_wanted.emit(self._at)
        else:
            super().keyPressEvent(event)

    def _want(self, event: QMouseEvent) -> None:
        area = self.plot_area()
        x = min(max(event.position().x(), area.left()), area.right())
        at = self.view.mapSceneToView(QPointF(x, area.center().y())).x()
        self.time_wanted.emit(float(at))


class LossCurves(QWidget):
    """Two plots with one axis of time. Setters only store; `parts` draw.

    Those `of_past` have no batches: of a kept run there are the means of its epochs.
    """

    def __init__(self, parent: QWidget | None = None, *, of_past: bool = False) -> None:
        super().__init__(parent)
        self._low = False
        self._earlier = self._has_epochs = False  # whether there are earlier runs, or any epochs
        self.loss = TimePlot("loss")
        self.accuracy = TimePlot("accuracy, %", scale=PERCENT, in_percent=True)
        helps = (_PAST_HELP, _PAST_HELP) if of_past else (_LOSS_HELP, _HELP)
        for plot, name, curves, tip in (
            (self.loss, "loss", _LOSS_OF_EPOCHS if of_past else _LOSS, helps[0]),
            (self.accuracy, "accuracy", _ACCURACY, helps[1]),
        ):
            plot.setObjectName(f"loss.curves.{name}")
            plot.setAccessibleName(f"Curves of the {name}; arrows read them")
            plot.setToolTip(plain_tooltip(tip))
            plot.set_curves(curves)
            plot.keep_room(self.fontMetrics().horizontalAdvance("smoothed") + 2 * GRID)
        self.accuracy.follow(self.loss)
        in_column((self.loss, 3), (self.accuracy, 2), of=self, gap=0)

    @property
    def plots(self) -> tuple[TimePlot, TimePlot]:
        """Both plots, from the top."""
        return self.loss, self.accuracy

    def extend(self, name: str, x: Floats, y: Floats) -> None:
        """Append points to the curve of this name; a value that is not finite is a gap."""
        plot = self.loss if name.startswith("loss") else self.accuracy
        plot.extend(name, x, y)

    def show_epochs(self, run: LossRun) -> None:
        """Show the means of all epochs of a run, and nothing else of the present."""
        self.clear()
        rows = run.epochs.rows()
        for column, name in enumerate(_MEANS, 1):
            factor = 100.0 if name.startswith("accuracy") else 1.0
            self.extend(name, rows[:, 0], factor * rows[:, column])

    def set_playhead(self, at: float | None) -> None:
        """Store the time in epochs of the checkpoint that is shown; None: the present."""
        for plot in self.plots:
            plot.set_playhead(at)

    def set_low(self, low: bool) -> None:
        """Leave a low panel to the loss."""
        self._low = low
        self._share_room()

    def _share_room(self) -> None:
        """Leave all to the loss in a low panel, and until there is an accuracy."""
        both = not self._low and self._has_epochs
        self.accuracy.setVisible(both)
        self.accuracy.view.setXLink(self.loss.view if both else None)
        self.loss.show_time(not both and not self._low)

    def clear(self) -> None:
        """Forget all points but those of earlier runs."""
        for plot in self.plots:
            plot.clear_points()

    def set_earlier(self, runs: Sequence[LossRun]) -> None:
        """Show the test loss and the test accuracy of earlier runs, pale."""
        self._earlier = bool(runs)
        for plot, column, factor in ((self.loss, 2, 1.0), (self.accuracy, 4, 100.0)):
            lines = []
            for run in runs:
                rows = run.epochs.rows()
                curve = Curve(f"run {run.number}", "test", "", pale=True, marked=True)
                lines.append((curve, rows[:, 0], factor * rows[:, column]))
            plot.set_earlier(lines)

    def set_batches(self, per_epoch: int | None) -> None:
        """Say how many batches an epoch has: within the first, they are counted."""
        for plot in self.plots:
            plot.batches = per_epoch

    def set_goal(self, epochs: int) -> None:
        """Say how many epochs a run is to have: so far earlier ones are shown."""
        self.loss.reach = float(epochs)

    def parts(self, run: LossRun) -> list[Callable[[], object]]:
        """Return what shows what was stored, and what is marked in a run.

        Neither plot is painted before both are drawn, for a change of the time changes both.
        """
        pairs = zip(*(plot.parts() for plot in self.plots), strict=True)
        return [partial(self._mark, run), *(part for pair in pairs for part in pair)]

    def _mark(self, run: LossRun) -> None:
        has_epochs = self._earlier or bool(len(run.epochs.rows()))
        if has_epochs != self._has_epochs:
            self._has_epochs = has_epochs
            self._share_room()
        best = run.best
        ringed = None if best is None else (float(best.epoch), 100 * best.test_accuracy)
        self.accuracy.best = ringed
