"""Where the tiles of a mosaic lie, in cells of the image and in px of the screen."""

import math
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSizeF

_LARGE = 72  # px; a tile is at least this wide when there are few
_FEW = 8
_SMALL = 32  # px; else at least this
_NARROW = 24  # px; in rows of a given length, at least this
_TINY = 8  # px; or this, rather than to break them


@dataclass(frozen=True)
class TileLayout:
    """`count` tiles of `height` × `width` cells, in rows of `columns`, one cell of gap between.

    `scale` is the size of a cell in logical px: a whole number of device px. With `headed`, there
    is a gap above the first row too, so that each has one for captions.
    """

    count: int
    height: int
    width: int
    columns: int = 1
    scale: float = 1.0
    headed: bool = False

    @property
    def rows(self) -> int:
        """How many rows of tiles there are."""
        return math.ceil(self.count / self.columns)

    @property
    def blanks(self) -> int:
        """How many places of the last row are left blank."""
        return self.rows * self.columns - self.count

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the mosaic in cells."""
        high = self.rows * (self.height + 1) - (not self.headed)
        return high, self.columns * (self.width + 1) - 1

    def corner(self, tile: int) -> tuple[int, int]:
        """Row and column of a tile's first cell."""
        row, column = divmod(tile, self.columns)
        return row * (self.height + 1) + self.headed, column * (self.width + 1)

    def rect(self, tile: int, origin: QPointF) -> QRectF:
        """Where a tile lies in px, if the picture begins at the origin."""
        row, column = self.corner(tile)
        corner = origin + QPointF(column * self.scale, row * self.scale)
        return QRectF(corner, QSizeF(self.width * self.scale, self.height * self.scale))

    def locate(self, row: int, column: int) -> tuple[int, int, int] | None:
        """Which tile, and which row and column of it, a cell of the mosaic is; None for a gap."""
        tile_row, row = divmod(row - self.headed, self.height + 1)
        tile_column, column = divmod(column, self.width + 1)
        tile = tile_row * self.columns + tile_column
        inside = row < self.height and column < self.width and 0 <= tile_column < self.columns
        if not inside or not 0 <= tile < self.count:
            return None
        return tile, row, column


def fill(
    tiles: TileLayout, space: tuple[float, float], ratio: float, least: float | None = None
) -> TileLayout:
    """Choose the columns that make the tiles largest in a space (width, height) of logical px.

    Of equally large ones, the layout with the fewest blanks, then the one most like the space.
    If they cannot all be shown at a readable size, or `least` px wide, the layout is higher than
    the space.
    """
    layouts = []
    for columns in range(1, tiles.count + 1):
        layout = replace(tiles, columns=columns)
        cells_high, cells_wide = layout.shape
        scale = math.floor(min(space[0] / cells_wide, space[1] / cells_high) * ratio + 1e-6) / ratio
        misfit = abs(cells_wide * space[1] - cells_high * space[0])
        layouts.append((scale, -layout.blanks, -misfit / cells_high, columns))
    scale, _, _, columns = max(layouts)
    lowest = smallest(tiles, space[0], ratio, least)
    return replace(tiles, columns=columns, scale=scale) if scale >= lowest.scale else lowest


def smallest(
    tiles: TileLayout, room: float, ratio: float, least: float | None = None
) -> TileLayout:
    """Lay the tiles out at the smallest readable size in a width of `room` logical px.

    That is `least` px a tile, or what suits their number.
    """
    count, width = tiles.count, tiles.width
    wanted = least or (_LARGE if count <= _FEW else _SMALL)
    most = max(1, math.floor(room * ratio / width))  # device px a cell if one tile fills the room
    scale = min(most, max(1, math.ceil(wanted * ratio / width - 1e-6))) / ratio
    columns = max(1, min(count, int((room / scale + 1) // (width + 1))))
    rows = math.ceil(count / columns)
    return replace(tiles, columns=math.ceil(count / rows), scale=scale)


def matrix(
    tiles: TileLayout, space: tuple[float, float], ratio: float, least: float | None = None
) -> tuple[TileLayout, TileLayout] | None:
    """Lay tiles out in the rows that they are in, and again at the smallest readable size.

    They fill a space (width, height) of logical px, and are higher than it if they must. None: even
    so narrow that one can hardly see them, or less than `least` px wide, the rows are too long.
    """
    cells_high, cells_wide = tiles.shape
    across = math.floor(space[0] * ratio / cells_wide + 1e-6)
    if across * tiles.width < (least or _TINY) * ratio - 1e-6:
        return None
    down = math.floor(space[1] * ratio / cells_high + 1e-6)
    lowest = min(across, math.ceil((least or _NARROW) * ratio / tiles.width - 1e-6))
    return replace(tiles, scale=max(lowest, min(across, down)) / ratio), replace(
        tiles, scale=lowest / ratio
    )
