"""Curves that grow while a network learns: losses on the left axis, accuracy on the right."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QWidget

from gui.theme import GRID, LIGHT, colours_of, small_font
from gui.widgets.chart import Chart, ChartLayout, Curve, Line, lay_out, paint_curves, paint_ground
from gui.widgets.readout import Reading, paint_reading, read
from gui.widgets.scales import Scale, growing, linear, logarithmic
from gui.widgets.series import Floats, Series

__all__ = ["Curve", "CurvePlot", "Line"]

EARLIER = "earlier runs"
PERCENT = linear(0.0, 100.0)
_NEAR = 1.5 * GRID  # px from the pointer to an epoch that is meant
_DECADES = 1e12  # that a logarithmic axis shows at most
_ON_PAPER = replace(LIGHT, window="#FFFFFF")


class CurvePlot(QWidget):
    """A plot of growing curves with its legend above; pointing at it reads the values.

    `extend` only stores points; `draw` shows them. Left and Right read from point to point, Esc
    ends that.
    """

    def __init__(
        self,
        groups: dict[str, tuple[Curve, ...]],
        left: str,
        bottom: str,
        parent: QWidget | None = None,
        *,
        right: Scale | None = PERCENT,
        scale: Scale | None = None,
    ) -> None:
        """Make a plot of curves, grouped in the legend under a heading.

        Without a right axis, the curves' labels stand in its place. Without a `scale`, the left
        axis follows the values.
        """
        super().__init__(parent)
        self.setFont(small_font())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(20 * GRID, 12 * GRID)
        self._groups = {
            heading: tuple(_with_word(curve) for curve in group)
            for heading, group in groups.items()
        }
        self._curves = [curve for group in self._groups.values() for curve in group]
        self._series = {curve.name: Series() for curve in self._curves}
        self._earlier: tuple[Line, ...] = ()
        self._captions = (left, bottom, "" if right is None else "accuracy, %")
        self._right, self._scale = right, scale
        self._log = False
        self._best: tuple[float, float] | None = None
        self._at: float | None = None
        self._ground: QPixmap | None = None
        self._layout: ChartLayout | None = None
        self._chart = self._make_chart()

    # --- what is shown -----------------------------------------------------------------------

    def extend(self, name: str, x: Floats, y: Floats) -> None:
        """Append points to a curve; a value that is not finite is a gap."""
        self._series[name].extend(x, y)

    def clear(self) -> None:
        """Forget all points but those of earlier runs."""
        for series in self._series.values():
            series.clear()
        self._best = self._at = None

    def set_earlier(self, lines: Sequence[Line]) -> None:
        """Show what earlier runs have left behind the curves."""
        self._earlier = tuple(lines)

    def set_best(self, best: tuple[float, float] | None) -> None:
        """Mark a point of the left axis as the best, or none."""
        self._best = best

    def set_log(self, log: bool) -> None:
        """Make the left axis logarithmic, or linear again."""
        self._log = log

    def points(self, name: str) -> tuple[Floats, Floats]:
        """The points of a curve as last drawn, thinned if there were very many."""
        found = [line for line in self._chart.lines if line.curve.name == name]
        return (found[0].x, found[0].y) if found else (np.empty(0), np.empty(0))

    def chart(self) -> Chart:
        """What was last drawn."""
        return self._chart

    def plot_area(self) -> QRectF:
        """Where the curves lie in this widget, in px."""
        return self._laid_out().plot

    def legend(self) -> list[str]:
        """The words above the curves."""
        return [word for _, word, _ in self._laid_out().entries]

    def draw(self) -> None:
        """Show what was stored."""
        before, self._chart = self._chart, self._make_chart()
        if _ground(before) != _ground(self._chart):
            self._ground = self._layout = None
        self.update()

    def paint_to(self, painter: QPainter, size: QSize, title: str) -> None:
        """Paint the plot as last drawn on paper: dark on white, under a title."""
        painter.fillRect(QRectF(0, 0, size.width(), size.height()), QColor(_ON_PAPER.window))
        painter.setFont(_bold(painter.font()))
        painter.setPen(QColor(_ON_PAPER.text))
        line = QFontMetricsF(painter.font()).height()
        room = QRectF(2 * GRID, GRID, size.width() - 4 * GRID, line)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft, title)
        painter.setFont(_bold(painter.font(), False))
        below = QSizeF(room.width(), size.height() - line - 4 * GRID)
        layout = lay_out(self._chart, below, QFontMetricsF(painter.font()))
        painter.translate(room.left(), room.bottom() + GRID)
        paint_ground(painter, self._chart, layout, _ON_PAPER)
        paint_curves(painter, self._chart, layout, _ON_PAPER)

    # --- reading -----------------------------------------------------------------------------

    def reading(self) -> Reading | None:
        """What is read at the place that is pointed at; None if none is."""
        return None if self._at is None else read(self._chart.lines, self._at)

    def read_at(self, epoch: float | None) -> None:
        """Read all curves at the finished epoch nearest to a place on the axis, or stop reading."""
        self._at = None if epoch is None else self._snapped(epoch)
        reading = self.reading()
        self.setAccessibleDescription("" if reading is None else reading.sentence())
        QAccessible.updateAccessibility(
            QAccessibleEvent(self, QAccessible.Event.DescriptionChanged)
        )
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read where the pointer is."""
        layout = self._laid_out()
        inside = layout.plot.contains(event.position())
        self.read_at(layout.value(self._chart, event.position().x()) if inside else None)

    def leaveEvent(self, event: QEvent) -> None:
        """Stop reading."""
        super().leaveEvent(event)
        self.read_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Read from point to point."""
        places = self._places()
        last = len(places) - 1
        here = last + 1 if self._at is None else int(np.searchsorted(places, self._at))
        goals = {
            Qt.Key.Key_Left: max(0, here - 1),
            Qt.Key.Key_Right: min(last, here + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if event.key() == Qt.Key.Key_Escape and self._at is not None:
            self.read_at(None)
        elif event.key() in goals and len(places):
            self.read_at(float(places[goals[Qt.Key(event.key())]]))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the frame that says where the keys go."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the frame away."""
        super().focusOutEvent(event)
        self.update()

    def _snapped(self, epoch: float) -> float:
        """Return the nearest epoch with means if it is near, and where there is none any point.

        Between the epochs it is the place itself, where the batches are read.
        """
        places = self._places()
        if not len(places):
            return max(0.0, epoch)
        nearest = float(places[np.abs(places - epoch).argmin()])
        layout = self._laid_out()
        away = abs(layout.x(self._chart, nearest) - layout.x(self._chart, epoch))
        between = away > _NEAR and any(line.curve.marked for line in self._chart.lines)
        return max(0.0, epoch) if between else nearest

    def _places(self) -> Floats:
        """List the epochs at which there are means to be read, or else all points."""
        lines = self._chart.lines
        found = [line.x for line in lines if line.curve.marked and len(line.x)]
        found = found or [line.x for line in lines if len(line.x)]
        return np.unique(np.concatenate(found)) if found else np.empty(0)

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the curves over what lies behind them, which is kept, and what is read."""
        ratio = self.devicePixelRatioF()
        if self._ground is None or self._ground.devicePixelRatio() != ratio:
            self._ground = self._paint_ground(ratio)
        painter, colours, layout = QPainter(self), colours_of(self.palette()), self._laid_out()
        painter.drawPixmap(0, 0, self._ground)
        paint_curves(painter, self._chart, layout, colours, ratio)
        reading = self.reading()
        if reading is not None:
            paint_reading(painter, reading, self._chart, layout, colours)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(0.5, 0.5, self.width() - 1, self.height() - 1))

    def resizeEvent(self, event: QEvent) -> None:
        """Paint anew for another size."""
        self._redraw()

    def changeEvent(self, event: QEvent) -> None:
        """Paint anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._redraw()

    def _redraw(self) -> None:
        self._ground = self._layout = None
        self.update()

    def _laid_out(self) -> ChartLayout:
        if self._layout is None:
            metrics = QFontMetricsF(self.font())
            self._layout = lay_out(self._chart, QSizeF(self.size()), metrics)
        return self._layout

    def _paint_ground(self, ratio: float) -> QPixmap:
        ground = QPixmap((QSizeF(self.size()) * ratio).toSize())
        ground.setDevicePixelRatio(ratio)
        ground.fill(self.palette().color(QPalette.ColorRole.Window))
        painter = QPainter(ground)
        painter.setFont(self.font())
        colours = colours_of(self.palette())
        paint_ground(painter, self._chart, self._laid_out(), colours, ratio)
        painter.end()
        return ground

    def _make_chart(self) -> Chart:
        held = [(curve, self._series[curve.name]) for curve in self._curves]
        own = [Line(curve, *series.points(), spread=series.thinned) for curve, series in held]
        lines = [*self._earlier, *own]
        named = {
            heading: tuple(curve for curve in group if not curve.label)
            for heading, group in self._groups.items()
        }
        legend = {heading: group for heading, group in named.items() if group}
        if self._earlier:
            legend[EARLIER] = tuple(
                {line.curve.word: line.curve for line in self._earlier}.values()
            )
        left, bottom, right = self._captions
        return Chart(
            lines=tuple(lines),
            legend=legend,
            bottom=_across(lines),
            left=self._scale
            or _upwards([line for line in lines if line.curve.axis == "left"], self._log),
            right=self._right,
            captions=(left, bottom, right),
            best=self._best,
        )


def _with_word(curve: Curve) -> Curve:
    """Let the last word of the name stand in the legend, since the heading says the rest."""
    return curve if curve.word else replace(curve, word=curve.name.rsplit(" ", 1)[-1])


def _bold(font: QFont, bold: bool = True) -> QFont:
    changed = QFont(font)
    changed.setBold(bold)
    return changed


def _ground(chart: Chart) -> tuple[object, ...]:
    """Collect what is painted behind the curves."""
    return (chart.left, chart.bottom, chart.right, chart.legend)


def _across(lines: Sequence[Line]) -> Scale:
    """Show all lines, from the beginning of the first epoch that one has a point in."""
    held = [line for line in lines if len(line.x)]
    if not held:
        return linear(0.0, 1.0)
    # The mean of an epoch stands at its end.
    first = min(float(line.x[0]) - (1.0 if line.curve.marked else 0.0) for line in held)
    last = max(float(line.x[-1]) for line in held)
    return growing(max(0.0, math.floor(first)), last)


def _upwards(lines: Sequence[Line], log: bool) -> Scale:
    """Show all that is not pale, from zero if the axis is linear.

    Pale curves may stretch the axis to twice that, and without the largest 1 %: so a few outliers
    among the batches do not flatten everything else.
    """
    clear, pale = (
        [line.y[line.y > 0] for line in lines if line.curve.pale is kind] for kind in (False, True)
    )
    main, rest = (np.concatenate(found) if found else np.empty(0) for found in (clear, pale))
    low = high = np.nan
    if main.size:
        low, high = float(main.min()), float(main.max())
    if rest.size:
        least, most = (float(value) for value in np.percentile(rest, [1, 99]))
        low = min(low, max(least, low / 10)) if main.size else least
        high = max(high, min(most, 2 * high)) if main.size else most
    if log:
        return logarithmic(max(low, high / _DECADES), high) if low > 0 else logarithmic(0.1, 1.0)
    return growing(0.0, high if high > 0 else 1.0)
