"""Tiles of one block: how many, how large, where."""

import pytest

from gui.network_drawing.tiles import MapRoom, TileGrid, map_tiles, vector_tiles


def room(height: int, *, largest: int = 10_000) -> MapRoom:
    return MapRoom(height, round(1.7 * height), least=24, largest=largest, gap=2, label=25)


@pytest.mark.parametrize(
    ("shape", "height", "shown", "cell"),
    [
        ((1, 28, 28), 100, 1, 3),  # 84 px
        ((5, 26, 26), 200, 5, 3),  # 3 + 2 of 78 px
        ((16, 28, 28), 130, 16, 1),  # 4 × 4 of 28 px
        ((2, 4, 4), 100, 2, 21),  # side by side: 84 px each
    ],
)
def test_all_maps_are_shown_as_large_as_they_can_be(
    shape: tuple[int, int, int], height: int, shown: int, cell: int
) -> None:
    grid = map_tiles(shape, room(height))
    assert (grid.shown, grid.cell, grid.joined) == (shown, cell, 1)
    width, high = grid.size
    assert high <= height
    assert width <= 1.7 * height


def test_where_there_is_no_room_some_are_left_out_and_there_is_room_to_say_so() -> None:
    grid = map_tiles((64, 28, 28), room(100))
    rows, columns = grid.places
    assert grid.shown < rows * columns < 64
    left = (rows * columns - grid.shown) * (28 * grid.cell + 2)
    assert left >= 25
    assert grid.height * grid.cell >= 24


def test_a_map_that_is_larger_than_its_room_is_joined() -> None:
    grid = map_tiles((1, 64, 64), room(40))
    assert (grid.joined, grid.cell, grid.height) == (2, 1, 32)


def test_no_map_is_higher_than_is_allowed() -> None:
    assert map_tiles((4, 14, 14), room(200, largest=30)).cell == 2


def test_every_px_of_a_tile_leads_to_its_cell_and_a_gap_to_none() -> None:
    grid = TileGrid(5, 5, height=3, width=2, columns=3, cell=4, gap=2)
    seen = {grid.locate(x + 0.5, y + 0.5) for x in range(28) for y in range(26)}
    assert seen == {None} | {(t, r, c) for t in range(5) for r in range(3) for c in range(2)}
    for tile in range(5):
        x, y = grid.corner(tile)
        assert grid.locate(x, y) == (tile, 0, 0)
        assert grid.locate(x + 7.9, y + 11.9) == (tile, 2, 1)
        assert grid.locate(x + 8.1, y) is None
    assert grid.size == (3 * 10 - 2, 2 * 14 - 2)


@pytest.mark.parametrize("count", [1, 2, 10, 100, 128, 1000, 3380, 65536])
@pytest.mark.parametrize("height", [16, 50, 300])
def test_a_vector_is_folded_into_its_room(count: int, height: int) -> None:
    widest = height // 2
    grid = vector_tiles(count, height, widest, 1.0)
    width, high = grid.size
    assert high <= height
    assert width <= max(widest, grid.cell)
    assert grid.shown * grid.joined >= count > (grid.shown - 1) * grid.joined
    assert grid.joined == 1 or count > height * widest
