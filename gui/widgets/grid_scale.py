"""The colour scale that a grid of cells draws beside itself: as high, or as wide, as the cells."""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPalette

from gui.widgets.colour_bar import Levels, paint_colours, table_for
from gui.widgets.number_words import short

ScaleSide = Literal["none", "right", "below"]
_GAP, _BAR = 6, 8  # px between the cells and the bar, and across the bar
LEAST_BELOW = 64  # px that a scale below takes at least


def scale_texts(levels: Levels) -> tuple[str, str]:
    """Write the values at the ends of a scale: smallest, largest."""
    return _brief(levels[0]), _brief(levels[1])


def _brief(value: float) -> str:
    """Write a value with two digits; a small one with its power of ten."""
    if value == 0 or 0.01 <= abs(value) < 10_000 or not math.isfinite(value):
        return short(value, 2)
    return f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e").replace("-", "−")


def scale_margin(side: ScaleSide, levels: Levels, metrics: QFontMetricsF) -> QMarginsF:
    """Return the room that a scale takes beside the cells."""
    if side == "right":
        # At least so wide, that scales beside each other leave the same room to their cells.
        widest = max(map(metrics.horizontalAdvance, (*scale_texts(levels), "−8.8e−8")))
        return QMarginsF(0, 0, _GAP + _BAR + 3 + widest, 0)
    return QMarginsF(0, 0, 0, metrics.height() + 3 if side == "below" else 0)


def paint_scale(
    painter: QPainter,
    side: ScaleSide,
    cells: QRectF,
    inside: QRectF,
    colour_map: str,
    levels: Levels,
    palette: QPalette,
) -> None:
    """Draw the scale of cells that lie at a place, without leaving the rectangle `inside`."""
    metrics, table = QFontMetricsF(painter.font()), table_for(colour_map, palette)
    line, (low, high) = metrics.height(), scale_texts(levels)
    painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
    if side == "below":
        _paint_below(painter, cells, inside, table, levels)
        return
    height = max(cells.height(), min(2.4 * line, inside.height()))
    bar = QRectF(cells.right() + _GAP, cells.top(), _BAR, height)
    bar.moveTop(min(bar.top(), inside.bottom() - height))
    paint_colours(painter, bar, table)
    left = bar.right() + 3
    room = QRectF(left, bar.top() - 1, inside.right() - left + 1, bar.height() + 2)
    painter.drawText(room, Qt.AlignmentFlag.AlignTop, high)
    painter.drawText(room, Qt.AlignmentFlag.AlignBottom, low)
    if levels[0] < 0 < levels[1] and height >= 3.2 * line:
        y = bar.top() + height * levels[1] / (levels[1] - levels[0])
        if bar.top() + 1.5 * line < y < bar.bottom() - 1.5 * line:
            painter.drawText(QRectF(left, y - line / 2, room.width(), line), "0")


def least_width(side: ScaleSide, levels: Levels, metrics: QFontMetricsF) -> float:
    """Return the px that cells and scale together take across at least."""
    if side != "below":
        return 0.0
    texts = scale_texts(levels)
    return max(LEAST_BELOW, sum(map(metrics.horizontalAdvance, texts)) + metrics.height())


def _paint_below(
    painter: QPainter, cells: QRectF, inside: QRectF, table: NDArray[np.uint8], levels: Levels
) -> None:
    metrics = QFontMetricsF(painter.font())
    width = min(max(cells.width(), least_width("below", levels, metrics)), inside.width())
    left = min(max(cells.center().x() - width / 2, inside.left()), inside.right() - width)
    row = QRectF(left, cells.bottom() + 3, width, metrics.height())
    low, high = scale_texts(levels)
    painter.drawText(row, Qt.AlignmentFlag.AlignLeft, low)
    painter.drawText(row, Qt.AlignmentFlag.AlignRight, high)
    taken = [metrics.horizontalAdvance(text) + 3 if text else 0 for text in (low, high)]
    bar = row.adjusted(taken[0], 3, -taken[1], -3)
    if bar.width() > bar.height():
        paint_colours(painter, bar, table)
