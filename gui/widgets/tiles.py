"""Tiles of cells: how large they are in the room that there is, what lies where, and a picture."""

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage

GAP = 6.0  # px between two tiles at most; between those of small cells, as much as a cell
UNLIMITED = 1 << 20  # px, of what scrolls
Pixels = NDArray[np.uint32]  # 0xAARRGGBB
MOVES = {  # rows and columns that an arrow key goes on
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


@dataclass(frozen=True)
class Tiles:
    """`count` tiles of `height` × `width` cells, in rows of `columns`.

    A cell is `scale` px large, a whole number of device px. Between tiles there are `gap` px.
    A cell is called by its row and column, counted through all tiles.
    """

    count: int
    height: int
    width: int
    columns: int = 1
    scale: float = 1.0
    gap: float = 0.0
    origin: QPointF = field(default_factory=QPointF)

    @property
    def rows(self) -> int:
        """How many rows of tiles there are."""
        return math.ceil(self.count / self.columns)

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows and columns of cells there are."""
        return self.rows * self.height, self.columns * self.width

    @property
    def pitch(self) -> tuple[float, float]:
        """The px down and across from one tile to the next."""
        return self.height * self.scale + self.gap, self.width * self.scale + self.gap

    @property
    def area(self) -> QRectF:
        """Where all tiles lie."""
        down, across = self.pitch
        size = QSizeF(self.columns * across - self.gap, self.rows * down - self.gap)
        return QRectF(self.origin, size)

    def place(self, tile: int, row: int = 0, column: int = 0) -> tuple[int, int]:
        """Return the cell that is in a row and column of a tile."""
        tile_row, tile_column = divmod(tile, self.columns)
        return tile_row * self.height + row, tile_column * self.width + column

    def within(self, row: int, column: int) -> tuple[int, int, int] | None:
        """Return which tile, and which row and column of it, a cell is; None beside the tiles."""
        tile_row, row = divmod(row, self.height)
        tile_column, column = divmod(column, self.width)
        tile = tile_row * self.columns + tile_column
        inside = 0 <= tile_column < self.columns and 0 <= tile < self.count
        return (tile, row, column) if inside else None

    def cell(self, row: int, column: int, height: int = 1, width: int = 1) -> QRectF:
        """Where a cell lies, or so many of them that belong to one tile."""
        tile_row, row = divmod(row, self.height)
        tile_column, column = divmod(column, self.width)
        down, across = self.pitch
        top = self.origin.y() + tile_row * down + row * self.scale
        left = self.origin.x() + tile_column * across + column * self.scale
        return QRectF(left, top, width * self.scale, height * self.scale)

    def tile(self, tile: int) -> QRectF:
        """Where a tile lies."""
        return self.cell(*self.place(tile), self.height, self.width)

    def find(self, point: QPointF) -> tuple[int, int, int] | None:
        """Find the tile at a point, and the row and column of it; None in a gap and beside all."""
        offset, (down, across) = point - self.origin, self.pitch
        tile_row, y = divmod(offset.y(), down)
        tile_column, x = divmod(offset.x(), across)
        row = math.floor(y / self.scale)
        column = math.floor(x / self.scale)
        if not (row < self.height and column < self.width):
            return None
        return self.within(
            int(tile_row) * self.height + row, int(tile_column) * self.width + column
        )

    def locate(self, point: QPointF) -> tuple[int, int] | None:
        """Find the cell at a point; None in a gap and beside all."""
        found = self.find(point)
        return None if found is None else self.place(*found)

    def tiles_in(self, area: QRectF) -> range:
        """Return the tiles of all rows of which something lies in an area."""
        down, _ = self.pitch
        first = max(0, math.floor((area.top() - self.origin.y()) / down))
        last = math.ceil((area.bottom() - self.origin.y()) / down)
        return range(first * self.columns, min(last * self.columns, self.count))

    def sized(self, scale: float, ratio: float) -> "Tiles":
        """Return the same tiles with cells of so many px; single cells have no gap."""
        gap = 0.0 if self.height * self.width == 1 else min(scale, _whole(GAP, ratio))
        return replace(self, scale=scale, gap=gap)


def _whole(px: float, ratio: float) -> float:
    """Return the whole device px that px have room for, in px."""
    return math.floor(px * ratio + 1e-6) / ratio


def in_rows(
    tiles: Tiles, room: tuple[float, float], ratio: float, largest: float = UNLIMITED
) -> Tiles:
    """Make the cells of tiles that stay in their rows as large as a room (across, down) lets them.

    A cell has `largest` px at most, and 0 if there is no room.
    """
    (down, across), single = tiles.shape, tiles.height * tiles.width == 1
    gaps = (0, 0) if single else (tiles.columns - 1, tiles.rows - 1)
    spaces = (room[0], across, gaps[0]), (room[1], down, gaps[1])
    most = _whole(GAP, ratio)
    scale = min(_whole((space - gaps * most) / cells, ratio) for space, cells, gaps in spaces)
    if scale < most:
        fitting = (_whole(space / (cells + gaps), ratio) for space, cells, gaps in spaces)
        scale = min(most, *fitting)
    return tiles.sized(max(0.0, min(scale, _whole(largest, ratio))), ratio)


def fitted(
    tiles: Tiles, room: tuple[float, float], ratio: float, largest: float = UNLIMITED
) -> Tiles:
    """Choose the columns with which the cells are largest in a room (across, down).

    Of equally large ones, it is the layout with the fewest blanks, then that with the fewest rows.
    """
    columns = {math.ceil(tiles.count / rows) for rows in range(1, tiles.count + 1)}
    layouts = (in_rows(replace(tiles, columns=each), room, ratio, largest) for each in columns)
    return max(layouts, key=lambda each: (each.scale, -each.rows * each.columns, each.columns))


def wrapped(tiles: Tiles, across: float, ratio: float, least: float = 0.0) -> Tiles:
    """Lay tiles out with cells of `least` px in as many columns as there is room for across.

    A cell has one device px at least; and if one tile fills the room, no more than it has room for.
    """
    wanted = max(1, math.ceil(least * ratio - 1e-6)) / ratio
    sized = tiles.sized(min(wanted, max(1 / ratio, _whole(across / tiles.width, ratio))), ratio)
    columns = max(1, min(tiles.count, int((across + sized.gap) // sized.pitch[1])))
    return replace(sized, columns=math.ceil(tiles.count / math.ceil(tiles.count / columns)))


def picture_of(tiles: Tiles, colours: Pixels, ratio: float) -> QImage:
    """Draw tiles (n, h, w), each cell as large as it is to be; what is between them is clear."""
    count, height, width = colours.shape
    cell, rows = round(tiles.scale * ratio), math.ceil(count / tiles.columns)
    down, across = (round(px * ratio) for px in tiles.pitch)
    gap = round(tiles.gap * ratio)
    whole = np.zeros((rows * tiles.columns, height, width), np.uint32)
    whole[:count] = colours
    pixels = np.zeros((rows, down, tiles.columns, across), np.uint32)  # a gap after each tile
    cells = pixels[:, : down - gap, :, : across - gap].reshape(
        rows, height, cell, tiles.columns, width, cell, copy=False
    )
    beside = whole.reshape(rows, tiles.columns, height, width).swapaxes(1, 2)
    cells[...] = beside[:, :, np.newaxis, :, :, np.newaxis]
    high, wide = rows * down, tiles.columns * across
    image = QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    return image.copy(0, 0, wide - gap, high - gap)
