"""The sheet around the confusion matrix: what fits where, and what it says of a cell."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.training.evaluation import Confusion
from gui.theme import Scheme, apply_theme
from gui.widgets.confusion_sheet import ACROSS, CHOOSE, POINT, TOO_SMALL, ConfusionSheet
from tests.gui.showing import on_screen

DOCKED, ENLARGED = (487, 280), (936, 660)  # px that the window leaves at 1280×800


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


def last_cell(sheet: ConfusionSheet) -> QRect:
    last = len(sheet.table.cells.classes) - 1
    return sheet.table.visualRect(sheet.table.cells.index(last, last))


@pytest.mark.parametrize("size", [DOCKED, ENLARGED])
@pytest.mark.parametrize("classes", [2, 3, 10, 26])
def test_all_cells_are_in_view(sheet: ConfusionSheet, classes: int, size: tuple[int, int]) -> None:
    sheet.resize(*size)
    fill(sheet, classes)
    assert sheet.table.viewport().rect().contains(last_cell(sheet))
    assert not sheet.table.verticalScrollBar().isVisible()
    assert not sheet.table.horizontalScrollBar().isVisible()
    assert sheet.rect().contains(sheet.table.geometry())
    assert sheet.rect().contains(sheet.scores.geometry())
    assert sheet.rect().contains(sheet.reading.geometry())
    assert sheet.table.fontInfo().pointSizeF() >= 8.9


@pytest.mark.parametrize("size", [(360, 250), DOCKED, (744, 420), ENLARGED, (1560, 940)])
@pytest.mark.parametrize("classes", [2, 10, 26, 47])
def test_nothing_lies_over_anything_else(
    sheet: ConfusionSheet, classes: int, size: tuple[int, int]
) -> None:
    sheet.resize(*size)
    fill(sheet, classes)
    parts = [sheet.table, sheet.scores, sheet.scale, sheet.reading]
    places = [part.geometry() for part in parts if part.isVisible()]
    for i, place in enumerate(places):
        assert sheet.rect().contains(place)
        assert not any(place.intersects(other) for other in places[i + 1 :])


def test_cells_take_the_room_that_there_is(sheet: ConfusionSheet) -> None:
    """Of two classes the cells grow; of ten no further px of height would go into ten."""
    fill(sheet, 10)
    height = last_cell(sheet).height()
    left = sheet.height() - sheet.table.geometry().bottom() - sheet.reading.height()
    assert height >= 20
    assert left < 10 + 16
    fill(sheet, 2)
    assert last_cell(sheet).height() > 90


def test_26_classes_are_colours_when_docked_and_numbers_when_enlarged(
    sheet: ConfusionSheet,
) -> None:
    fill(sheet, 26, first=1)
    assert not sheet.table.says_numbers
    assert sheet.reading.text() == TOO_SMALL
    sheet.resize(*ENLARGED)
    assert sheet.table.says_numbers
    assert sheet.reading.text() == CHOOSE


def test_what_is_enlarged_already_does_not_ask_to_be_enlarged(sheet: ConfusionSheet) -> None:
    fill(sheet, 256)
    assert sheet.reading.text() == TOO_SMALL
    sheet.window().resize(1280, 800)
    sheet.resize(*ENLARGED)
    assert not sheet.table.says_numbers
    assert sheet.reading.text() == POINT


def test_more_classes_than_there_is_room_for_scroll_under_their_labels(
    sheet: ConfusionSheet,
) -> None:
    fill(sheet, 62)
    bar = sheet.table.verticalScrollBar()
    assert bar.isVisible()
    QApplication.processEvents()  # the bar takes some of the width
    labels = sheet.table.columns.viewport().grab().toImage()
    bar.setValue(bar.maximum())
    QApplication.processEvents()
    assert sheet.table.columns.viewport().grab().toImage() == labels
    assert sheet.table.visibleRegion().boundingRect().height() > 0
    assert sheet.table.viewport().rect().bottom() >= last_cell(sheet).bottom()


@pytest.mark.parametrize("classes", [2, 10])
def test_scores_stand_in_the_rows_of_the_matrix(sheet: ConfusionSheet, classes: int) -> None:
    fill(sheet, classes)
    for row in range(classes):
        cell = sheet.table.visualRect(sheet.table.cells.index(row, 0))
        score = sheet.scores.visualRect(sheet.scores.scores.index(row, 0))
        top = sheet.table.viewport().mapTo(sheet, cell.topLeft()).y()
        assert sheet.scores.viewport().mapTo(sheet, score.topLeft()).y() == top
        assert score.height() == cell.height()


def test_scores_have_rows_of_their_own_where_those_of_the_matrix_are_too_low(
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
    cell = sheet.table.visualRect(sheet.table.cells.index(24, 3))
    QTest.mouseMove(sheet.table.viewport(), cell.center())
    assert view.contains(sheet.scores.visualRect(far))


def test_a_cell_without_a_number_says_it_when_pointed_at(sheet: ConfusionSheet) -> None:
    fill(sheet, 26, first=1)
    cell = sheet.table.visualRect(sheet.table.cells.index(5, 6))
    QTest.mouseMove(sheet.table.viewport(), cell.center())
    assert sheet.reading.text() == "true 6, predicted 7:\n8 images, 10 % of the 6s"
    counts = np.diag(np.full(26, 80))
    sheet.set_confusion(Confusion(counts), tuple(map(str, range(1, 27))))
    assert sheet.reading.text() == "true 6, predicted 7:\n0 images"


def test_a_reading_has_room_for_names_that_are_long_or_have_colons(sheet: ConfusionSheet) -> None:
    names = tuple(f"{n:03}: a class with a name that is long, in place {n}" for n in range(30))
    sheet.set_confusion(Confusion(np.full((30, 30), 2)), names)
    cell = sheet.table.visualRect(sheet.table.cells.index(5, 6))
    QTest.mouseMove(sheet.table.viewport(), cell.center())
    pair, number = sheet.reading.text().split("\n")
    assert number == "2 images, 3 % of the class"
    assert pair.startswith("true ")
    assert ", predicted " in pair
    assert pair.endswith("6:")
    assert sheet.reading.fontMetrics().horizontalAdvance(pair) <= sheet.reading.width()
    index = sheet.table.cells.index(5, 6)
    assert sheet.table.cells.sentence(index) == (f"true {names[5]}, predicted {names[6]}: {number}")


def test_the_longest_reading_is_not_cut(sheet: ConfusionSheet) -> None:
    fill(sheet, 26, samples=800, first=1)
    metrics = sheet.reading.fontMetrics()
    for line in ("true 26, predicted 24:", "800 images, 100 % of the 26s"):
        assert metrics.horizontalAdvance(line) <= sheet.reading.width()
    for text in (CHOOSE, POINT, TOO_SMALL):
        sheet.reading.setText(text)
        assert sheet.reading.heightForWidth(sheet.reading.width()) <= sheet.reading.height()


def test_a_narrow_sheet_leaves_the_room_to_the_matrix(sheet: ConfusionSheet) -> None:
    fill(sheet, 10)
    sheet.resize(304, 160)
    assert not sheet.scores.isVisible()
    assert last_cell(sheet).width() == 2 * last_cell(sheet).height()  # and no broader strips
    sheet.resize(*DOCKED)
    assert sheet.scores.isVisible()


def test_no_scroll_bar_is_left_when_there_is_room_again(sheet: ConfusionSheet) -> None:
    fill(sheet, 26)
    assert sheet.scores.verticalScrollBar().isVisible()
    for size in ((744, 428), (744, 420), ENLARGED):
        sheet.resize(*size)
        QApplication.processEvents()
        for table in (sheet.table, sheet.scores):
            for bar in (table.verticalScrollBar(), table.horizontalScrollBar()):
                assert not bar.isVisible()
                assert bar.maximum() == 0


def test_titles_stand_over_what_they_are_about(sheet: ConfusionSheet) -> None:
    """Above the cells and beside them there is writing; the corner is empty."""
    fill(sheet, 10)
    image = sheet.grab().toImage()
    line = sheet.fontMetrics().height()

    def written(place: QRect) -> bool:
        spots = ((x, y) for x in range(place.width()) for y in range(place.height()))
        return any(
            image.pixelColor(place.topLeft() + QPoint(x, y)).lightness() < 140 for x, y in spots
        )

    middle = sheet.table.geometry().center()
    assert written(QRect(middle.x() - 30, 0, 60, line))
    assert written(QRect(0, middle.y() - 20, line, 60))
    assert written(QRect(sheet.scores.geometry().center().x() - 40, 0, 80, line))
    assert not written(QRect(0, 0, line, line))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_score_that_was_clicked_can_be_read(sheet: ConfusionSheet, scheme: Scheme) -> None:
    """Its text is that of a selection, on the colour that Qt fills a selection with."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, scheme)
    fill(sheet, 3)
    place = sheet.scores.visualRect(sheet.scores.scores.index(1, 1))
    QTest.mouseClick(sheet.scores.viewport(), Qt.MouseButton.LeftButton, pos=place.center())
    QApplication.processEvents()
    image = sheet.scores.viewport().grab(place).toImage()
    palette, role = sheet.scores.palette(), QPalette.ColorRole
    seen = {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }
    ground, ink = palette.color(role.Highlight), palette.color(role.HighlightedText)
    assert {ground.name(), ink.name()} <= seen
    assert palette.color(role.Text).name() not in seen - {ink.name()}
    apply_theme(app, "light")


def test_titles_are_whole_beside_cells_that_are_smaller(sheet: ConfusionSheet) -> None:
    sheet.resize(300, 100)
    fill(sheet, 2)
    end = last_cell(sheet).right()
    across = sheet.fontMetrics().horizontalAdvance(ACROSS)
    assert 2 * sheet.table.columnWidth(0) < across
    image, line = sheet.grab().toImage(), sheet.fontMetrics().height()
    ground = image.pixel(image.width() - 1, 0)
    row = range(1, line)
    inked = [x for x in range(image.width()) if any(image.pixel(x, y) != ground for y in row)]
    assert max(inked) > end + 5
    assert max(inked) - min(inked) >= across - 5
