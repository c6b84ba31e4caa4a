"""KernelMosaic: all kernels of a convolution as tiles, with their numbers and marks."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.array_types import Array
from gui.theme import GRID, colours_of, small_font
from gui.widgets.colour_bar import GREY, Levels, table_for, takes_black
from gui.widgets.mosaic import Mosaic
from gui.widgets.mosaic_layout import TileLayout, fill, matrix, smallest
from gui.widgets.number_words import infinite, short
from gui.widgets.pictures import paint_frame

_LEAST = 0.05  # numbers whose largest is below this, or above _MOST, are written times a power
_MOST = 1000
# Below a limit, so many decimals at most, and so many at least.
_DECIMALS = ((1, 4, 2), (10, 3, 1), (100, 2, 0), (math.inf, 1, 0))
_BESIDE = 3  # px of a cell beside its number
_BADGE = 1.5 * GRID  # px; small enough to leave the numbers of a cell alone
_LARGE = 6 * GRID  # px of a tile that can carry badges
_PART = 2  # cells of the picture that a value is wide, where there is room
_LOW_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom


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
            return "≈0" if value else "0"
        return text if self.leading_zero else text.replace("0.", ".", 1)


def notation_for(largest: float, cell: float, metrics: QFontMetricsF) -> Notation | None:
    """Choose as many decimals as fit into a cell for numbers up to ±largest; None: none fit.

    At least two figures of the largest number must fit.
    """
    if cell < metrics.height() or not 0 < largest < math.inf:
        return None
    found = (each for each in _notations(largest) if _width(each, largest, metrics) <= cell)
    return next(found, None)


def least_cell(largest: float, metrics: QFontMetricsF) -> float:
    """Return the px that a cell needs for numbers up to ±largest."""
    if not 0 < largest < math.inf:
        largest = 1.0
    briefest = _notations(largest)[-1]
    return max(metrics.height(), _width(briefest, largest, metrics))


def _notations(largest: float) -> list[Notation]:
    """List the ways to write numbers up to ±largest, from the longest to the briefest."""
    power = 0 if _LEAST <= largest < _MOST else math.floor(math.log10(largest))
    scaled = largest / 10.0**power
    most, least = next((most, least) for limit, most, least in _DECIMALS if scaled < limit)
    found = [Notation(decimals, power) for decimals in range(most, least - 1, -1)]
    return [*found, Notation(least, power, leading_zero=False)] if scaled < 0.99 else found


def _width(notation: Notation, largest: float, metrics: QFontMetricsF) -> float:
    return metrics.horizontalAdvance(notation.text(-largest)) + _BESIDE


class TileMarks(QWidget):
    """Lies over a mosaic's picture and lets the mouse through.

    A dead tile is crossed out, a saturated one framed, a locked one has a padlock; a chosen one has
    a frame in the colour of what is chosen.
    """

    def __init__(self, colour_map: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._colour_map = colour_map
        self._maps: Array = np.empty((0, 1, 1))
        self._layout: TileLayout | None = None
        self._origin = QPointF()
        self._scale = 1.0
        self._levels: Levels = (0.0, 1.0)
        self.notation: Notation | None = None
        self.dead: frozenset[int] = frozenset()
        self.saturated: frozenset[int] = frozenset()
        self.locked: frozenset[int] = frozenset()
        self.chosen: frozenset[int] = frozenset()
        self.captions: tuple[str, ...] = ()
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

    def set_chosen(self, chosen: Collection[int]) -> None:
        """Frame tiles as chosen, and no others."""
        if frozenset(chosen) != self.chosen:
            self.chosen = frozenset(chosen)
            self.update()

    def show_numbers(
        self, maps: Array, levels: Levels, layout: TileLayout, origin: QPointF, part: int
    ) -> None:
        """Write the values of maps (n, h, w) that are not written to, where they fit.

        Each is `part` cells of the layout wide. Colours (n, h, w, 3) have no numbers.
        """
        self._scale = layout.scale * part
        self._maps, self._levels, self._layout, self._origin = maps, levels, layout, origin
        metrics = QFontMetricsF(self.font())
        self.notation = notation_for(levels[1], self._scale, metrics) if maps.ndim == 3 else None
        self.update()

    def set_captions(self, captions: Sequence[str]) -> None:
        """Write a text into the gap above each tile of a layout with heads; none: nowhere."""
        self.captions = tuple(captions)
        self.update()

    def least_cell(self, levels: Levels) -> float:
        """Return the px that a cell needs for numbers on a scale about zero."""
        return least_cell(levels[1], QFontMetricsF(self.font()))

    def text(self, tile: int, row: int, column: int) -> str:
        """What is written into a cell; empty if numbers do not fit."""
        if self.notation is None:
            return ""
        value = float(self._maps[tile, row, column])
        return infinite(value) or self.notation.text(value)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._layout is None:
            return
        seen = self._seen(QRectF(event.rect()))
        if self.notation is not None:
            self._paint_numbers(painter, seen)
        painter.setPen(QColor(colours_of(self.palette()).muted))
        for tile in seen if self.captions else ():
            self._paint_caption(painter, tile)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = colours_of(self.palette())
        for tile in self.saturated.intersection(seen):
            self._paint_frame(painter, self._tile(tile), colours.wrong)
        for tile in self.chosen.intersection(seen):
            self._paint_frame(painter, self._tile(tile).adjusted(-2, -2, 2, 2), colours.pinned)
        for tile in self.dead.intersection(seen):
            self._paint_cross(painter, self._tile(tile))
        for tile in self.locked.intersection(seen):
            self._paint_padlock(painter, self._tile(tile))

    def _seen(self, area: QRectF) -> list[int]:
        """List the tiles in an area: of very many, most are scrolled away."""
        assert self._layout is not None
        gap = self._layout.scale
        around = area.adjusted(-gap, -gap, gap, gap)
        return [t for t in range(len(self._maps)) if self._tile(t).intersects(around)]

    def _tile(self, tile: int) -> QRectF:
        assert self._layout is not None
        return self._layout.rect(tile, self._origin)

    def _paint_numbers(self, painter: QPainter, tiles: Sequence[int]) -> None:
        assert self._layout is not None
        (low, high), scale = self._levels, self._scale
        with np.errstate(invalid="ignore"):
            shares = np.nan_to_num((self._maps[tiles] - low) / (high - low))
        inks = takes_black(table_for(self._colour_map, self.palette()))
        black = inks[np.clip(shares * 255, 0, 255).astype(np.intp)]
        for place, tile in enumerate(tiles):
            area = self._tile(tile)
            for row, column in np.ndindex(*self._maps.shape[1:]):
                painter.setPen(QColor("black" if black[place, row, column] else "white"))
                cell = QRectF(area.x() + column * scale, area.y() + row * scale, scale, scale)
                text = self.text(tile, row, column)
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_caption(self, painter: QPainter, tile: int) -> None:
        assert self._layout is not None
        area, gap = self._tile(tile), self._layout.scale
        box = QRectF(area.x(), area.y() - gap, area.width(), gap)
        painter.drawText(box, _LOW_LEFT, self.captions[tile])

    def _paint_frame(self, painter: QPainter, area: QRectF, colour: str) -> None:
        edge = area.adjusted(-0.5, -0.5, 0.5, 0.5)
        paint_frame(painter, edge, QColor(colour), min(3.0, area.width() / 6))

    def _paint_cross(self, painter: QPainter, area: QRectF) -> None:
        """Cross a tile out; one large enough for numbers has the cross on a badge beside them."""
        colours = colours_of(self.palette())
        if area.width() >= _LARGE:
            area = QRectF(area.topLeft(), QSizeF(_BADGE, _BADGE))
            painter.fillRect(area, QColor(colours.base))
            area = area.adjusted(2, 2, -2, -2)
        thin = area.width() < 2 * GRID
        for colour, width in ((colours.base, 4.0), (colours.text, 1.5)):
            painter.setPen(QPen(QColor(colour), width / 2 if thin else width))
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
        painter.setPen(QPen(QColor(colours.text), size * 0.12))
        bow = badge.adjusted(size * 0.31, size * 0.14, -size * 0.31, -size * 0.26)
        painter.drawArc(bow, 0, 180 * 16)


class KernelMosaic(Mosaic):
    """Kernels (depth, channels, k, k): a row for each map i, in it a tile for each channel j.

    Where the rows are too long for the space, and where there is one channel, they are broken.
    """

    rewritten = Signal()  # the numbers, perhaps in another notation

    def __init__(self) -> None:
        super().__init__("CET-D1", "kernel", scrolls=True)
        self._channels = 1
        self._numbers = False
        self.marks = TileMarks("CET-D1", self._canvas)
        assert self._scroll is not None
        self._scroll.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Lay the kernels out anew when more or less of them can be seen at a time."""
        if event.type() == QEvent.Type.Resize:
            self._resize()
        return super().eventFilter(watched, event)

    def set_kernels(self, kernels: Array, *, numbers: bool = False, coloured: bool = False) -> None:
        """Show kernels (depth, channels, k, k), which are not written to afterwards.

        With `numbers` each is at least so large that its numbers fit, and they scroll. `coloured`,
        the three kernels of a map are one picture in red, green and blue, where grey is zero.
        """
        self._channels, self._numbers = 1 if coloured else kernels.shape[1], numbers
        self._bar.set_colour_map(GREY if coloured else "CET-D1")
        maps = np.moveaxis(kernels, 1, -1) if coloured else kernels
        self.set_maps(maps if coloured else maps.reshape(-1, *kernels.shape[2:]))

    def set_marks(
        self, dead: Collection[int], saturated: Collection[int], locked: Collection[int]
    ) -> None:
        """Mark the kernels of some maps i."""
        self.marks.set_marks(*(self._of_maps(maps) for maps in (dead, saturated, locked)))

    def set_chosen(self, maps: Collection[int]) -> None:
        """Frame the kernels of some maps i as chosen."""
        self.marks.set_chosen(self._of_maps(maps))

    def show_map(self, number: int) -> None:
        """Scroll to the kernels of a map i, and let the keys be at the first."""
        self.set_current(number * self._channels)

    @property
    def coloured(self) -> bool:
        """Whether a tile is all that a map is made of, in red, green and blue."""
        return self._maps is not None and self._maps.ndim == 4

    @property
    def broken(self) -> bool:
        """Whether the kernels of a map are not one row."""
        return self._layout is not None and self._layout.columns != self._channels

    def place(self, tile: int) -> tuple[int, int]:
        """Return which map i and channel j a tile is of, counted from 0."""
        return divmod(tile, self._channels)

    def set_current(self, tile: int) -> None:
        """Mark the kernel that the keys are at, read it, and scroll to it."""
        super().set_current(tile)
        self._read()
        if self._scroll is not None and self._layout is not None:
            row, _ = self._layout.corner(tile)
            y = (row + self._layout.height / 2) * self._layout.scale + self._canvas.origin().y()
            self._scroll.ensureVisible(0, int(y), 0, int(self._layout.height * self._layout.scale))

    def _of_maps(self, maps: Collection[int]) -> list[int]:
        return [i * self._channels + j for i in maps for j in range(self._channels)]

    def _name(self, tile: int) -> str:
        return f"kernel {self._caption(tile)}"

    def _caption(self, tile: int) -> str:
        i, j = self.place(tile)
        return f"i {i + 1}" if self.coloured else f"i {i + 1}, j {j + 1}"

    def _lay_out(self, space: tuple[float, float], ratio: float) -> tuple[TileLayout, TileLayout]:
        """Make each value some cells wide, so that the gap of one cell takes less of the room.

        Where numbers are wanted, each value is as large as they need.
        """
        assert self._maps is not None
        assert self._scroll is not None
        view = self._scroll.viewport()
        space = view.width(), view.height()  # the picture may be higher
        count, height, width = self._maps.shape[:3]
        tiles = TileLayout(count, height * _PART, width * _PART, self._channels)
        least = width * self.marks.least_cell(self._bar.levels()) if self._numbers else None
        if self._channels > 1:
            for each in (tiles, TileLayout(count, height, width, self._channels)):
                rows = matrix(each, space, ratio, least)
                if rows is not None:
                    return rows
            named = replace(tiles, headed=True)
            high = fill(named, space, ratio, least).scale
            if self._numbers and high >= self.marks.fontMetrics().height():
                tiles = named
        return fill(tiles, space, ratio, least), smallest(tiles, space[0], ratio, least)

    @property
    def _part(self) -> int:
        """Return how many cells of the picture a value is wide."""
        assert self._layout is not None
        assert self._maps is not None
        return self._layout.width // int(self._maps.shape[2])

    def _tiles(self) -> Array:
        return super()._tiles().repeat(self._part, axis=1).repeat(self._part, axis=2)

    def _locate(self, row: int, column: int) -> tuple[int, int, int] | None:
        found = super()._locate(row, column)
        if found is None:
            return None
        tile, row, column = found
        return tile, row // self._part, column // self._part

    def _draw(self) -> None:
        super()._draw()
        self._write()

    def _resize(self) -> None:
        super()._resize()
        self.marks.resize(self._canvas.size())
        self._write()

    def _write(self) -> None:
        if self._maps is not None and self._layout is not None:
            self.marks.show_numbers(
                self._maps, self._bar.levels(), self._layout, self._canvas.origin(), self._part
            )
            tiles = range(len(self._maps)) if self._layout.headed else ()
            self.marks.set_captions([self._caption(tile) for tile in tiles])
            self.rewritten.emit()

    def _read(self) -> None:
        super()._read()
        if self._pointed is None and self._maps is not None and self.hasFocus():
            kernel = self._maps[self.current]
            self._readout.setText(
                f"{self._name(self.current)}: {short(float(kernel.min()), 3)} to "
                f"{short(float(kernel.max()), 3)}, norm {short(float(np.linalg.norm(kernel)), 3)}"
            )
