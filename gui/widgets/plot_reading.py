"""Reading: the values of a plot at one place, in words and in a box."""

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFontMetricsF,
    QPainter,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QWidget

from gui.theme import GRID, Colours
from gui.widgets.growing_curve import Floats
from gui.widgets.labels import elide


@dataclass(frozen=True)
class Reading:
    """What is read at a place x of the view: a heading, and rows of colour, name and value."""

    at: float
    heading: str
    rows: tuple[tuple[QColor, str, str], ...]

    def sentence(self) -> str:
        """All of it in one sentence."""
        return f"{self.heading}: {', '.join(f'{name} {value}' for _, name, value in self.rows)}"


def next_place(key: int, places: Floats, at: float | None) -> float | None:
    """Return the place that a key leads to from x, or from beyond the last one; None if to none.

    `places` ascend.
    """
    last = len(places) - 1
    here = last + 1 if at is None else int(np.searchsorted(places, at))
    goals = {
        Qt.Key.Key_Left: max(0, here - 1),
        Qt.Key.Key_Right: min(last, here + 1),
        Qt.Key.Key_Home: 0,
        Qt.Key.Key_End: last,
    }
    return float(places[goals[Qt.Key(key)]]) if key in goals and len(places) else None


def speak(plot: QWidget, text: str) -> None:
    """Have a screen reader say what is read."""
    if text != plot.accessibleDescription():
        plot.setAccessibleDescription(text)
        event = QAccessibleEvent(plot, QAccessible.Event.DescriptionChanged)
        QAccessible.updateAccessibility(event)


def paint_reading(
    painter: QPainter, reading: Reading, x: float, plot: QRectF, room: QRectF, colours: Colours
) -> None:
    """Paint a line at x over the height of a plot, and beside it a box with the values.

    The box stays in the room, which is the plot with its axes. Of what is too long for it, the
    values are the last to be cut.
    """
    if not plot.left() - 1 <= x <= plot.right() + 1:
        return
    painter.setPen(QPen(QColor(colours.muted), 1, Qt.PenStyle.DashLine))
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
    if not reading.rows:
        return
    most = room.width() - 2 * GRID - 1  # of its frame
    metrics = QFontMetricsF(painter.font())
    inner = min(_inner_width(reading, metrics), most)
    size = QSizeF(inner + 2 * GRID, (1 + len(reading.rows)) * metrics.height() + GRID)
    left = _beside(x, size.width(), plot, room)
    box = QRectF(QPointF(left, plot.top() + GRID / 2), size)
    painter.setPen(QColor(colours.border))
    ground = QColor(colours.base)
    ground.setAlphaF(0.9)  # what lies behind can be guessed
    painter.setBrush(ground)
    painter.drawRect(box)
    row = QRectF(box.left() + GRID, box.top() + GRID / 2, inner, metrics.height())
    painter.setPen(QColor(colours.text))
    painter.drawText(row, Qt.AlignmentFlag.AlignLeft, elide(reading.heading, metrics, inner))
    for colour, name, value in reading.rows:
        row.translate(0, metrics.height())
        painter.fillRect(QRectF(row.left(), row.center().y() - 2, 5, 5), colour)
        painter.setPen(QColor(colours.muted))
        name = elide(name, metrics, inner - 2 * GRID - metrics.horizontalAdvance(value))
        painter.drawText(row.adjusted(GRID, 0, 0, 0), Qt.AlignmentFlag.AlignLeft, name)
        painter.setPen(QColor(colours.text))
        painter.drawText(row, Qt.AlignmentFlag.AlignRight, value)


def _inner_width(reading: Reading, metrics: QFontMetricsF) -> float:
    """Return how wide a box has to be inside for all that is read, in px."""
    names = max(metrics.horizontalAdvance(name) for _, name, _ in reading.rows)
    values = max(metrics.horizontalAdvance(text) for _, _, text in reading.rows)
    heading = metrics.horizontalAdvance(reading.heading)
    return math.ceil(max(2 * GRID + names + values, heading))


def _beside(x: float, width: float, plot: QRectF, room: QRectF) -> float:
    """Return where a box begins: on the right of x, or its left, or where there is room at all."""
    if x + GRID + width <= plot.right():
        return x + GRID
    left = max(plot.left(), x - GRID - width)
    return max(room.left(), min(left, room.right() - 1 - width))


def paint_focus(painter: QPainter, area: QRectF, palette: QPalette) -> None:
    """Paint the frame of what has the focus."""
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
