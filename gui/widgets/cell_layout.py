"""Where the cells of a small array lie in a widget: in tiles, beside or above their scale."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt

from gui.widgets.pictures import whole_scale

# px between two tiles, where a cell is at least so many px large.
_GAPS = ((4.0, 6.0), (2.0, 3.0), (1.0, 0.0))
MOVES = {  # rows and columns that an arrow key goes on
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


@dataclass(frozen=True)
class CellLayout:
    """Cells of `scale` px in rows and columns, with a gap after every tile (height, width)."""

    rows: int
    columns: int
    scale: float
    origin: QPointF
    tile: tuple[int, int] | None = None

    @property
    def gap(self) -> float:
        """The px between two tiles."""
        return gap_beside(self.scale)

    @property
    def area(self) -> QRectF:
        """Where all cells lie, gaps included."""
        width = self._at(self.columns, 1) - self._gap(self.columns, 1)
        height = self._at(self.rows, 0) - self._gap(self.rows, 0)
        return QRectF(self.origin.x(), self.origin.y(), width, height)

    def cell(self, row: int, column: int, height: int = 1, width: int = 1) -> QRectF:
        """Where a cell lies, or so many of them that belong to one tile."""
        left, top = self.origin.x() + self._at(column, 1), self.origin.y() + self._at(row, 0)
        return QRectF(left, top, width * self.scale, height * self.scale)

    def locate(self, point: QPointF) -> tuple[int, int] | None:
        """Find the cell at a point; None beside the cells."""
        row = self._number(point.y() - self.origin.y(), 0, self.rows)
        column = self._number(point.x() - self.origin.x(), 1, self.columns)
        return None if row is None or column is None else (row, column)

    def tiles(self) -> list[tuple[int, int, int, int]]:
        """List the tiles: first row and column, height and width in cells."""
        height, width = self.tile or (self.rows, self.columns)
        return [
            (row, column, height, width)
            for row in range(0, self.rows, height)
            for column in range(0, self.columns, width)
        ]

    def _gap(self, number: int, axis: int) -> float:
        """Return the gap that ends after so many cells, if a tile does."""
        whole = self.tile is not None and number and number % self.tile[axis] == 0
        return self.gap if whole else 0.0

    def _at(self, number: int, axis: int) -> float:
        gaps = 0 if self.tile is None else number // self.tile[axis]
        return number * self.scale + gaps * self.gap

    def _number(self, offset: float, axis: int, count: int) -> int | None:
        if offset < 0:
            return None
        size = count if self.tile is None else self.tile[axis]
        tile, within = divmod(offset, size * self.scale + self.gap)
        number = math.floor(within / self.scale)
        found = int(tile) * size + number
        return found if number < size and found < count else None


def gap_beside(scale: float) -> float:
    """Return the px between tiles whose cells have so many: little beside small ones."""
    return next((gap for gap, least in _GAPS if scale >= least), 0.0)


def gaps_of(count: int, tile: int | None) -> int:
    """Count the gaps between tiles along an axis of `count` cells."""
    return 0 if tile is None else math.ceil(count / tile) - 1


def largest_scale(
    room: tuple[float, float], cells: tuple[int, int], gaps: tuple[int, int], ratio: float
) -> float:
    """Return the px of the largest cells that fit with their gaps: a whole number of device px."""
    most = math.inf
    for gap, least in _GAPS:
        scale = min(
            most,  # larger ones would have the larger gap, for which there is no room
            *(
                whole_scale(across - between * gap, count, ratio)
                for across, count, between in zip(room, cells, gaps, strict=True)
            ),
        )
        if scale >= least:
            return scale
        most = least - 1 / ratio
    return 1 / ratio
