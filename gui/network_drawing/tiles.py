"""How the maps or the vector of one block lie in its picture, in px of the device."""

import math
from dataclasses import dataclass
from functools import lru_cache

from engine.array_types import Shape

MOST = 96  # maps of a block; more are not told apart
_FEW = 6  # maps; rather than to show fewer, they get small
_KEPT = 1024  # arrangements: the search for the best one asks for the same again and again
_CELL, _SHARE = 16, 8  # logical px of one value of a vector, or this part of the height


@dataclass(frozen=True)
class TileGrid:
    """`shown` of `total` tiles of `height` × `width` cells, each `cell` px, `gap` px apart.

    A cell is the mean of `joined` × `joined` values of a map where there is no room for all. A
    vector is a grid of single cells, folded like a text; there a cell is the mean of `joined`
    neighbours.
    """

    total: int
    shown: int
    height: int
    width: int
    columns: int
    cell: int
    gap: int
    joined: int = 1

    @property
    def places(self) -> tuple[int, int]:
        """How many rows and columns of tiles there are."""
        return math.ceil(self.shown / self.columns), self.columns

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture in px."""
        rows, columns = self.places
        return (
            columns * (self.width * self.cell + self.gap) - self.gap,
            rows * (self.height * self.cell + self.gap) - self.gap,
        )

    def corner(self, tile: int) -> tuple[int, int]:
        """Left and top px of a tile."""
        row, column = divmod(tile, self.columns)
        return (
            column * (self.width * self.cell + self.gap),
            row * (self.height * self.cell + self.gap),
        )

    def locate(self, x: float, y: float) -> tuple[int, int, int] | None:
        """Return which tile, and which row and column of its cells, a px is; None for a gap."""
        across, in_x = divmod(x, self.width * self.cell + self.gap)
        down, in_y = divmod(y, self.height * self.cell + self.gap)
        tile = int(down) * self.columns + int(across)
        row, column = int(in_y // self.cell), int(in_x // self.cell)
        inside = row < self.height and column < self.width and 0 <= across < self.columns
        return (tile, row, column) if inside and 0 <= tile < self.shown else None


@dataclass(frozen=True)
class MapRoom:
    """The room for maps in px: how large one is at least and at most, and what says `+48`."""

    height: int
    width: int
    least: int
    largest: int
    gap: int
    label: int


def maps_of(shape: Shape) -> tuple[int, int, int]:
    """Return a shape as that of maps: how many, height, width."""
    return (shape[0], shape[1], shape[2]) if len(shape) == 3 else (1, shape[0], shape[-1])


@lru_cache(maxsize=_KEPT)
def map_tiles(shape: Shape, room: MapRoom) -> TileGrid:
    """Arrange maps in a room: all of them, as large as they can be, where it is large enough.

    Where they would be too small to be read, some are left out.
    """
    count, high, wide = maps_of(shape)
    found: TileGrid | None = None
    for side in _sides(count, high / wide, room):
        grid = _maps_in(count, (high, wide), side, room)
        px, whole = grid.height * grid.cell, grid.shown == count
        if found is not None and px < room.least:
            if grid.joined > 1 or px < room.least // 2:
                break
            if not whole and found.shown >= _FEW:
                continue  # smaller ones might all have room
        found = grid
        if whole:
            break
    assert found is not None
    return found


@lru_cache(maxsize=_KEPT)
def vector_tiles(count: int, height: int, widest: int, ratio: float) -> TileGrid:
    """Fold a vector into a height so that its cells are as large as can be."""
    joined = math.ceil(count / max(1, height * max(1, widest)))
    cells = math.ceil(count / joined)
    largest = min(height, max(round(_CELL * ratio), height // _SHARE))
    for cell in range(max(1, largest), 0, -1):
        columns = math.ceil(cells / (height // cell))
        if columns * cell <= max(widest, cell) or cell == 1:
            break
    return TileGrid(cells, cells, 1, 1, columns, cell, 0, joined)


def _sides(count: int, ratio: float, room: MapRoom) -> list[int]:
    """Return the heights that a map may have, the largest first: a whole number has room."""
    numbers = range(1, min(count, MOST) + 1)
    down = ((room.height + room.gap) // number - room.gap for number in numbers)
    across = ((room.width + room.gap) // number - room.gap for number in numbers)
    sides = {*down, *(int(side * ratio) for side in across)}
    highest = min(room.height, room.largest)
    return sorted({max(1, min(side, highest)) for side in sides}, reverse=True)


def _maps_in(count: int, shape: tuple[int, int], side: int, room: MapRoom) -> TileGrid:
    """Arrange maps of a shape (height, width) whose height takes at most `side` px."""
    high, wide = shape
    cell = min(side // high, room.width // wide)
    joined = 1 if cell else max(math.ceil(high / side), math.ceil(wide / room.width))
    cell = max(1, cell)
    high, wide = max(1, high // joined), max(1, wide // joined)
    rows = max(1, (room.height + room.gap) // (high * cell + room.gap))
    most = max(1, (room.width + room.gap) // (wide * cell + room.gap))
    most = min(most, math.ceil(MOST / rows))
    if rows * most >= count:
        square = math.ceil(math.sqrt(count * high / wide))
        columns = min(most, max(math.ceil(count / rows), square))
        return TileGrid(count, count, high, wide, columns, cell, room.gap, joined)
    left_out = math.ceil(room.label / (wide * cell + room.gap))  # places that say how many
    shown = max(1, rows * most - (left_out if left_out < most else 0))
    return TileGrid(count, shown, high, wide, most, cell, room.gap, joined)
