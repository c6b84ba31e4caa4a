"""The sheet around the confusion matrix: what fits where, and what it says of a cell."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.training.evaluation import Confusion
from gui.theme import Scheme, apply_theme
from gui.widgets.confusion_sheet import ConfusionSheet
from tests.gui.showing import colours_in, on_screen

DOCKED = 487, 280  # px that the window leaves at 1280×800


@pytest.fixture
def sheet(qtbot: QtBot) -> Iterator[ConfusionSheet]:
    """A sheet in a window that has room for more than it."""
    window = on_screen(qtbot, QWidget(), 1600, 1000)
    made = ConfusionSheet(window)
    made.resize(*DOCKED)
    made.show()
    QApplication.processEvents()
    yield made
    window.hide()


def fill(sheet: ConfusionSheet, classes: int, samples: int = 80, first: int = 0) -> None:
    """Show a matrix with so many samples of each class, a tenth of them taken for the next."""
    counts = samples * 9 // 10 * np.eye(classes, dtype=np.int64)
    counts += samples // 10 * np.roll(np.eye(classes, dtype=np.int64), 1, axis=1)
    sheet.table.set_confusion(Confusion(counts), tuple(map(str, range(first, first + classes))))
    QApplication.processEvents()


def point_at(sheet: ConfusionSheet, row: int, column: int) -> None:
    cell = sheet.table.visualRect(sheet.table.cells.index(row, column))
    QTest.mouseMove(sheet.table.viewport(), cell.center())


def test_a_cell_without_a_number_says_it_when_pointed_at(sheet: ConfusionSheet) -> None:
    fill(sheet, 26, first=1)
    point_at(sheet, 5, 6)
    assert sheet.reading.text() == "true 6, predicted 7:\n8 images, 10 % of the 6s"
    counts = np.diag(np.full(26, 80))
    sheet.table.set_confusion(Confusion(counts), tuple(map(str, range(1, 27))))
    assert sheet.reading.text() == "true 6, predicted 7:\n0 images"


def test_a_reading_has_room_for_names_that_are_long_or_have_colons(sheet: ConfusionSheet) -> None:
    names = tuple(f"{n:03}: a class with a name that is long, in place {n}" for n in range(30))
    sheet.table.set_confusion(Confusion(np.full((30, 30), 2)), names)
    point_at(sheet, 5, 6)
    pair, number = sheet.reading.text().split("\n")
    assert number == "2 images, 3 % of the class"
    assert pair.startswith("true ")
    assert ", predicted " in pair
    assert pair.endswith("6:")
    assert sheet.reading.fontMetrics().horizontalAdvance(pair) <= sheet.reading.width()
    index = sheet.table.cells.index(5, 6)
    assert sheet.table.cells.sentence(index) == (f"true {names[5]}, predicted {names[6]}: {number}")


def test_where_there_is_little_room_there_are_no_scores(sheet: ConfusionSheet) -> None:
    """Scores stand in the rows of the cells; in low rows their figures would be cut."""
    for classes, size, there in (
        (10, DOCKED, True),
        (10, (304, 160), False),
        (10, (600, 130), False),
        (26, DOCKED, False),
        (26, (900, 600), True),
    ):
        fill(sheet, classes)
        sheet.resize(*size)
        QApplication.processEvents()
        table = sheet.table
        score = table.visualRect(table.cells.index(0, classes + 2))
        assert (score.width() > 0) == there
        if there:
            assert table.viewport().rect().contains(score)
            assert score.height() >= table.fontMetrics().capHeight()
        last = table.visualRect(table.cells.index(classes - 1, classes - 1))
        assert last.width() >= last.height() >= 6


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_score_is_read_where_it_is_pointed_at(
    qapp: QApplication, sheet: ConfusionSheet, scheme: Scheme
) -> None:
    """It is no cell that a click could lead on from."""
    apply_theme(qapp, scheme)
    fill(sheet, 3)
    table, chosen = sheet.table, list[tuple[int, int]]()
    table.cell_chosen.connect(lambda *cell: chosen.append(cell))
    point_at(sheet, 1, 4)
    assert sheet.reading.text().strip() == "recall of class 1: 90.0 %"
    place = table.visualRect(table.cells.index(1, 4))
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place.center())
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert not chosen
    seen = colours_in(table.viewport().grab(place).toImage())
    palette, role = table.palette(), QPalette.ColorRole
    assert {palette.color(role.Window).name(), palette.color(role.Text).name()} <= seen
