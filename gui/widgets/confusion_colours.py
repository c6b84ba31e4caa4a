"""The colours of the confusion matrix: blue for what is right, orange for what is confused."""

import math

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from engine.array_types import Array
from gui.theme import GRID, colours_of, small_font
from gui.widgets.colour_bar import takes_black
from gui.widgets.pictures import Bytes
from gui.widgets.tooltips import plain_tooltip

_HELP = (
    "A cell's colour is its share of the true class: blue on the diagonal, orange beside it. Small "
    "shares are spread out, so that rare mistakes are seen."
)


def cell_colours(rates: Array, palette: QPalette) -> Bytes:
    """Mix the colours (n, n, 3) of the shares (n, n) of 0 to 1: red, green, blue.

    Those on the diagonal are right. The root of a share counts, so that rare mistakes are seen.
    NaN counts as 0.
    """
    colours = colours_of(palette)
    low, confused, right = (
        np.array([colour.red(), colour.green(), colour.blue()])
        for colour in map(QColor, (colours.base, colours.wrong, colours.pinned))
    )
    high = np.where(np.eye(len(rates), dtype=bool)[..., np.newaxis], right, confused)
    part = np.sqrt(np.clip(np.nan_to_num(rates), 0, 1))[..., np.newaxis]
    mixed: Bytes = (low + (high - low) * part).round().astype(np.uint8)
    return mixed


def cell_colour(rate: float, palette: QPalette, *, right: bool) -> QColor:
    """Mix the colour of one share."""
    red, green, blue = cell_colours(np.full((2, 2), rate), palette)[0, 0 if right else 1].tolist()
    return QColor(red, green, blue)


def text_colour(ground: QColor) -> QColor:
    """Choose black or white, whichever can be read better: one has a contrast of 4.5 at least."""
    return QColor("black" if takes_black(np.array(ground.getRgb(), np.uint8)) else "white")


class RateScale(QWidget):
    """The colours from 100 % confused over nothing to 100 % right, with numbers where they stand.

    `ends` are the words that say which half is which.
    """

    ends = ("confused %", "% right")
    _MARKS = (0, 10, 50, 100)  # %

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(small_font())
        self.setAccessibleName(
            "Colour scale: shares of the true class, to the left confused, to the right right"
        )
        self.setToolTip(plain_tooltip(_HELP))

    def sizeHint(self) -> QSize:
        outside = sum(self.fontMetrics().horizontalAdvance(word) for word in (*self.ends, "100"))
        return QSize(outside + 16 * GRID, 2 * self.fontMetrics().height())

    def strip(self) -> QRectF:
        """The part that is coloured, in px."""
        metrics = self.fontMetrics()
        beyond = metrics.horizontalAdvance("100") / 2 + GRID // 2  # that the last number reaches
        left, right = (metrics.horizontalAdvance(word) + beyond for word in self.ends)
        height = GRID - 2
        return QRectF(left, (metrics.height() - height) / 2, self.width() - left - right, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        strip, line = self.strip(), self.fontMetrics().height()
        gradient = QLinearGradient(strip.topLeft(), strip.topRight())
        for step in range(-10, 11):  # equal steps of the root are equal steps of the colour
            colour = cell_colour((step / 10) ** 2, self.palette(), right=step > 0)
            gradient.setColorAt((step + 10) / 20, colour)
        painter.fillRect(strip, gradient)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        words = QRectF(0, 0, self.width(), line)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignLeft, self.ends[0])
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignRight, self.ends[1])
        for mark in self._MARKS:
            distance = math.sqrt(mark / 100) * strip.width() / 2
            for x in {strip.center().x() - distance, strip.center().x() + distance}:
                text = QRectF(x - 4 * GRID, strip.bottom(), 8 * GRID, line)
                painter.drawText(text, Qt.AlignmentFlag.AlignHCenter, str(mark))
