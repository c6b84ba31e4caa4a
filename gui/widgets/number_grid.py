"""NumberGrid: a small array as coloured cells, with its numbers where they fit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QMarginsF, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.array_types import Array
from gui.theme import GRID, colours_of, magnification, small_font
from gui.widgets.cell_numbers import BESIDE, CellWriting, Writing, sized, write_cells
from gui.widgets.colour_scale import (
    GREY,
    ColourMap,
    Levels,
    ScaleSide,
    coloured,
    least_width,
    paint_scale,
    range_of,
    scale_margin,
    table_for,
    takes_black,
)
from gui.widgets.number_words import short
from gui.widgets.pictures import paint_edge, paint_frame
from gui.widgets.tiles import MOVES, Pixels, Tiles, fitted, picture_of, wrapped

_STEPS = (1, 2, 5, 10, 20, 50, 100)  # cells from one number to the next
_LARGEST = 56  # px a cell
_MANY = 100  # cells


def paint_axes(painter: QPainter, cells: Tiles, palette: QPalette) -> None:
    """Number rows and columns, as many of them as there is room for."""
    painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
    metrics = QFontMetricsF(painter.font())
    room, line = metrics.horizontalAdvance("00") + 2, metrics.height()
    apart = metrics.horizontalAdvance("000")
    step = next((step for step in _STEPS if step * cells.scale >= apart), _STEPS[-1])
    rows, columns = cells.shape
    most = max(rows, columns)
    for number in range(1, most + 1, step) if step < 5 else (1, *range(step, most + 1, step)):
        if number <= columns:
            cell = cells.cell(0, number - 1)
            above = QRectF(cell.center().x() - room, cell.top() - line, 2 * room, line)
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, str(number))
        if number <= rows:
            cell = cells.cell(number - 1, 0)
            beside = QRectF(0, cell.center().y() - line / 2, cell.left() - 2, line)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(beside, right, str(number))


@dataclass(frozen=True)
class GridFrame:
    """A frame around some cells: first row and column, size in cells, colour, width in px.

    In a larger font than the usual one it is wider.
    """

    top: int
    left: int
    height: int
    width: int
    colour: str
    thickness: int = 2


class NumberGrid(QWidget):
    """Shows values (h, w), or tiles of them (n, h, w), as large as the space allows.

    Tiles (n, h, w, 3) are in red, green and blue. Those that have no room though a cell has one
    device px are left out. Colours for values with a sign have zero in the middle. At the axes
    stand rows and columns from 1. With `browsable`, arrows go from cell to cell, `by_tile` from
    tile to tile, and Enter or a double-click chooses one. `writing` says how numbers are written; a
    scale stands at the side `scale`, and with one the cells begin at the top.
    """

    hovered = Signal(int, int)
    left = Signal()
    clicked = Signal(int, int)
    chosen = Signal(int, int)

    def __init__(
        self,
        colour_map: ColourMap = "viridis",
        *,
        axes: bool = False,
        browsable: bool = False,
        by_tile: bool = False,
        largest: int = _LARGEST,
        writing: Writing | None = "free",
        scale: ScaleSide = "none",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.colour_map = colour_map  # of the values that are set next
        self._axes, self._largest = axes, largest
        self._browsable, self._by_tile = browsable, by_tile
        self._writing, self._scale_side = writing, scale
        self._values: Array = np.zeros((1, 1))
        self._tiles: Array = self._values[np.newaxis]
        self._levels: Levels = (0.0, 1.0)
        self._cells: Tiles | None = None  # what follows from the size, until that changes
        self._written: CellWriting | None = None
        self._taken: QMarginsF | None = None  # by axes and scale
        self._inserted: NDArray[np.bool_] | None = None
        self._frames: tuple[GridFrame, ...] = ()
        self._current = (0, 0, 0)  # tile, and row and column of it
        self.setFont(small_font())
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        if browsable:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_values(
        self,
        values: Array,
        levels: Levels | None = None,
        inserted: NDArray[np.bool_] | None = None,
    ) -> None:
        """Show an array that is not written to; `inserted` zeros of one (h, w) are hatched.

        Without `levels` the scale follows the values. For signed values it is symmetric about zero.
        """
        low, high = levels if levels is not None else range_of(values)
        if self.colour_map not in ("viridis", GREY):
            high = max(abs(low), abs(high)) or 1.0  # zeros alone have the colour of zero
            low = -high
        same, before, shape = np.array_equal(values, self._values), self._taken, self._values.shape
        self._values, self._inserted, self._taken = values, inserted, None
        self._levels = (low, high if high > low else low + 1)
        if shape != values.shape or self._margin() != before:
            self._measure_anew()
        elif not same:
            self._written = None  # else, as around a window that slides, it stays
        self._tiles = values if values.ndim > 2 else values[np.newaxis]
        self._current = tuple(map(min, self._current, (size - 1 for size in self._tiles.shape)))
        self.setAccessibleDescription(self._description())
        self.update()

    def set_largest(self, largest: int) -> None:
        """Let a cell have so many px at most."""
        if largest != self._largest:
            self._largest = largest
            self._measure_anew()

    def set_scale(self, side: ScaleSide) -> None:
        """Draw the scale at another side."""
        if side != self._scale_side:
            self._scale_side = side
            self._measure_anew()

    def set_frames(self, frames: Sequence[GridFrame]) -> None:
        """Draw frames around cells, in place of the former ones."""
        if tuple(frames) != self._frames:
            self._frames = tuple(frames)
            self.update()

    @property
    def current(self) -> tuple[int, int]:
        """The cell that the keys are at."""
        return self.cells().place(*self._current)

    def set_current(self, row: int, column: int) -> None:
        """Mark the cell that the keys are at."""
        self._current = self.cells().within(row, column) or self._current
        self.update()

    def values(self) -> Array:
        """The values that are shown."""
        return self._values

    def levels(self) -> Levels:
        """The values at the ends of the colour scale."""
        return self._levels

    def text(self, row: int, column: int) -> str:
        """The number that is written into a cell; empty if numbers do not fit."""
        place = self.cells().within(row, column)
        return "" if place is None else self._writing_now().text(float(self._tiles[place]))

    def exponent(self) -> int:
        """The power of ten that the written numbers are to be multiplied with."""
        return self._writing_now().exponent

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """Return the cell at a point of the widget, None beside the cells."""
        return self.cells().locate(position)

    # --- size --------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return self.size_for(min(self._largest, max(2, 280 // max(self._tiles.shape[1:3]))))

    def minimumSizeHint(self) -> QSize:
        return self.size_for(2)

    def size_for(self, cell: float) -> QSize:
        """Return the size that cells of so many px need, with axes and scale."""
        margin, ratio = self._margin(), self.devicePixelRatioF()
        area = self.cells().sized(cell, ratio).area
        width = margin.left() + margin.right() + area.width() + 2
        height = margin.top() + margin.bottom() + area.height() + 2
        least = least_width(self._scale_side, self._levels, QFontMetricsF(self.font()))
        return QSize(math.ceil(max(least, width)), math.ceil(height))

    def cells(self) -> Tiles:
        """Where the cells lie."""
        if self._cells is None:
            margin, ratio = self._margin(), self.devicePixelRatioF()
            found = self.fitted_in(self.width(), self.height())
            spare_x = self.width() - margin.left() - margin.right() - found.area.width()
            spare_y = self.height() - margin.top() - margin.bottom() - found.area.height()
            above = 1 if self._scale_side != "none" else max(1, int(spare_y * ratio / 2) / ratio)
            beside = max(1, int(spare_x * ratio / 2) / ratio)
            origin = QPointF(margin.left() + beside, margin.top() + above)
            self._cells = replace(found, origin=origin)
        return self._cells

    def fitted_in(self, width: float, height: float) -> Tiles:
        """Return the layout for a size: as many tiles as have room."""
        return self._lay_out(self._room_in(width, height), self.devicePixelRatioF())

    def _room_in(self, width: float, height: float) -> tuple[float, float]:
        """Return the px across and down that are left for cells in a size."""
        margin = self._margin()
        across = width - margin.left() - margin.right() - 2
        return across, height - margin.top() - margin.bottom() - 2

    def _lay_out(self, room: tuple[float, float], ratio: float) -> Tiles:
        """Lay the tiles out in a room (across, down) for the cells."""
        tiles = Tiles(*self._tiles.shape[:3])
        found = fitted(tiles, room, ratio, round(self._largest * magnification()))
        if found.scale:
            return found
        found = wrapped(tiles, room[0], ratio)
        rows = max(1, int((room[1] + found.gap) // found.pitch[0]))
        return replace(found, count=min(found.count, rows * found.columns))

    def _margin(self) -> QMarginsF:
        """Return the room for the numbers at the axes and for the scale."""
        if self._taken is None:  # it is asked for each size that is tried
            metrics = QFontMetricsF(self.font())
            self._taken = scale_margin(self._scale_side, self._levels, metrics)
            if self._axes:
                left = metrics.horizontalAdvance("00") + GRID // 2
                self._taken += QMarginsF(int(left), int(metrics.height()), 0, 0)
        return self._taken

    def _measure_anew(self) -> None:
        self._cells = self._written = self._taken = None
        self.updateGeometry()
        self.update()

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        self.paint_cells(painter, QRectF(event.rect()))
        cells = self.cells()
        if self._scale_side != "none":
            seen, table = self._in_view(), table_for(self.colour_map, self.palette())
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            area = cells.area.intersected(seen)
            paint_scale(painter, self._scale_side, area, seen, table, self._levels)
        if self._axes:
            paint_axes(painter, cells, self.palette())
        for frame in self._frames:
            self._paint_frame(painter, frame)
        if self._browsable and self.hasFocus():
            ink = self.palette().color(QPalette.ColorRole.Highlight)
            if self._by_tile:  # it covers no value
                paint_frame(painter, cells.tile(self._current[0]).adjusted(-1, -1, 1, 1), ink, 2)
            else:
                self._paint_frame(painter, GridFrame(*self.current, 1, 1, ink.name(), 1))

    def _in_view(self) -> QRectF:
        """Return what is seen of the grid: the scale stands beside that."""
        return QRectF(self.rect())

    def paint_cells(self, painter: QPainter, area: QRectF) -> None:
        """Draw the rows of tiles that lie in an area with their numbers, and nothing beside."""
        cells = self.cells()
        shown, ratio = cells.tiles_in(area), self.devicePixelRatioF()
        if not shown:
            return
        tiles = self._tiles[shown.start : shown.stop]
        colours = coloured(tiles, self._levels, table_for(self.colour_map, self.palette()))
        colours[colours == 0] = self.palette().color(QPalette.ColorRole.Base).rgba()
        top = QPointF(0, shown.start // cells.columns * cells.pitch[0])
        painter.drawImage(cells.origin + top, picture_of(cells, colours, ratio))
        self._paint_inserted(painter)
        single = cells.height * cells.width == 1
        for area in [cells.area] if single else map(cells.tile, shown):
            paint_edge(painter, area, colours_of(self.palette()).border)
        self._paint_numbers(painter, shown.start, colours)

    def _paint_inserted(self, painter: QPainter) -> None:
        if self._inserted is None:
            return
        layout = self.cells()
        cells = [layout.cell(*place) for place in np.argwhere(self._inserted).tolist()]
        painter.setPen(Qt.PenStyle.NoPen)
        hatching = self.palette().color(QPalette.ColorRole.Mid)
        for brush in (
            QBrush(self.palette().color(QPalette.ColorRole.Base)),
            QBrush(hatching, Qt.BrushStyle.BDiagPattern),
        ):
            painter.setBrush(brush)
            painter.drawRects(cells)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if layout.scale >= 2 * GRID and self._values.size <= _MANY:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            for cell in cells:
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, "0")

    def _paint_numbers(self, painter: QPainter, first: int, colours: Pixels) -> None:
        written, cells, inserted = self._writing_now(), self.cells(), self._inserted
        if written.way is None:
            return
        painter.setFont(sized(self.font(), written.size))
        black = takes_black(np.stack([colours >> shift & 255 for shift in (16, 8, 0)], axis=-1))
        for tile, row, column in np.ndindex(*colours.shape):
            text = written.text(float(self._tiles[first + tile, row, column]))
            if (text == "0" and self._values.size > _MANY) or (
                inserted is not None and inserted[row, column]
            ):
                continue  # of many, those that are not zero are told
            painter.setPen(QColor("black" if black[tile, row, column] else "white"))
            cell = cells.cell(*cells.place(first + tile, row, column))
            cell.adjust(-2, -2, 2, 2)  # a low one still has its text
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)
        painter.setFont(self.font())

    def _paint_frame(self, painter: QPainter, frame: GridFrame) -> None:
        area = self.cells().cell(frame.top, frame.left, frame.height, frame.width)
        paint_frame(painter, area, QColor(frame.colour), frame.thickness * magnification())

    def _writing_now(self) -> CellWriting:
        """Return how numbers are written into the cells as they are now; not into colours."""
        if self._writing is None or self._tiles.ndim > 3:
            return CellWriting()
        if self._written is None:
            room = self.cells().scale
            size = QSizeF(room - BESIDE, room)
            self._written = write_cells(self._tiles, self.font(), size, self._writing)
        return self._written

    # --- events ------------------------------------------------------------------------------

    def resizeEvent(self, event: QEvent) -> None:
        self._cells = self._written = None

    def event(self, event: QEvent) -> bool:
        """Lay the cells out anew for another font, and for a screen with other px."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.DevicePixelRatioChange):
            self._measure_anew()
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if cell is not None:
            self.hovered.emit(*cell)
        else:
            self.left.emit()

    def leaveEvent(self, event: QEvent) -> None:
        self.left.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.set_current(*cell)
            self.clicked.emit(*cell)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if cell is not None and self._browsable:
            self.chosen.emit(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = MOVES.get(Qt.Key(event.key())) if self._browsable else None
        if move is not None:
            cells, (row, column) = self.cells(), self.current
            step = (cells.height, cells.width) if self._by_tile else (1, 1)
            self.set_current(row + move[0] * step[0], column + move[1] * step[1])
            if not self._by_tile:
                self.hovered.emit(*self.current)
        elif self._browsable and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(*self.current)
        else:
            super().keyPressEvent(event)

    def _description(self) -> str:
        """Say to who cannot see it how many values there are, and from where to where they go."""
        rows, columns = self._tiles.shape[1:3]
        low, high = (short(level, 3) for level in self._levels)
        return f"{rows} rows of {columns}, from {low} to {high}"
