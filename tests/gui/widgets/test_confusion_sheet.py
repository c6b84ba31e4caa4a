"""The confusion matrix: its sheet, cells in pixels, names, and its table by mouse and keys."""

from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QRegion
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.training.evaluation import Confusion
from gui.theme import DARK, LIGHT, Colours, palette_for
from gui.widgets.confusion_model import ConfusionModel, short_percent
from gui.widgets.confusion_sheet import (
    ClassLabels,
    ConfusionSheet,
    ConfusionTable,
)
from tests.approved import assert_approved
from tests.gui.showing import colours_in, on_screen, rgb

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


def test_a_cell_without_a_number_says_it_when_pointed_at_however_long_names_are(
    sheet: ConfusionSheet,
) -> None:
    fill(sheet, 26, first=1)
    point_at(sheet, 5, 6)
    assert sheet.reading.text() == "true 6, predicted 7:\n8 images, 10 % of the 6s"
    counts = np.diag(np.full(26, 80))
    sheet.table.set_confusion(Confusion(counts), tuple(map(str, range(1, 27))))
    assert sheet.reading.text() == "true 6, predicted 7:\n0 images"
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
        (2, (304, 160), False),
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
        assert last.right() == classes * table.columns.defaultSectionSize() - 1


def test_a_score_is_read_where_it_is_pointed_at(sheet: ConfusionSheet) -> None:
    """It is no cell that a click could lead on from."""
    fill(sheet, 3)
    table, chosen = sheet.table, list[tuple[int, int]]()
    table.cell_chosen.connect(lambda *cell: chosen.append(cell))
    point_at(sheet, 1, 4)
    assert sheet.reading.text().strip() == "recall of class 1: 90.0 %"
    place = table.visualRect(table.cells.index(1, 4))
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place.center())
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert not chosen


# 200 of class 3, 50 of class 5 and none of class 8, which is never predicted either.
COUNTS = np.array([[187, 12, 1], [5, 45, 0], [0, 0, 0]])
PLACES = list(product(range(3), range(3)))


def painted(colours: Colours, *, cell: tuple[int, int] = (60, 30), numbers: bool = True) -> QImage:
    table = ConfusionTable()
    table.setPalette(palette_for(colours))
    table.cells.set_confusion(Confusion(COUNTS), ("3", "5", "8"))
    table.says_numbers = numbers
    for header, size in zip((table.columns, table.rows), cell, strict=True):
        header.setDefaultSectionSize(size)
    place = QRect(0, 0, 3 * cell[0], 3 * cell[1])
    image = QImage(place.size(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    table._paint_cells(painter, QRegion(place))
    painter.end()
    return image


def tile(place: QRect, row: int, column: int) -> QRect:
    """Return the place of one of 3 × 3 cells, without the gap after it."""
    width, height = place.width() // 3, place.height() // 3
    return QRect(column * width, row * height, width - 1, height - 1)


def inked(image: QImage, place: QRect) -> int:
    """Count the pixels inside a place that have not the colour of its corner."""
    pixels = rgb(image.copy(place))
    return int((pixels != pixels[0, 0]).any(axis=2).sum())


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_cells_have_the_colour_of_their_rate_a_framed_diagonal_and_dots_for_nothing(
    colours: Colours,
) -> None:
    bare, full = painted(colours, numbers=False), painted(colours)
    for row, column in PLACES:
        place = tile(bare.rect(), row, column)
        assert bare.pixelColor(place.right() + 1, 5).name() == QColor(colours.window).name()
        framed = full.pixelColor(place.topLeft()) == QColor(colours.pinned)
        assert framed == (row == column), "even where nothing is right"
        spots = inked(full, place.adjusted(3, 3, -3, -3))
        assert (1 <= spots <= 9) if COUNTS[row, column] == 0 else spots > 15
        rate = COUNTS[row, column] / max(1, COUNTS[row].sum())
        low, high = QColor(colours.base), QColor(colours.pinned if framed else colours.wrong)
        found = bare.pixelColor(place.center())
        for part in (QColor.red, QColor.green, QColor.blue):
            mixed = part(low) + (part(high) - part(low)) * rate**0.5
            assert part(found) == pytest.approx(mixed, abs=1.5)


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


@pytest.mark.parametrize("size", [46, 90])
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
    too_little = with_names(qtbot, FRUIT, 20, 40).columns.labelled()
    assert 1 not in too_little, "of what would say too little when it is cut some is left out"


@pytest.mark.parametrize(("size", "every"), [(40, 1), (10, 3)])
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


# 200 of class 3, 50 of class 5 and none of class 8, which is never predicted either.
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


def test_the_model_keeps_the_rules_of_models() -> None:
    model = ConfusionModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_confusion(Confusion(COUNTS), CLASSES)
    changed: list[QModelIndex] = []
    model.dataChanged.connect(lambda first, last: changed.extend((first, last)))
    model.set_confusion(Confusion(COUNTS + 1), CLASSES)
    assert [(index.row(), index.column()) for index in changed] == [(0, 0), (2, 5)]
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
        said.append(f"# {title}")
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


def test_little_is_not_nothing_and_nearly_all_is_not_all() -> None:
    shares = (0, 0.0004, 0.004, 0.0051, 0.5, 0.994, 0.996, 0.9996, 1)
    assert [short_percent(share) for share in shares] == (
        ["0", "<1", "<1", "1", "50", "99", ">99", ">99", "100"]
    )
    assert [short_percent(share, precise=True) for share in shares] == (
        ["0", "<0.1", "0.4", "0.5", "50.0", "99.4", "99.6", ">99.9", "100"]
    )


def test_mouse_and_keys_point_at_cells_and_choose_them_and_the_focus_is_seen(
    qtbot: QtBot, table: ConfusionTable
) -> None:
    with qtbot.waitSignal(table.cell_pointed):
        QTest.mouseMove(table.viewport(), centre_of(table, 1, 0))
    assert (table.pointed.row(), table.pointed.column()) == (1, 0)
    with qtbot.waitSignal(table.cell_chosen) as chosen:
        QTest.mouseClick(table.viewport(), LEFT, pos=centre_of(table, 0, 1))
    assert chosen.args == [0, 1]
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
    table.set_confusion(Confusion(COUNTS[:2, :2]), ("3", "5"))
    assert not table.pointed.isValid()


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
