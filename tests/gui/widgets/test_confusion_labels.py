"""Names above the columns of the confusion matrix where there is little room."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.training.evaluation import Confusion
from gui.widgets.confusion_sheet import ConfusionTable
from tests.gui.showing import on_screen

FRUIT = ("leaf", "red apple", "sky, blue")


@pytest.mark.parametrize("size", [46, 52, 58, 90])
def test_names_above_the_columns_are_cut_rather_than_left_out(qtbot: QtBot, size: int) -> None:
    table = with_names(qtbot, FRUIT, size)
    assert table.columns.labelled() == [0, 1, 2]
    for marked in (-1, 0, 1, 2):
        table.columns.mark(marked)
        ink = inked(table)
        assert all(any(ink[left : left + size]) for left in (0, size, 2 * size))
        assert not any(ink[edge] for edge in (size, 2 * size)), "they touch"


def test_of_names_that_would_say_too_little_when_cut_some_are_left_out(qtbot: QtBot) -> None:
    table = with_names(qtbot, FRUIT, 20)
    assert 1 not in table.columns.labelled()
    figures = with_names(qtbot, tuple(map(str, range(30))), 8)
    assert figures.columns.labelled()[1] > 1


def with_names(qtbot: QtBot, names: tuple[str, ...], size: int) -> ConfusionTable:
    table = ConfusionTable()
    table.cells.set_confusion(Confusion(np.eye(len(names), dtype=np.int64)), names)
    table.set_cell_size(size, 40)
    return on_screen(qtbot, table, len(names) * size + 150, 240)


def inked(table: ConfusionTable) -> list[bool]:
    """Return for each px above the columns whether a label has ink there."""
    image = table.columns.viewport().grab().toImage()
    high = range(image.height())
    return [
        min(image.pixelColor(x, y).lightness() for y in high) < 200 for x in range(image.width())
    ]
