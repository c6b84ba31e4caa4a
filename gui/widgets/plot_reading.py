"""Reading: the values of a plot at one place, in words and in a box."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QWidget

from gui.theme import GRID, Colours
from gui.widgets.growing_curve import Floats


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
    painter: QPainter, reading: Reading, x: float, plot: QRectF, font: QFont, colours: Colours
) -> None:
    """Paint a line at x over the height of a plot, and beside it a box with the values."""
    if not plot.left() - 1 <= x <= plot.right() + 1:
        return
    painter.setPen(QPen(QColor(colours.muted), 1, Qt.PenStyle.DashLine))
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
    if not reading.rows:
        return
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    line = metrics.height()
    names = max(metrics.horizontalAdvance(name) for _, name, _ in reading.rows)
    values = max(metrics.horizontalAdvance(text) for _, _, text in reading.rows)
    inner = max(2 * GRID + names + values, metrics.horizontalAdvance(reading.heading))
    width, height = inner + 2 * GRID, (1 + len(reading.rows)) * line + GRID
    left = x + GRID if x + GRID + width <= plot.right() else max(plot.left(), x - GRID - width)
    box = QRectF(left, plot.top() + GRID / 2, width, height)
    painter.setPen(QColor(colours.border))
    ground = QColor(colours.base)
    ground.setAlphaF(0.9)  # what lies behind can be guessed
    painter.setBrush(ground)
    painter.drawRect(box)
    row = QRectF(box.left() + GRID, box.top() + GRID / 2, inner, line)
    painter.setPen(QColor(colours.text))
    painter.drawText(row, Qt.AlignmentFlag.AlignLeft, reading.heading)
    for colour, name, value in reading.rows:
        row.translate(0, line)
        painter.fillRect(QRectF(row.left(), row.center().y() - 2, 5, 5), colour)
        painter.setPen(QColor(colours.muted))
        painter.drawText(row.adjusted(GRID, 0, 0, 0), Qt.AlignmentFlag.AlignLeft, name)
        painter.setPen(QColor(colours.text))
        painter.drawText(row, Qt.AlignmentFlag.AlignRight, value)


def paint_focus(painter: QPainter, area: QRectF, palette: QPalette) -> None:
    """Paint the frame of what has the focus."""
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
