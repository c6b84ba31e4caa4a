"""Where the tiles of a mosaic lie, in cells of the image and in px of the screen."""

import math
from dataclasses import dataclass, replace

_LARGE = 72  # px; a tile is at least this wide when there are few
_FEW = 8
_SMALL = 24  # px; else at least this
_TINY = 8  # px; in rows that must not be broken, at least this


@dataclass(frozen=True)
class TileLayout:
    """`count` tiles of `height` × `width` cells, in rows of `columns`, one cell of gap between.

    `scale` is the size of a cell in logical px: a whole number of device px.
    """

    count: int
    height: int
    width: int
    columns: int
    scale: float

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
        return self.rows * (self.height + 1) - 1, self.columns * (self.width + 1) - 1

    def corner(self, tile: int) -> tuple[int, int]:
        """Row and column of a tile's first cell."""
        row, column = divmod(tile, self.columns)
        return row * (self.height + 1), column * (self.width + 1)

    def locate(self, row: int, column: int) -> tuple[int, int, int] | None:
        """Which tile, and which row and column of it, a cell of the mosaic is; None for a gap."""
        tile_row, row = divmod(row, self.height + 1)
        tile_column, column = divmod(column, self.width + 1)
        tile = tile_row * self.columns + tile_column
        inside = row < self.height and column < self.width and 0 <= tile_column < self.columns
        if not inside or not 0 <= tile < self.count:
            return None
        return tile, row, column


def fill(
    count: int, height: int, width: int, space: tuple[float, float], ratio: float
) -> TileLayout:
    """Choose the columns that make the tiles largest in a space (width, height) of logical px.

    Of equally large ones, the layout with the fewest blanks, then the one most like the space.
    If they cannot all be shown at a readable size, the layout is higher than the space.
    """
    layouts = []
    for columns in range(1, count + 1):
        layout = TileLayout(count, height, width, columns, 1.0)
        cells_high, cells_wide = layout.shape
        scale = math.floor(min(space[0] / cells_wide, space[1] / cells_high) * ratio + 1e-6) / ratio
        misfit = abs(cells_wide * space[1] - cells_high * space[0])
        layouts.append((scale, -layout.blanks, -misfit / cells_high, columns))
    scale, _, _, columns = max(layouts)
    best = TileLayout(count, height, width, columns, scale)
    least = smallest(count, height, width, space[0], ratio)
    return best if best.scale >= least.scale else least


def smallest(count: int, height: int, width: int, room: float, ratio: float) -> TileLayout:
    """Lay the tiles out at the smallest readable size in a width of `room` logical px."""
    wanted = _LARGE if count <= _FEW else _SMALL
    most = max(1, math.floor(room * ratio / width))  # device px a cell if one tile fills the room
    scale = min(most, max(1, math.ceil(wanted * ratio / width))) / ratio
    columns = max(1, min(count, int((room / scale + 1) // (width + 1))))
    rows = math.ceil(count / columns)
    return TileLayout(count, height, width, math.ceil(count / rows), scale)


def matrix(
    count: int, height: int, width: int, columns: int, space: tuple[float, float], ratio: float
) -> tuple[TileLayout, TileLayout] | None:
    """Lay tiles out in rows of a given length, and again at the smallest readable size.

    They fill a space (width, height) of logical px, and are higher than it if they must. None: even
    so narrow that one can hardly see them, the rows are too long.
    """
    one = TileLayout(count, height, width, columns, 1.0)
    cells_high, cells_wide = one.shape
    across = math.floor(space[0] * ratio / cells_wide + 1e-6)
    if across * width < _TINY * ratio:
        return None
    down = math.floor(space[1] * ratio / cells_high + 1e-6)
    least = min(across, math.ceil(_SMALL * ratio / width))
    return replace(one, scale=max(least, min(across, down)) / ratio), replace(
        one, scale=least / ratio
    )
