"""Readout: the values of all curves at one place, read and painted beside a line."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from gui.theme import GRID, Colours
from gui.widgets.chart import Chart, ChartLayout, Curve, Line
from gui.widgets.numbers import epoch, percent, short

_NEAR = 0.5  # epochs after its last point that a curve is still read


@dataclass(frozen=True)
class Reading:
    """What the curves say at a place, in epochs: each curve with its value in words."""

    at: float
    values: tuple[tuple[Curve, str], ...]

    @property
    def heading(self) -> str:
        """The place in words."""
        return epoch(self.at)

    def sentence(self) -> str:
        """All of it in one sentence."""
        values = (f"{curve.name} {value}" for curve, value in self.values)
        return f"{self.heading}: {', '.join(values)}"


def read(lines: Sequence[Line], at: float) -> Reading:
    """Read the lines at a place; those that have nothing there are left out."""
    found: dict[str, tuple[Curve, str]] = {}
    for line in lines:
        name, value = line.curve.name, _value(line, at)
        if value and name in found:  # loss and accuracy of an earlier run
            found[name] = found[name][0], f"{found[name][1]}, {value}"
        elif value:
            found[name] = line.curve, value
    return Reading(at, tuple(found.values()))


def paint_reading(
    painter: QPainter, reading: Reading, chart: Chart, layout: ChartLayout, colours: Colours
) -> None:
    """Paint a line at the place, and beside it a box with the values."""
    plot, x = layout.plot, layout.x(chart, reading.at)
    if not plot.left() <= x <= plot.right():
        return
    painter.setPen(QPen(QColor(colours.muted), 1, Qt.PenStyle.DashLine))
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
    metrics = QFontMetricsF(painter.font())
    line = metrics.height()
    names = max((metrics.horizontalAdvance(curve.name) for curve, _ in reading.values), default=0.0)
    values = max((metrics.horizontalAdvance(value) for _, value in reading.values), default=0.0)
    width = max(2 * GRID + names + values, metrics.horizontalAdvance(reading.heading)) + 2 * GRID
    height = (1 + len(reading.values)) * line + GRID
    left = x + GRID if x + GRID + width <= plot.right() else max(plot.left(), x - GRID - width)
    box = QRectF(left, plot.top() + GRID, width, height)
    painter.setPen(QColor(colours.border))
    ground = QColor(colours.base)
    ground.setAlphaF(0.9)  # what lies behind can be guessed
    painter.setBrush(ground)
    painter.drawRect(box)
    row = QRectF(box.left() + GRID, box.top() + GRID / 2, width - 2 * GRID, line)
    painter.setPen(QColor(colours.text))
    painter.drawText(row, Qt.AlignmentFlag.AlignLeft, reading.heading)
    for curve, value in reading.values:
        row.translate(0, line)
        painter.fillRect(QRectF(row.left(), row.center().y() - 2, 5, 5), curve.colour(colours))
        painter.setPen(QColor(colours.muted))
        painter.drawText(row.adjusted(GRID, 0, 0, 0), Qt.AlignmentFlag.AlignLeft, curve.name)
        painter.setPen(QColor(colours.text))
        painter.drawText(row, Qt.AlignmentFlag.AlignRight, value)


def _value(line: Line, at: float) -> str:
    """Write what a line says at a place: a mean at its epoch, else the newest point up to there."""
    index = int(np.searchsorted(line.x, at, side="right")) - 1
    if index < 0:
        return ""
    if line.curve.marked:
        return _written(line.curve, float(line.y[index])) if line.x[index] == at else ""
    if at - float(line.x[-1]) > _NEAR:
        return ""
    if index and line.x[index - 1] == line.x[index] and math.isnan(line.y[index]):
        index -= 1  # the gap that begins after this point
    if line.spread and line.curve.pale:
        low, high = (float(value) for value in np.sort(line.y[index // 2 * 2 :][:2])[[0, -1]])
        if low != high:
            return f"{_written(line.curve, low)} to {_written(line.curve, high)}"
    return _written(line.curve, float(line.y[index]))


def _written(curve: Curve, value: float) -> str:
    return percent(value / 100) if curve.axis == "right" else short(value)
