"""Tiles of cells: where they lie, how large they are in a room, and what is painted of them."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from gui.widgets.tiles import GAP, UNLIMITED, Tiles, fitted, in_rows, picture_of, wrapped

RATIOS = pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])


@RATIOS
def test_the_largest_cells_fit_with_the_gaps_that_they_get(ratio: float) -> None:
    """Cells that only fit with a small gap must not be so large that they get a wide one."""
    tiles = Tiles(132, 5, 5, columns=12)
    for height in range(80, 400):
        found = in_rows(tiles, (1000.0, height), ratio)
        assert found.area.height() <= height + 1e-6
        assert found.gap == min(found.scale, GAP)
        larger = tiles.sized(found.scale + 1 / ratio, ratio).area
        assert larger.height() > height or larger.width() > 1000


@RATIOS
def test_no_other_number_of_columns_has_larger_cells(ratio: float) -> None:
    for count, room in ((7, (300, 100)), (32, (200, 400)), (10, (411, 230))):
        tiles = Tiles(count, 6, 5)
        found = fitted(tiles, room, ratio)
        each = (replace(tiles, columns=columns) for columns in range(1, count + 1))
        assert found.scale == max(in_rows(one, room, ratio).scale for one in each)
        assert fitted(tiles, room, ratio, largest=4.0).scale == min(found.scale, 4.0)


def test_cells_are_found_where_they_lie() -> None:
    tiles = Tiles(5, 2, 3, columns=3, scale=4.0, gap=4.0, origin=QPointF(7, 9))
    for tile, row, column in np.ndindex(5, 2, 3):
        cell = tiles.cell(*tiles.place(tile, row, column))
        assert tiles.find(cell.center()) == tiles.find(cell.topLeft()) == (tile, row, column)
    last = tiles.tile(4)
    assert last.topLeft() == QPointF(7 + 3 * 4 + 4, 9 + 2 * 4 + 4)
    beside = QPointF(tiles.area.right() - 1, last.center().y())  # there is no sixth tile
    gaps = last.topLeft() - QPointF(1, 0), last.topLeft() - QPointF(0, 1)
    for point in (beside, *gaps, QPointF(6, 10), QPointF(tiles.area.right() + 5, 10)):
        assert tiles.locate(point) is None


def test_what_scrolls_is_readable_and_no_wider_than_its_room() -> None:
    for across in (30, 100, 411):
        found = wrapped(Tiles(32, 20, 20), across, 1.0, 3.0)
        assert found.area.width() <= across
        assert found.scale == min(3, across // 20)
    assert in_rows(Tiles(64, 20, 20, columns=8), (100, UNLIMITED), 1.0).scale == 0


@RATIOS
def test_every_cell_is_painted_where_it_lies_and_gaps_are_clear(ratio: float) -> None:
    colours = np.random.default_rng(1).integers(0, 1 << 24, (5, 2, 3)).astype(np.uint32)
    tiles = Tiles(5, 2, 3, columns=3, scale=4.0, gap=4.0)
    image = picture_of(tiles, colours | np.uint32(0xFF000000), ratio)
    assert image.size() == (tiles.area.size() * ratio).toSize()
    for x, y in np.ndindex(*image.size().toTuple()):
        found = tiles.find(QPointF(x + 0.5, y + 0.5) / ratio)
        expected = 0 if found is None else int(colours[found]) | 0xFF000000
        assert image.pixelColor(x, y).rgba() == expected or not (
            expected or image.pixelColor(x, y).alpha()
        )
