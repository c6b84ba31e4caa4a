"""The confusion matrix as a table: what its cells say, its mouse and keys."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.training.evaluation import Confusion
from gui.widgets.confusion_model import ConfusionModel, ScoresModel, short_percent
from gui.widgets.confusion_sheet import ConfusionTable, ScoresTable
from tests.approved import assert_approved
from tests.gui.showing import colours_in, is_up_to_date, on_screen, on_the_screen, rgb

# 200 of class 3, 50 of class 5 and none of class 8, which is never predicted either.
COUNTS = np.array([[187, 12, 1], [5, 45, 0], [0, 0, 0]])
CLASSES = ("3", "5", "8")
LEFT = Qt.MouseButton.LeftButton
SAID = Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
def table(qtbot: QtBot) -> ConfusionTable:
    made = ConfusionTable()
    made.cells.set_confusion(Confusion(COUNTS), CLASSES)
    made.set_cell_size(60, 40)
    return on_screen(qtbot, made, 300, 240)


def texts(
    model: ConfusionModel | ScoresModel, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole
) -> list[list[Any]]:
    return [
        [model.data(model.index(row, column), role) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def centre_of(table: ConfusionTable, row: int, column: int) -> QPoint:
    return table.visualRect(table.cells.index(row, column)).center()


@pytest.mark.parametrize("kind", [ConfusionModel, ScoresModel])
def test_the_models_keep_the_rules_of_models(
    qapp: QApplication, kind: type[ConfusionModel | ScoresModel]
) -> None:
    model = kind()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_confusion(Confusion(COUNTS), CLASSES)
    model.set_confusion(Confusion(COUNTS + 1), CLASSES)
    model.set_confusion(Confusion(COUNTS[:2, :2]), ("3", "5"))
    assert model.rowCount() == 2


def test_cells_and_scores_say_counts_rates_and_percentages(table: ConfusionTable) -> None:
    """Of 200 of class 3, 187 are found, and 187 of the 192 that are called so: 93.5 and 97.3 %."""
    cells, scores, said = table.cells, ScoresModel(), list[str]()

    def note(title: str, *counts: np.ndarray, width: int = 60, rates: bool = False) -> None:
        for each in counts:
            for model in (cells, scores):
                model.set_confusion(Confusion(each), CLASSES[: len(each)])
        table.set_cell_size(width, 40)
        cells.as_rates = rates
        both = " / ".join(cells.texts(0, 0))
        said.append(f"# {title}: {both}")
        for model in (cells, scores) if counts else (cells,):
            for shown, spoken in zip(texts(model), texts(model, SAID), strict=True):
                said.append(f"{'  '.join(shown)} | {'; '.join(spoken)}")

    note("counts", COUNTS)
    note("rates", width=table.readable().width(), rates=True)
    note("rates in wide cells", width=200, rates=True)
    note("many", COUNTS * 100, width=200)
    note("nearly all", np.array([[9_999, 1], [0, 50]]), rates=True)
    across = [scores.headerData(each, Qt.Orientation.Horizontal) for each in range(3)]
    said.append("  ".join([*across, cells.headerData(1, Qt.Orientation.Vertical, SAID)]))
    assert_approved("confusion.txt", "\n".join(said) + "\n")


def test_of_many_cells_all_between_are_painted_at_once(qtbot: QtBot) -> None:
    counts = np.arange(1, 401).reshape(20, 20)
    table = ConfusionTable()
    table.cells.set_confusion(Confusion(counts), tuple(map(str, range(20))))
    table.set_cell_size(12, 12)
    on_screen(qtbot, table, 320, 300)
    told: list[QModelIndex] = []
    table.cells.dataChanged.connect(lambda first, last: told.extend((first, last)))
    before = on_the_screen(table)
    table.cells.set_confusion(Confusion(counts.T.copy()), table.cells.classes)
    QApplication.processEvents()
    assert [(index.row(), index.column()) for index in told] == [(0, 0), (19, 19)]
    assert is_up_to_date(table)
    assert on_the_screen(table) != before


def test_little_is_not_nothing_and_nearly_all_is_not_all() -> None:
    shares = (0, 0.0004, 0.004, 0.0051, 0.5, 0.994, 0.996, 0.9996, 1)
    assert [short_percent(share) for share in shares] == (
        ["0", "<1", "<1", "1", "50", "99", ">99", ">99", "100"]
    )
    assert [short_percent(share, precise=True) for share in shares] == (
        ["0", "<0.1", "0.4", "0.5", "50.0", "99.4", "99.6", ">99.9", "100"]
    )


def test_the_cell_under_the_mouse_is_pointed_at_and_a_click_chooses_it(
    qtbot: QtBot, table: ConfusionTable
) -> None:
    with qtbot.waitSignal(table.cell_pointed):
        QTest.mouseMove(table.viewport(), centre_of(table, 1, 0))
    assert (table.pointed.row(), table.pointed.column()) == (1, 0)
    with qtbot.waitSignal(table.cell_chosen) as chosen:
        QTest.mouseClick(table.viewport(), LEFT, pos=centre_of(table, 0, 1))
    assert chosen.args == [0, 1]
    table.cells.set_confusion(Confusion(COUNTS[:2, :2]), ("3", "5"))
    assert not table.pointed.isValid()


def test_keys_walk_and_choose_and_the_focus_is_seen(qtbot: QtBot, table: ConfusionTable) -> None:
    table.activateWindow()
    table.setFocus()
    before = table.viewport().grab().toImage()
    table.setCurrentIndex(table.cells.index(2, 1))
    after = table.viewport().grab().toImage()
    for place, same in ((table.cells.index(2, 1), False), (table.cells.index(1, 2), True)):
        rect = table.visualRect(place)
        assert (before.copy(rect) == after.copy(rect)) == same
    table.setCurrentIndex(table.cells.index(0, 0))
    for step in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(table, step)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        with qtbot.waitSignal(table.cell_chosen) as chosen:
            QTest.keyClick(table, key)
        assert chosen.args == [1, 1]


def test_large_cells_say_numbers_and_small_ones_colours_alone(table: ConfusionTable) -> None:
    least = table.readable()
    for narrower, lower in ((0, 0), (1, 0), (0, 1)):
        table.set_cell_size(least.width() - narrower, least.height() - lower)
        says = not narrower and not lower
        assert table.says_numbers == says
        cell = table.visualRect(table.cells.index(0, 0)).adjusted(2, 2, -3, -3)
        assert (len(colours_in(table.viewport().grab(cell).toImage())) > 1) == says
    # A class of 1,200 samples may have all of them in one cell later on.
    table.cells.set_confusion(Confusion(np.array([[600, 600], [0, 1]])), ("0", "1"))
    assert table.readable().width() > table.fontMetrics().horizontalAdvance("1,200")


def test_numbers_end_below_the_ends_of_their_titles(qtbot: QtBot) -> None:
    """In every column the last dark pixel of the title and of all numbers is the same."""
    scores = ScoresTable()
    scores.scores.set_confusion(Confusion(np.diag([7, 7, 7])), ("3", "5", "8"))
    scores.set_row_height(20)
    scores.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # or its frame would be the last that is dark
    on_screen(qtbot, scores, scores.wanted_width() + 20, 120)
    titles = scores.columns.viewport().grab().toImage()
    numbers = scores.viewport().grab().toImage()
    for column in range(3):
        start, width = scores.columnViewportPosition(column), scores.columnWidth(column)
        ends = [
            last_dark(titles, QRect(start, 0, width, titles.height())),
            *(last_dark(numbers, QRect(start, 20 * row, width, 20)) for row in range(3)),
        ]
        assert max(ends) - min(ends) <= 1
        assert width - 8 <= ends[0] < width


def last_dark(image: QImage, place: QRect) -> int:
    return int(np.flatnonzero((rgb(image.copy(place)).max(axis=2) < 200).any(axis=0)).max())


def test_ctrl_c_copies_the_counts_with_the_names_of_the_classes(table: ConfusionTable) -> None:
    table.cells.set_confusion(Confusion(np.array([[7, 1], [0, 12_345]])), ("red circle", "bag"))
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == (
        "true class\tpredicted red circle\tpredicted bag\nred circle\t7\t1\nbag\t0\t12345\n"
    )
