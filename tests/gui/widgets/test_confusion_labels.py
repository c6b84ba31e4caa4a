"""Names beside and above the confusion matrix: cut or left out, and never on each other."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QRect
from pytestqt.qtbot import QtBot

from engine.training.evaluation import Confusion
from gui.widgets.confusion_sheet import ClassLabels, ConfusionTable
from tests.gui.showing import on_screen, rgb

FRUIT = ("leaf", "red apple", "sky, blue")


def with_names(qtbot: QtBot, names: Sequence[str], wide: int, high: int) -> ConfusionTable:
    table = on_screen(qtbot, ConfusionTable(), len(names) * wide + 200, 500)
    table.set_confusion(Confusion(np.eye(len(names), dtype=np.int64)), tuple(names))
    for score in range(len(names), table.cells.columnCount()):
        table.setColumnHidden(score, True)
    table.columns.fit(wide)
    table.rows.fit(high)
    return table


def darkest(labels: ClassLabels, axis: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Return the darkest pixel of each column (0) or row (1) of px beside the cells."""
    line = labels.fontMetrics().height()  # of what stands above or beside the labels
    pixels = rgb(labels.viewport().grab().toImage()).max(axis=2)
    found: np.ndarray[tuple[int], np.dtype[np.uint8]]
    found = (pixels[line:] if axis == 0 else pixels[:, line:]).min(axis=axis)
    return found


@pytest.mark.parametrize("size", [46, 52, 58, 90])
def test_names_above_the_columns_are_cut_rather_than_left_out(qtbot: QtBot, size: int) -> None:
    table = with_names(qtbot, FRUIT, size, 40)
    assert table.columns.labelled() == table.rows.labelled() == [0, 1, 2]
    pictures = []
    for marked in (-1, 0, 1, 2):
        table.columns.mark(marked)
        table.rows.mark(marked)
        across, down = darkest(table.columns, 0), darkest(table.rows, 1)
        for place in range(3):
            assert across[size * place : size * (place + 1)].min() < 140
            assert down[40 * place : 40 * (place + 1)].min() < 140
        assert across[[size, 2 * size]].min() >= 200, "they touch"
        pictures.append((across.tolist(), down.tolist()))
    assert len({str(picture) for picture in pictures}) == 4, "the marked one is seen"


def test_of_names_that_would_say_too_little_when_cut_some_are_left_out(qtbot: QtBot) -> None:
    assert 1 not in with_names(qtbot, FRUIT, 20, 40).columns.labelled()


@pytest.mark.parametrize(("size", "every"), [(40, 1), (10, 3), (7, 4)])
def test_figures_never_touch_and_the_marked_is_there(qtbot: QtBot, size: int, every: int) -> None:
    """Two figures of 9 pt take some 16 px across, and some 9 px down."""
    table = with_names(qtbot, [str(n) for n in range(1, 27)], size, size)
    columns, written = table.columns, table.columns.labelled()
    assert written == list(range(0, 26, every))
    assert size * every > columns.fontMetrics().horizontalAdvance("26")
    columns.mark(7)
    marked = columns.labelled()
    assert 7 in marked
    assert all(later - sooner >= every for sooner, later in pairwise(marked))
    assert len(marked) >= len(written) - 2


@pytest.mark.parametrize("size", range(4, 12))
def test_long_labels_stay_within_the_cells_and_do_not_touch(qtbot: QtBot, size: int) -> None:
    """What lies beyond the last cell, Qt paints over."""
    names = [f"large letter {number} in a font" for number in range(47)]
    table = with_names(qtbot, names, size, size)
    across, metrics = table.columns, table.columns.fontMetrics()
    sections = [(across.sectionViewportPosition(each), each) for each in across.labelled()]
    places = [
        across._label(QRect(left, 0, size, across.height()), each, names[each], metrics)
        for left, each in sections
    ]
    assert all(one.right() < other.left() for one, other in pairwise(places))
    assert places[-1].right() < across.length()
    rows = table.rows.labelled()
    assert (rows[1] - rows[0]) * size >= metrics.height() - 2
