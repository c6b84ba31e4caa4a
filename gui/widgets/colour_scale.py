"""The colours of values, and the scale beside them: a slim bar with the values at the ends."""

import math
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPalette

from engine.array_types import Array
from gui.theme import DARK, colours_of
from gui.widgets.number_words import brief
from gui.widgets.pictures import image_of
from gui.widgets.tiles import Pixels

Levels = tuple[float, float]
Table = NDArray[np.uint8]  # 256 colours (256, 3)
ColourMap = Literal["viridis", "CET-L1", "CET-D1", "CET-D2"]
# On a dark ground a white middle would glare: there zero has the colour of the ground.
_DARK_MIDDLE = {"CET-D1": "CET-D4", "CET-D2": "CET-D6"}
# Each of red, green and blue goes as far as it goes from black to white.
GREY: Literal["CET-L1"] = "CET-L1"
ScaleSide = Literal["none", "right", "below"]
_GAP, _BAR = 6, 8  # px between the cells and the bar, and across the bar
LEAST_BELOW = 64  # px that a scale below takes at least
_INK_CHANGES = 0.179  # the luminance on which black and white have the same contrast, 4.6


@cache
def lookup_table(name: str) -> Table:
    """The 256 colours (256, 3) of a colour map of pyqtgraph; they are not written to."""
    import pyqtgraph as pg  # half as much time as the rest of the window; not before it is painted

    table: Table = pg.colormap.get(name).getLookupTable(nPts=256, alpha=False)
    table.setflags(write=False)
    return table


def range_of(values: Array) -> Levels:
    """Smallest and largest finite value; 0 and 1 if there is none."""
    low, high = float(values.min()), float(values.max())
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def table_for(name: str, palette: QPalette) -> Table:
    """The 256 colours (256, 3) of a colour map in the theme of a palette."""
    dark = colours_of(palette) is DARK
    return lookup_table(_DARK_MIDDLE.get(name, name) if dark else name)


def coloured(values: Array, levels: Levels, table: Table) -> Pixels:
    """Return the colours of values (n, h, w), or of red, green and blue (n, h, w, 3).

    Where one is not finite, it is clear.
    """
    low, high = levels
    finite = np.isfinite(values)
    shares = (np.where(finite, values, low).astype(np.float64) - low) / (high - low or 1)
    steps = (np.clip(shares, 0, 1) * 255).round().astype(np.intp)
    if values.ndim == 3:
        return np.where(finite, _pixels(table)[steps], np.uint32(0))
    return np.where(finite.all(axis=3), _pixels(steps), np.uint32(0))


def _pixels(colours: NDArray[Any]) -> Pixels:
    """Return red, green and blue (..., 3) as pixels."""
    red, green, blue = np.moveaxis(colours, -1, 0).astype(np.uint32)
    pixels: Pixels = 0xFF000000 | red << 16 | green << 8 | blue
    return pixels


def takes_black(colours: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return whether black ink has more contrast than white on each of colours (..., 3 or 4).

    The better of the two has a contrast of 4.5 on any colour.
    """
    shares = colours[..., :3] / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    bright: NDArray[np.bool_] = linear @ (0.2126, 0.7152, 0.0722) > _INK_CHANGES
    return bright


def scale_texts(levels: Levels) -> tuple[str, str]:
    """Write the values at the ends of a scale: smallest, largest."""
    return brief(levels[0]), brief(levels[1])


def scale_margin(side: ScaleSide, levels: Levels, metrics: QFontMetricsF) -> QMarginsF:
    """Return the room that a scale takes beside the cells."""
    if side == "right":
        # At least so wide, that scales beside each other leave the same room to their cells.
        widest = max(map(metrics.horizontalAdvance, (*scale_texts(levels), "−8.8e−8")))
        return QMarginsF(0, 0, _GAP + _BAR + 3 + widest, 0)
    return QMarginsF(0, 0, 0, metrics.height() + 3 if side == "below" else 0)


def paint_scale(
    painter: QPainter, side: ScaleSide, cells: QRectF, inside: QRectF, table: Table, levels: Levels
) -> None:
    """Draw the scale of cells that lie at a place, without leaving the rectangle `inside`."""
    line, (low, high) = QFontMetricsF(painter.font()).height(), scale_texts(levels)
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
    painter: QPainter, cells: QRectF, inside: QRectF, table: Table, levels: Levels
) -> None:
    metrics = QFontMetricsF(painter.font())
    width = min(max(cells.width(), least_width("below", levels, metrics)), inside.width())
    left = min(max(cells.center().x() - width / 2, inside.left()), inside.right() - width)
    row = QRectF(left, cells.bottom() + 3, width, metrics.height())
    low, high = scale_texts(levels)
    taken = [metrics.horizontalAdvance(text) + 3 if text else 0 for text in (low, high)]
    if sum(taken) > width and low == f"−{high}":
        painter.drawText(row, Qt.AlignmentFlag.AlignHCenter, f"±{high}")
        return
    painter.drawText(row, Qt.AlignmentFlag.AlignLeft, low)
    painter.drawText(row, Qt.AlignmentFlag.AlignRight, high)
    bar = row.adjusted(taken[0], 3, -taken[1], -3)
    if bar.width() > bar.height():
        paint_colours(painter, bar, table)


def paint_colours(painter: QPainter, bar: QRectF, table: Table) -> None:
    """Fill a bar with 256 colours: the highest at the top, or at the right of a wide one."""
    is_wide = bar.width() > bar.height()
    strip = table.T[:, np.newaxis] if is_wide else table[::-1].T[..., np.newaxis]
    painter.drawImage(bar, image_of(strip))
