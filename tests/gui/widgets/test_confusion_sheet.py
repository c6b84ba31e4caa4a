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
    sheet.set_confusion(Confusion(counts), tuple(map(str, range(first, first + classes))))
    QApplication.processEvents()


def point_at(sheet: ConfusionSheet, row: int, column: int) -> None:
    cell = sheet.table.visualRect(sheet.table.cells.index(row, column))
    QTest.mouseMove(sheet.table.viewport(), cell.center())


def test_scores_have_their_own_rows_where_those_of_the_matrix_are_low(
    sheet: ConfusionSheet,
) -> None:
    """Whole rows are in view, and the class that is pointed at comes there."""
    fill(sheet, 26)
    model, view = sheet.scores.scores, sheet.scores.viewport().rect()
    row = sheet.scores.rowHeight(0)
    assert row >= sheet.fontMetrics().height()
    assert view.height() % row == 0
    assert view.width() >= sheet.scores.columns.length()
    far = model.index(24, 0)
    assert not view.contains(sheet.scores.visualRect(far))
    point_at(sheet, 24, 3)
    assert view.contains(sheet.scores.visualRect(far))


def test_a_cell_without_a_number_says_it_when_pointed_at(sheet: ConfusionSheet) -> None:
    fill(sheet, 26, first=1)
    point_at(sheet, 5, 6)
    assert sheet.reading.text() == "true 6, predicted 7:\n8 images, 10 % of the 6s"
    counts = np.diag(np.full(26, 80))
    sheet.set_confusion(Confusion(counts), tuple(map(str, range(1, 27))))
    assert sheet.reading.text() == "true 6, predicted 7:\n0 images"


def test_a_reading_has_room_for_names_that_are_long_or_have_colons(sheet: ConfusionSheet) -> None:
    names = tuple(f"{n:03}: a class with a name that is long, in place {n}" for n in range(30))
    sheet.set_confusion(Confusion(np.full((30, 30), 2)), names)
    point_at(sheet, 5, 6)
    pair, number = sheet.reading.text().split("\n")
    assert number == "2 images, 3 % of the class"
    assert pair.startswith("true ")
    assert ", predicted " in pair
    assert pair.endswith("6:")
    assert sheet.reading.fontMetrics().horizontalAdvance(pair) <= sheet.reading.width()
    index = sheet.table.cells.index(5, 6)
    assert sheet.table.cells.sentence(index) == (f"true {names[5]}, predicted {names[6]}: {number}")


def test_a_narrow_sheet_leaves_the_room_to_the_matrix(sheet: ConfusionSheet) -> None:
    fill(sheet, 10)
    sheet.resize(304, 160)
    assert not sheet.scores.isVisible()
    last = sheet.table.visualRect(sheet.table.cells.index(9, 9))
    assert last.width() == last.height()
    sheet.resize(*DOCKED)
    assert sheet.scores.isVisible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_clicked_score_is_read(qapp: QApplication, sheet: ConfusionSheet, scheme: Scheme) -> None:
    """Its text is that of a selection, on the colour that Qt fills a selection with."""
    apply_theme(qapp, scheme)
    fill(sheet, 3)
    place = sheet.scores.visualRect(sheet.scores.scores.index(1, 1))
    QTest.mouseClick(sheet.scores.viewport(), Qt.MouseButton.LeftButton, pos=place.center())
    QApplication.processEvents()
    seen = colours_in(sheet.scores.viewport().grab(place).toImage())
    palette, role = sheet.scores.palette(), QPalette.ColorRole
    ground, ink = palette.color(role.Highlight), palette.color(role.HighlightedText)
    assert {ground.name(), ink.name()} <= seen
    assert palette.color(role.Text).name() not in seen - {ink.name()}
