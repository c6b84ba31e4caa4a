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
from gui.widgets.confusion_model import ConfusionModel, short_percent
from gui.widgets.confusion_sheet import ConfusionTable
from tests.approved import assert_approved
from tests.gui.showing import colours_in, is_up_to_date, on_screen, on_the_screen, rgb

# 200 of class 3, 50 of class 5 and none of class 8, which is never predicted either.
COUNTS = np.array([[187, 12, 1], [5, 45, 0], [0, 0, 0]])
CLASSES = ("3", "5", "8")
LEFT = Qt.MouseButton.LeftButton
SAID = Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
def table(qtbot: QtBot) -> ConfusionTable:
    made = on_screen(qtbot, ConfusionTable(), 300, 240)
    made.set_confusion(Confusion(COUNTS), CLASSES)
    return made


def texts(model: ConfusionModel, role: Qt.ItemDataRole, scores: bool) -> list[list[Any]]:
    count = model.rowCount()
    columns = range(count, model.columnCount()) if scores else range(count)
    return [[model.data(model.index(row, each), role) for each in columns] for row in range(count)]


def centre_of(table: ConfusionTable, row: int, column: int) -> QPoint:
    return table.visualRect(table.cells.index(row, column)).center()


def test_the_model_keeps_the_rules_of_models(qapp: QApplication) -> None:
    model = ConfusionModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_confusion(Confusion(COUNTS), CLASSES)
    model.set_confusion(Confusion(COUNTS + 1), CLASSES)
    model.set_confusion(Confusion(COUNTS[:2, :2]), ("3", "5"))
    assert model.rowCount() == 2


def test_cells_and_scores_say_counts_rates_and_percentages(table: ConfusionTable) -> None:
    """Of 200 of class 3, 187 are found, and 187 of the 192 that are called so: 93.5 and 97.3 %."""
    cells, said = table.cells, list[str]()

    def note(title: str, *counts: np.ndarray, width: int = 300, rates: bool = False) -> None:
        for each in counts:
            table.set_confusion(Confusion(each), CLASSES[: len(each)])
        table.set_rates(rates)
        table.resize(width, 400)
        both = " / ".join(cells.texts(0, 0))
        said.append(f"# {title}: {both}")
        for scores in (False, True) if counts else (False,):
            shown = texts(cells, Qt.ItemDataRole.DisplayRole, scores)
            for row, spoken in zip(shown, texts(cells, SAID, scores), strict=True):
                said.append(f"{'  '.join(row)} | {'; '.join(spoken)}")

    note("counts", COUNTS)
    note("rates", width=120, rates=True)
    note("rates in wide cells", width=700, rates=True)
    note("many", COUNTS * 100, width=700)
    note("nearly all", np.array([[9_999, 1], [0, 50]]), rates=True)
    across = [cells.headerData(2 + each, Qt.Orientation.Horizontal) for each in range(3)]
    said.append("  ".join([*across, cells.headerData(1, Qt.Orientation.Vertical, SAID)]))
    assert_approved("confusion.txt", "\n".join(said) + "\n")


def test_of_many_cells_all_between_are_painted_at_once(qtbot: QtBot) -> None:
    counts = np.arange(1, 401).reshape(20, 20)
    table = on_screen(qtbot, ConfusionTable(), 320, 300)
    table.set_confusion(Confusion(counts), tuple(map(str, range(20))))
    told: list[QModelIndex] = []
    table.cells.dataChanged.connect(lambda first, last: told.extend((first, last)))
    before = on_the_screen(table)
    table.set_confusion(Confusion(counts.T.copy()), table.cells.classes)
    QApplication.processEvents()
    assert [(index.row(), index.column()) for index in told] == [(0, 0), (19, 22)]
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
    table.set_confusion(Confusion(COUNTS[:2, :2]), ("3", "5"))
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
    for size, says in ((240, True), (90, False)):
        table.resize(size, size)
        QApplication.processEvents()
        cell = table.visualRect(table.cells.index(0, 0))
        least = table.readable()
        assert says == (cell.width() >= least.width() and cell.height() >= least.height())
        inside = table.viewport().grab(cell.adjusted(2, 2, -3, -3)).toImage()
        assert (len(colours_in(inside)) > 1) == says
    # A class of 1,200 samples may have all of them in one cell later on.
    table.set_confusion(Confusion(np.array([[600, 600], [0, 1]])), ("0", "1"))
    assert table.readable().width() > table.fontMetrics().horizontalAdvance("1,200")


def test_scores_end_below_the_ends_of_their_titles(qtbot: QtBot, table: ConfusionTable) -> None:
    """In every column the last dark pixel of the title and of all numbers is the same."""
    table.resize(500, 160)
    table.set_confusion(Confusion(np.diag([7, 7, 7])), CLASSES)
    QApplication.processEvents()
    titles, numbers = table.columns.viewport().grab().toImage(), table.viewport().grab().toImage()
    for column in range(3, 6):
        start, width = table.columnViewportPosition(column), table.columnWidth(column)
        line, ends = table.fontMetrics().height(), list[int]()
        ends.append(last_dark(titles, QRect(start, line, width, titles.height() - line)))
        for row in range(3):
            cell = table.visualRect(table.cells.index(row, column))
            ends.append(last_dark(numbers, cell))
        assert max(ends) - min(ends) <= 1
        assert width - 8 <= ends[0] < width


def last_dark(image: QImage, place: QRect) -> int:
    return int(np.flatnonzero((rgb(image.copy(place)).max(axis=2) < 200).any(axis=0)).max())


def test_ctrl_c_copies_the_counts_with_the_names_of_the_classes(table: ConfusionTable) -> None:
    table.set_confusion(Confusion(np.array([[7, 1], [0, 12_345]])), ("red circle", "bag"))
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == (
        "true class\tpredicted red circle\tpredicted bag\nred circle\t7\t1\nbag\t0\t12345\n"
    )
