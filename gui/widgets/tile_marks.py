"""TileMarks: what is drawn over the tiles of a mosaic: their numbers, and marks on some tiles."""

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.arrays import Array
from gui.theme import GRID, colours_of, small_font
from gui.widgets.colour_bar import Levels
from gui.widgets.mosaic_layout import TileLayout

_LEAST = 0.05  # numbers whose largest is below this, or above _MOST, are written times a power
_MOST = 1000
# Below a limit, so many decimals at most, and so many at least.
_DECIMALS = ((1, 4, 2), (10, 3, 1), (100, 2, 0), (math.inf, 1, 0))
_BADGE = 1.5 * GRID  # px; small enough to leave the numbers of a cell alone
_LARGE = 6 * GRID  # px of a tile that can carry badges
_BRIGHT = 140  # of 255; on brighter colours the ink is black


@dataclass(frozen=True)
class Notation:
    """How the numbers of a mosaic are written: so many decimals, times ten to the power."""

    decimals: int
    power: int = 0
    leading_zero: bool = True

    def text(self, value: float) -> str:
        """Write one number."""
        text = f"{value / 10.0**self.power:.{self.decimals}f}".replace("-", "−")
        if not text.strip("−0."):
            return "0"
        return text if self.leading_zero else text.replace("0.", ".", 1)


def notation_for(largest: float, room: float, metrics: QFontMetricsF) -> Notation | None:
    """Choose as many decimals as fit into `room` px for numbers up to ±largest; None: none fit.

    At least two figures of the largest number must fit.
    """
    if not 0 < largest < math.inf:
        return None
    power = 0 if _LEAST <= largest < _MOST else math.floor(math.log10(largest))
    largest /= 10.0**power
    most, least = next((most, least) for limit, most, least in _DECIMALS if largest < limit)
    choices = [(decimals, True) for decimals in range(most, least - 1, -1)]
    if largest < 0.99:
        choices.append((least, False))
    for decimals, leading_zero in choices:
        found = Notation(decimals, power, leading_zero)
        if metrics.horizontalAdvance(found.text(-largest * 10.0**power)) <= room:
            return found
    return None


class TileMarks(QWidget):
    """Lies over a mosaic's picture and lets the mouse through.

    A dead tile is crossed out, a saturated one framed, a locked one has a padlock.
    """

    def __init__(self, table: NDArray[np.uint8], parent: QWidget) -> None:
        super().__init__(parent)
        self._bright = table @ np.array([0.299, 0.587, 0.114]) > _BRIGHT
        self._maps: Array = np.empty((0, 1, 1))
        self._layout: TileLayout | None = None
        self._origin = QPointF()
        self._scale = 1.0
        self._levels: Levels = (0.0, 1.0)
        self.notation: Notation | None = None
        self.dead: frozenset[int] = frozenset()
        self.saturated: frozenset[int] = frozenset()
        self.locked: frozenset[int] = frozenset()
        self.setFont(small_font())
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_marks(
        self, dead: Collection[int], saturated: Collection[int], locked: Collection[int]
    ) -> None:
        """Mark tiles, and no others."""
        marks = frozenset(dead), frozenset(saturated), frozenset(locked)
        if marks != (self.dead, self.saturated, self.locked):
            self.dead, self.saturated, self.locked = marks
            self.update()

    def show_numbers(
        self, maps: Array, levels: Levels, layout: TileLayout, origin: QPointF, part: int
    ) -> None:
        """Write the values of maps (n, h, w) that nobody writes to, where they fit.

        Each is `part` cells of the layout wide.
        """
        self._scale = layout.scale * part
        self._maps, self._levels, self._layout, self._origin = maps, levels, layout, origin
        metrics = QFontMetricsF(self.font())
        self.notation = None
        if self._scale >= metrics.height():
            self.notation = notation_for(levels[1], self._scale - 3, metrics)
        self.update()

    def text(self, tile: int, row: int, column: int) -> str:
        """What is written into a cell; empty if numbers do not fit."""
        value = float(self._maps[tile, row, column])
        return self.notation.text(value) if self.notation and math.isfinite(value) else ""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._layout is None:
            return
        if self.notation is not None:
            self._paint_numbers(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for tile in self.saturated:
            self._paint_frame(painter, self._tile(tile))
        for tile in self.dead:
            self._paint_cross(painter, self._tile(tile))
        for tile in self.locked:
            self._paint_padlock(painter, self._tile(tile))

    def _tile(self, tile: int) -> QRectF:
        assert self._layout is not None
        layout, scale = self._layout, self._layout.scale
        row, column = layout.corner(tile)
        corner = self._origin + QPointF(column * scale, row * scale)
        return QRectF(corner.x(), corner.y(), layout.width * scale, layout.height * scale)

    def _paint_numbers(self, painter: QPainter) -> None:
        assert self._layout is not None
        (low, high), scale = self._levels, self._scale
        with np.errstate(invalid="ignore"):
            shares = np.nan_to_num((self._maps - low) / (high - low))
        bright = self._bright[np.clip(shares * 255, 0, 255).astype(np.intp)]
        for tile in range(len(self._maps)):
            area = self._tile(tile)
            for row, column in np.ndindex(*self._maps.shape[1:]):
                painter.setPen(QColor("black" if bright[tile, row, column] else "white"))
                cell = QRectF(area.x() + column * scale, area.y() + row * scale, scale, scale)
                text = self.text(tile, row, column)
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_frame(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(_pen(colours_of(self.palette()).wrong, min(3.0, area.width() / 6)))
        painter.drawRect(area.adjusted(-0.5, -0.5, 0.5, 0.5))

    def _paint_cross(self, painter: QPainter, area: QRectF) -> None:
        """Cross a tile out; one large enough for numbers has the cross on a badge beside them."""
        colours = colours_of(self.palette())
        if area.width() >= _LARGE:
            area = QRectF(area.topLeft(), QSizeF(_BADGE, _BADGE))
            painter.fillRect(area, QColor(colours.base))
            area = area.adjusted(2, 2, -2, -2)
        thin = area.width() < 2 * GRID
        for colour, width in ((colours.base, 4.0), (colours.text, 1.5)):
            painter.setPen(_pen(colour, width / 2 if thin else width))
            painter.drawLine(area.topLeft(), area.bottomRight())
            painter.drawLine(area.topRight(), area.bottomLeft())

    def _paint_padlock(self, painter: QPainter, area: QRectF) -> None:
        """Draw a padlock on a badge in the upper right corner."""
        colours = colours_of(self.palette())
        size = min(_BADGE, area.width() / 2)
        badge = QRectF(area.right() - size, area.top(), size, size)
        painter.fillRect(badge, QColor(colours.base))
        body = badge.adjusted(size * 0.2, size * 0.45, -size * 0.2, -size * 0.13)
        painter.fillRect(body, QColor(colours.text))
        painter.setPen(_pen(colours.text, size * 0.12))
        bow = badge.adjusted(size * 0.31, size * 0.14, -size * 0.31, -size * 0.26)
        painter.drawArc(bow, 0, 180 * 16)


def _pen(colour: str, width: float) -> QPen:
    pen = QPen(QColor(colour), width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen
