"""NumberGrid: a small array as coloured cells, with its numbers where they fit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.arrays import Array
from gui.theme import GRID, small_font
from gui.widgets.colour_bar import Levels, lookup_table
from gui.widgets.mosaic import ColourMap, range_of
from gui.widgets.numbers import infinite, short, tight
from gui.widgets.pictures import whole_scale

_LARGEST = 56  # px a cell
_STEPS = (1, 2, 5, 10, 20, 50, 100)  # cells from one number at the axes to the next
MOVES = {  # rows and columns that an arrow key goes on
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


# From the most digits to the fewest.
_WAYS = tuple(partial(short, digits=digits) for digits in (4, 3, 2))
_TIGHT = tuple(partial(tight, decimals=decimals) for decimals in (2, 1))


@dataclass(frozen=True)
class GridFrame:
    """A frame around some cells: first row and column, size in cells, colour, width in px."""

    top: int
    left: int
    height: int
    width: int
    colour: str
    thickness: int = 2


class NumberGrid(QWidget):
    """Shows values (h, w) as large as the space allows; at the axes, rows and columns from 1.

    `CET-D1` is for values with a sign: its middle is zero. With `browsable`, arrows go from cell to
    cell, and Enter or a double-click chooses one.
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
        largest: int = _LARGEST,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._colour_map = colour_map
        self._axes, self._largest = axes, largest
        self._values: Array = np.zeros((1, 1))
        self._levels: Levels = (0.0, 1.0)
        self._texts: list[list[str]] | None = None
        self._exponent = 0
        self._inserted: NDArray[np.bool_] | None = None
        self._gaps: NDArray[np.bool_] | None = None
        self._frames: tuple[GridFrame, ...] = ()
        self.current = (0, 0)
        self._browsable = browsable
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
        gaps: NDArray[np.bool_] | None = None,
    ) -> None:
        """Show an array that is not written to; `inserted` zeros are hatched.

        Cells that are `gaps` stand for no value: they are NaN, and nothing is written into them.

        Without `levels` the scale follows the values. For signed values it is symmetric about zero.
        """
        low, high = levels if levels is not None else range_of(values)
        if self._colour_map == "CET-D1":
            high = max(abs(low), abs(high)) or 1.0  # zeros alone have the colour of zero
            low = -high
        if self._values.shape != values.shape:
            self.updateGeometry()
        self._values, self._inserted, self._gaps = values, inserted, gaps
        self._levels = (low, high if high > low else low + 1)
        rows, columns = values.shape
        self.current = min(self.current[0], rows - 1), min(self.current[1], columns - 1)
        self._texts = None
        self.setAccessibleDescription(
            f"{rows} rows of {columns}, from {short(low, 3)} to {short(high, 3)}"
        )
        self.update()

    def set_colour_map(self, colour_map: ColourMap) -> None:
        """Show the values that are set next in other colours."""
        self._colour_map = colour_map

    def set_axes(self, axes: bool) -> None:
        """Number rows and columns, or not."""
        if axes != self._axes:
            self._axes = axes
            self._texts = None
            self.updateGeometry()
            self.update()

    def set_frames(self, frames: Sequence[GridFrame]) -> None:
        """Draw frames around cells, in place of the former ones."""
        if tuple(frames) != self._frames:
            self._frames = tuple(frames)
            self.update()

    def set_current(self, row: int, column: int) -> None:
        """Mark the cell that the keys are at."""
        self.current = (row, column)
        self.update()

    def values(self) -> Array:
        """The values that are shown."""
        return self._values

    def levels(self) -> Levels:
        """The values at the ends of the colour scale."""
        return self._levels

    def frames(self) -> tuple[GridFrame, ...]:
        """The frames that are drawn."""
        return self._frames

    def text(self, row: int, column: int) -> str:
        """The number that is written into a cell; empty if numbers do not fit."""
        if self._texts is None:
            self._texts = self._write()
        return self._texts[row][column] if self._texts else ""

    def exponent(self) -> int:
        """The power of ten that the written numbers are to be multiplied with."""
        return self._exponent if self.text(0, 0) else 0

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where a cell lies in this widget, in logical px."""
        origin, scale = self._origin(), self._scale()
        return QRectF(origin.x() + column * scale, origin.y() + row * scale, scale, scale)

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """Return the cell at a point of the widget, None beside the cells."""
        offset, scale = position - self._origin(), self._scale()
        row, column = int(offset.y() // scale), int(offset.x() // scale)
        rows, columns = self._values.shape
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None

    # --- size --------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        rows, columns = self._values.shape
        margin = self._margin()
        cell = min(self._largest, max(2, 280 // max(rows, columns)))
        return QSize(margin.x() + columns * cell + 2, margin.y() + rows * cell + 2)

    def minimumSizeHint(self) -> QSize:
        rows, columns = self._values.shape
        margin = self._margin()
        return QSize(margin.x() + columns * 2 + 2, margin.y() + rows * 2 + 2)

    def _margin(self) -> QPoint:
        """Return the room for the numbers at the axes: left and above."""
        if not self._axes:
            return QPoint(0, 0)
        metrics = self.fontMetrics()
        return QPoint(metrics.horizontalAdvance("00") + GRID // 2, metrics.height())

    def _scale(self) -> float:
        margin, (rows, columns) = self._margin(), self._values.shape
        ratio = self.devicePixelRatioF()
        fitting = min(
            whole_scale(self.width() - margin.x() - 2, columns, ratio),
            whole_scale(self.height() - margin.y() - 2, rows, ratio),
        )
        return min(fitting, self._largest)

    def _origin(self) -> QPointF:
        margin, scale, (rows, columns) = self._margin(), self._scale(), self._values.shape
        spare_x = self.width() - margin.x() - columns * scale
        spare_y = self.height() - margin.y() - rows * scale
        return QPointF(margin.x() + max(1, int(spare_x / 2)), margin.y() + max(1, int(spare_y / 2)))

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = self._colours()
        rows, columns = self._values.shape
        scale, origin = self._scale(), self._origin()
        image = QImage(colours.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(QRectF(origin.x(), origin.y(), columns * scale, rows * scale), image)
        self._paint_inserted(painter)
        self._paint_numbers(painter, colours)
        if self._axes:
            self._paint_axes(painter)
        for frame in self._frames:
            self._paint_frame(painter, frame)
        if self._browsable and self.hasFocus():
            row, column = self.current
            self._paint_frame(painter, GridFrame(row, column, 1, 1, self._ink(), 1))

    def _colours(self) -> NDArray[np.uint8]:
        """Return the colours (h, w, 3) of the cells; a value that is not finite is left blank."""
        low, high = self._levels
        finite = np.isfinite(self._values)
        share = np.where(finite, (self._values - low) / (high - low), 0)
        table = lookup_table(self._colour_map)
        colours = table[(np.clip(share, 0, 1) * 255).round().astype(np.intp)]
        blank = self.palette().color(QPalette.ColorRole.Base)
        colours[~finite] = (blank.red(), blank.green(), blank.blue())
        return np.ascontiguousarray(colours)

    def _paint_inserted(self, painter: QPainter) -> None:
        if self._inserted is None:
            return
        scale, origin = self._scale(), self._origin()
        cells = [
            QRectF(origin.x() + column * scale, origin.y() + row * scale, scale, scale)
            for row, column in np.argwhere(self._inserted).tolist()
        ]
        painter.setPen(Qt.PenStyle.NoPen)
        hatching = self.palette().color(QPalette.ColorRole.Mid)
        for brush in (
            QBrush(self.palette().color(QPalette.ColorRole.Base)),
            QBrush(hatching, Qt.BrushStyle.BDiagPattern),
        ):
            painter.setBrush(brush)
            painter.drawRects(cells)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if scale >= 2 * GRID:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            for cell in cells:
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, "0")

    def _paint_numbers(self, painter: QPainter, colours: NDArray[np.uint8]) -> None:
        if not self.text(0, 0):
            return
        inserted = self._inserted
        for row, column in np.ndindex(*self._values.shape):
            if inserted is not None and inserted[row, column]:
                continue
            red, green, blue = (int(part) for part in colours[row, column])
            bright = 0.299 * red + 0.587 * green + 0.114 * blue > 140
            painter.setPen(QColor("black" if bright else "white"))
            cell = self.cell_rect(row, column)
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, self.text(row, column))

    def _paint_axes(self, painter: QPainter) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        metrics, scale = QFontMetricsF(self.font()), self._scale()
        rows, columns = self._values.shape
        room = metrics.horizontalAdvance("00") + 2
        step = next((step for step in _STEPS if step * scale >= room), _STEPS[-1])
        most = max(rows, columns)
        for number in range(1, most + 1, step) if step < 5 else (1, *range(step, most + 1, step)):
            if number <= columns:
                cell = self.cell_rect(0, number - 1)
                above = QRectF(
                    cell.center().x() - room,
                    cell.top() - metrics.height(),
                    2 * room,
                    metrics.height(),
                )
                painter.drawText(above, Qt.AlignmentFlag.AlignCenter, str(number))
            if number <= rows:
                cell = self.cell_rect(number - 1, 0)
                beside = QRectF(
                    0, cell.center().y() - metrics.height() / 2, cell.left() - 2, metrics.height()
                )
                painter.drawText(
                    beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(number)
                )

    def _paint_frame(self, painter: QPainter, frame: GridFrame) -> None:
        corner = self.cell_rect(frame.top, frame.left)
        scale = self._scale()
        area = QRectF(corner.left(), corner.top(), frame.width * scale, frame.height * scale)
        pen = QPen(QColor(frame.colour), frame.thickness)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(area)

    def _ink(self) -> str:
        return self.palette().color(QPalette.ColorRole.Highlight).name()

    def _write(self) -> list[list[str]]:
        """Write all numbers with as many digits as fit into a cell; none if not even one does.

        Where the largest is small or large, its power of ten may be left out of all.
        """
        self._exponent = 0
        metrics, room = QFontMetricsF(self.font()), self._scale() - 2
        if self._scale() < metrics.height():
            return []
        largest = float(np.max(np.abs(self._values), initial=0.0, where=np.isfinite(self._values)))
        power = math.floor(math.log10(largest)) if largest else 0
        ways = [(write, 0) for write in _WAYS]
        ways += [(write, 0 if -1 <= power <= 2 else power) for write in _TIGHT]
        for write, exponent in ways:
            values = self._values / 10.0**exponent
            texts = [[infinite(value) or write(value) for value in row] for row in values.tolist()]
            if self._gaps is not None:
                for row, column in np.argwhere(self._gaps).tolist():
                    texts[row][column] = ""
            if all(metrics.horizontalAdvance(text) <= room for row in texts for text in row):
                self._exponent = exponent
                return texts
        return []

    # --- events ------------------------------------------------------------------------------

    def resizeEvent(self, event: QEvent) -> None:
        self._texts = None

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
            rows, columns = self._values.shape
            row = min(max(self.current[0] + move[0], 0), rows - 1)
            column = min(max(self.current[1] + move[1], 0), columns - 1)
            self.set_current(row, column)
            self.hovered.emit(row, column)
        elif self._browsable and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(*self.current)
        else:
            super().keyPressEvent(event)
