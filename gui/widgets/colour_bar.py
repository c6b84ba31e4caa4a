"""The scale beside a picture: a slim bar of its colours with the values at the ends."""

import math
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.array_types import Array
from gui.theme import DARK, GRID, colours_of, small_font
from gui.widgets.number_words import short
from gui.widgets.tiles import Pixels

Levels = tuple[float, float]
ColourMap = Literal["viridis", "CET-L1", "CET-D1", "CET-D2"]
# On a dark ground a white middle would glare: there zero has the colour of the ground.
_DARK_MIDDLE = {"CET-D1": "CET-D4", "CET-D2": "CET-D6"}
GREY: Literal["CET-L1"] = (
    "CET-L1"  # each of red, green and blue goes as far as it goes from black to white
)
_INK_CHANGES = 0.179  # the luminance on which black and white have the same contrast, 4.6


@cache
def lookup_table(name: str) -> NDArray[np.uint8]:
    """The 256 colours (256, 3) of a colour map of pyqtgraph; they are not written to."""
    import pyqtgraph as pg  # half as much time as the rest of the window; not before it is painted

    table: NDArray[np.uint8] = pg.colormap.get(name).getLookupTable(nPts=256, alpha=False)
    table.setflags(write=False)
    return table


def range_of(values: Array) -> Levels:
    """Smallest and largest finite value; 0 and 1 if there is none."""
    low, high = float(values.min()), float(values.max())
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def table_for(name: str, palette: QPalette) -> NDArray[np.uint8]:
    """The 256 colours (256, 3) of a colour map in the theme of a palette."""
    dark = colours_of(palette) is DARK
    return lookup_table(_DARK_MIDDLE.get(name, name) if dark else name)


def coloured(values: Array, levels: Levels, table: NDArray[np.uint8]) -> Pixels:
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


class ColourBar(QWidget):
    """A vertical bar, the largest value above it and the smallest below; zero marked inside."""

    def __init__(self, colour_map: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour_map = colour_map
        self._levels: Levels = (0.0, 1.0)
        self.setFont(small_font())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setToolTip("Which colour stands for which value")

    def levels(self) -> Levels:
        """The values at the ends of the bar."""
        return self._levels

    def texts(self) -> tuple[str, str]:
        """The numbers printed at the ends: smallest, largest."""
        return short(self._levels[0], 3), short(self._levels[1], 3)

    def set_colour_map(self, colour_map: str) -> None:
        """Show the colours of another colour map."""
        if colour_map != self._colour_map:
            self._colour_map = colour_map
            self.update()

    def set_levels(self, levels: Levels) -> None:
        """Print other values at the ends."""
        if levels != self._levels:
            self._levels = levels
            low, high = self.texts()
            self.setAccessibleName(f"Colour scale from {low} to {high}")
            self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance("−0.00000"), 4 * metrics.height() + 4 * GRID)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        line = self.fontMetrics().height()
        bar = QRectF(0, line, GRID + GRID // 2, self.height() - 2 * line)
        paint_colours(painter, bar, table_for(self._colour_map, self.palette()))
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        low, high = self.texts()
        left = Qt.AlignmentFlag.AlignLeft
        painter.drawText(0, 0, self.width(), line, left | Qt.AlignmentFlag.AlignTop, high)
        painter.drawText(
            0, self.height() - line, self.width(), line, left | Qt.AlignmentFlag.AlignBottom, low
        )
        if self._levels[0] < 0 < self._levels[1]:
            share = self._levels[1] / (self._levels[1] - self._levels[0])
            y = bar.top() + share * bar.height()
            if not bar.top() + line / 2 <= y <= bar.bottom() - line / 2:
                return  # the number at that end says as much, and has the place
            painter.drawText(
                QRectF(bar.right() + GRID / 2, y - line / 2, self.width(), line), left, "0"
            )


def paint_colours(painter: QPainter, bar: QRectF, table: NDArray[np.uint8]) -> None:
    """Fill a bar with 256 colours: the highest at the top, or at the right of a wide one."""
    if bar.width() > bar.height():
        strip = np.ascontiguousarray(table)
        image = QImage(strip.data, 256, 1, 768, QImage.Format.Format_RGB888)
    else:
        strip = np.ascontiguousarray(table[::-1])
        image = QImage(strip.data, 1, 256, 3, QImage.Format.Format_RGB888)
    # Four bytes for each colour: from three, Qt takes ten times as long to draw it larger.
    painter.drawImage(bar, image.convertToFormat(QImage.Format.Format_RGB32))
