"""An array as cells: which of them have numbers, and what is shown of very large ones."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from gui.glass.array_grid import ArrayGrid
from tests.gui.glass.specimens import cell_of
from tests.gui.showing import on_screen
from tests.gui.waiting import run_events


@pytest.mark.parametrize("shape", [(8, 1, 1), (10,), (3, 2, 2)])
def test_only_the_values_of_an_array_have_numbers(qtbot: QtBot, shape: tuple[int, ...]) -> None:
    array = np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape)
    array.flat[2] = np.nan  # a value that the network made, and not a gap
    grid = ArrayGrid("grid")
    qtbot.addWidget(grid)
    grid.resize(500, 500)
    grid.show()
    grid.show_array("in", array, "viridis")
    rows, columns = grid.grid.cells().shape
    texts = [grid.grid.text(row, column) for row in range(rows) for column in range(columns)]
    written = [text for text in texts if text]
    assert written.count("NaN") == 1
    assert sorted(float(text) for text in written if text != "NaN") == [
        value for value in array.flat if np.isfinite(value)
    ]


def test_many_maps_and_kernels_stay_inside(qtbot: QtBot) -> None:
    """Of those that do not fit at one px a cell, the first are shown, and the name says so."""
    grid = on_screen(qtbot, ArrayGrid("grid"), 300, 160)
    for shape in (
        (256, 28, 28),
        (3, 64, 64),
        (64, 64, 3, 3),
        (1000,),
        (8, 3, 11, 11),
        (1, 1, 1, 1),
    ):
        array = np.arange(float(np.prod(shape))).reshape(shape)
        grid.show_array("in", array, "viridis")
        run_events(2)
        assert grid.grid.rect().toRectF().contains(grid.grid.cells().area), shape
        cells = grid.grid.cells()
        shown = cells.count * cells.height * cells.width
        assert (shown < array.size) == ("the first" in grid.title.toolTip())
        last = tuple(int(axis) for axis in np.unravel_index(shown - 1, shape))
        assert grid.grid.values()[cells.within(*cell_of(grid, last))] == shown - 1
        grid.mark([tuple(int(size) - 1 for size in shape)])  # though it may not be there
