"""HistogramView: how often which values occur, as bars over an axis."""

import math
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from engine.inspection.unit_health import Histogram
from gui.theme import GRID, small_font
from gui.widgets.numbers import percent, short
from gui.widgets.scales import Scale, Ticks

_TOWERS = 3.0  # times as high as the next: such a bar is cut off and says how high it is
_TICK_ROOM = 6 * GRID  # px that a number of the axis may take; half of it beside the plot
_MOST_TICKS = 8
_SIDE = 5.5 * GRID  # px for the numbers on the left


class HistogramView(QWidget):
    """Bars under a title, and the share of all values that the height stands for on the left.

    A bar that towers over all others is cut off and has its share beside it. Pointing at a bar
    reads it.
    """

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._colour = title, QColor("grey")
        self._histogram: Histogram | None = None
        self._at: int | None = None
        self.setFont(small_font())
        self.setMouseTracking(True)
        self.setMinimumSize(16 * GRID, 9 * GRID)
        self.setAccessibleName(f"Histogram of the {title}")

    def show_histogram(self, histogram: Histogram | None, colour: QColor) -> None:
        """Draw a histogram in a colour; None: there are no such values."""
        self._histogram, self._colour = histogram, colour
        self.setAccessibleDescription(self.sentence())
        self.update()

    def histogram(self) -> Histogram | None:
        """What is drawn."""
        return self._histogram

    def sentence(self) -> str:
        """The title with mean ± deviation, or what is pointed at."""
        held = self._histogram
        if held is None:
            return f"no {self._title}"
        if not held.counts.sum():
            return f"{self._title}: not finite"
        if self._at is not None:
            low, high = held.edges[self._at : self._at + 2]
            share = percent(float(held.counts[self._at] / held.counts.sum()))
            return f"{short(float(low), 3)} to {short(float(high), 3)}: {share}"
        strange = " · some not finite" if held.unlike else ""
        return f"{self._title} {short(held.mean, 2)} ± {short(held.deviation, 2)}{strange}"

    def bars(self) -> list[QRectF]:
        """Where the bars lie in this widget, in px; one that towers is as high as there is room."""
        plot, held = self._plot(), self._histogram
        if held is None or not held.counts.sum():
            return []
        scale, top = self._scale(held), self._highest(held)
        edges = plot.left() + scale.shares(held.edges) * plot.width()
        if held.high <= held.low:  # one value only
            edges = np.full(len(held.counts) + 1, plot.center().x() + 2)
            edges[0] -= 4
        heights = np.minimum(1.0, held.counts / top) * plot.height()
        return [
            QRectF(left, plot.bottom() - height, max(1.0, right - left), height)
            for left, right, height in zip(edges[:-1], edges[1:], heights, strict=True)
        ]

    def top(self) -> str:
        """Which share of all values a bar as high as the plot stands for; empty without any."""
        held = self._histogram
        if held is None or not held.counts.sum():
            return ""
        return f"{short(100 * self._highest(held) / float(held.counts.sum()), 2)} %"

    def ticks(self) -> Ticks:
        """The numbers below the bars: round ones, or else those at both ends."""
        held, metrics = self._histogram, QFontMetricsF(self.font())
        if held is None:
            return []
        scale, width = self._scale(held), self._plot().width()
        for most in range(_MOST_TICKS, 1, -1):
            ticks = scale.ticks(most)
            room = max((metrics.horizontalAdvance(text) for _, text in ticks), default=0.0)
            places = [scale.share(value) * width for value, _ in ticks]
            apart = all(right - left > room + GRID / 2 for left, right in pairwise(places))
            if apart and len(ticks) > 1:
                return ticks
        return [(value, short(value, 2)) for value in (scale.low, scale.high)]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, palette = QPainter(self), self.palette()
        muted = palette.color(QPalette.ColorRole.PlaceholderText)
        line = QFontMetricsF(self.font()).height()
        painter.setPen(muted)
        title = QRectF(0, 0, self.width(), line)
        painter.drawText(title, Qt.AlignmentFlag.AlignLeft, self.sentence())
        held, plot = self._histogram, self._plot()
        if held is None:
            return
        for place, bar in enumerate(self.bars()):
            painter.fillRect(bar, self._colour if place != self._at else muted)
        self._paint_tower(painter, held)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        painter.drawLine(plot.bottomLeft(), plot.topLeft())
        painter.drawLine(plot.topLeft(), plot.topLeft() - QPointF(3, 0))
        scale = self._scale(held)
        painter.setPen(muted)
        share = QRectF(0, plot.top() - line / 2, plot.left() - GRID / 2, line)
        painter.drawText(share, Qt.AlignmentFlag.AlignRight, self.top())
        for value, text in self.ticks():
            x = plot.left() + scale.share(value) * plot.width()
            painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 3))
            box = QRectF(x - _TICK_ROOM, plot.bottom() + 3, 2 * _TICK_ROOM, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the bar under the pointer."""
        x = event.position().x()
        found = [place for place, bar in enumerate(self.bars()) if bar.left() <= x < bar.right()]
        self._point(found[0] if found else None)

    def leaveEvent(self, event: QEvent) -> None:
        """Stop reading."""
        super().leaveEvent(event)
        self._point(None)

    def _point(self, at: int | None) -> None:
        if at != self._at:
            self._at = at
            self.update()

    def _plot(self) -> QRectF:
        line = QFontMetricsF(self.font()).height()
        top = line * 3 / 2
        return QRectF(
            _SIDE,
            top,
            max(1.0, self.width() - _SIDE - _TICK_ROOM / 2),
            max(1.0, self.height() - top - line - GRID / 2),
        )

    def _scale(self, held: Histogram) -> Scale:
        """Show all values; around one that is alone, some room."""
        if held.high > held.low:
            return Scale(held.low, held.high)
        room = max(abs(held.low), 1e-6) / 2
        return Scale(held.low - room, held.low + room)

    def _highest(self, held: Histogram) -> float:
        """Return the count that is as high as the plot."""
        first, second = (float(count) for count in np.sort(held.counts)[[-1, -2]])
        return 1.25 * second if second and first > _TOWERS * second else max(1.0, first)

    def _paint_tower(self, painter: QPainter, held: Histogram) -> None:
        """Write its share beside a bar that is cut off."""
        place = int(held.counts.argmax())
        if held.counts[place] <= self._highest(held):
            return
        share = percent(held.counts[place] / held.counts.sum())
        bar, metrics = self.bars()[place], QFontMetricsF(painter.font())
        width = metrics.horizontalAdvance(share) + GRID
        beside = bar.right() + GRID / 2
        left = beside if beside + width <= self.width() else bar.left() - width
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        box = QRectF(left, bar.top(), width, metrics.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft, share)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Window), 2))
        y = bar.top() + math.ceil(metrics.height() / 2)
        painter.drawLine(QPointF(bar.left() - 2, y + 2), QPointF(bar.right() + 2, y - 2))
