"""The confusion matrix as a table: what its cells say, its mouse and keys, its labels."""

from collections.abc import Iterator
from itertools import pairwise, product
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
from tests.gui.showing import is_up_to_date, on_screen, on_the_screen

# 200 of class 3, 50 of class 5 and none of class 8, which is never predicted either.
COUNTS = np.array([[187, 12, 1], [5, 45, 0], [0, 0, 0]])
CLASSES = ("3", "5", "8")
LEFT = Qt.MouseButton.LeftButton


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


def pixels(place: QRect) -> Iterator[tuple[int, int]]:
    return product(range(place.left(), place.right() + 1), range(place.top(), place.bottom() + 1))


def centre_of(table: ConfusionTable, row: int, column: int) -> QPoint:
    return table.visualRect(table.cells.index(row, column)).center()


def test_the_models_keep_the_rules_of_models(qapp: QApplication) -> None:
    for model in (ConfusionModel(), ScoresModel()):
        QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
        model.set_confusion(Confusion(COUNTS), CLASSES)
        model.set_confusion(Confusion(COUNTS + 1), CLASSES)
        model.set_confusion(Confusion(COUNTS[:2, :2]), ("3", "5"))
        assert model.rowCount() == 2


def test_cells_say_counts(table: ConfusionTable) -> None:
    assert texts(table.cells) == [["187", "12", "1"], ["5", "45", "0"], ["0", "0", "0"]]
    table.cells.set_confusion(Confusion(COUNTS * 100), CLASSES)
    assert texts(table.cells)[0] == ["18,700", "1,200", "100"]


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


def test_cells_say_rates(table: ConfusionTable) -> None:
    """187 of 200 are 93.5 %, which is written as 94."""
    table.cells.as_rates = True
    table.cells.precise = False
    assert texts(table.cells) == [["94", "6", "<1"], ["10", "90", "0"], ["0", "0", "0"]]
    table.cells.precise = True
    assert texts(table.cells)[0] == ["93.5", "6.0", "0.5"]


def test_little_is_not_nothing_and_nearly_all_is_not_all() -> None:
    shares = (0, 0.0004, 0.004, 0.0051, 0.5, 0.994, 0.996, 0.9996, 1)
    assert [short_percent(share) for share in shares] == (
        ["0", "<1", "<1", "1", "50", "99", ">99", ">99", "100"]
    )
    assert [short_percent(share, precise=True) for share in shares] == (
        ["0", "<0.1", "0.4", "0.5", "50.0", "99.4", "99.6", ">99.9", "100"]
    )


def test_screen_readers_hear_a_sentence(table: ConfusionTable) -> None:
    said = texts(table.cells, Qt.ItemDataRole.AccessibleTextRole)
    assert said[0][1] == "true 3, predicted 5: 12 images, 6 % of the 3s"
    assert said[0][2] == "true 3, predicted 8: 1 image, <1 % of the 3s"
    assert said[2][2] == "true 8, predicted 8: 0 images"
    header = table.cells.headerData(1, Qt.Orientation.Vertical, Qt.ItemDataRole.AccessibleTextRole)
    assert header == "true class 5"


def test_a_click_chooses_a_cell(qtbot: QtBot, table: ConfusionTable) -> None:
    with qtbot.waitSignal(table.cell_chosen) as chosen:
        QTest.mouseClick(table.viewport(), LEFT, pos=centre_of(table, 0, 1))
    assert chosen.args == [0, 1]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_keys_walk_and_choose(qtbot: QtBot, table: ConfusionTable, key: Qt.Key) -> None:
    table.setFocus()
    table.setCurrentIndex(table.cells.index(0, 0))
    QTest.keyClick(table, Qt.Key.Key_Down)
    QTest.keyClick(table, Qt.Key.Key_Right)
    QTest.keyClick(table, Qt.Key.Key_Right)
    QTest.keyClick(table, Qt.Key.Key_Left)
    with qtbot.waitSignal(table.cell_chosen) as chosen:
        QTest.keyClick(table, key)
    assert chosen.args == [1, 1]


def test_the_focus_is_seen(table: ConfusionTable) -> None:
    table.activateWindow()
    table.setFocus()
    before = table.viewport().grab().toImage()
    table.setCurrentIndex(table.cells.index(2, 1))
    rect = table.visualRect(table.cells.index(2, 1))
    after = table.viewport().grab().toImage()
    assert before.copy(rect) != after.copy(rect)
    assert before.copy(table.visualRect(table.cells.index(1, 2))) == after.copy(
        table.visualRect(table.cells.index(1, 2))
    )


def test_large_cells_say_numbers_and_small_ones_colours_alone(table: ConfusionTable) -> None:
    least = table.readable()
    for width, height, says in (
        (least.width(), least.height(), True),
        (least.width() - 1, least.height(), False),
        (least.width(), least.height() - 1, False),
    ):
        table.set_cell_size(width, height)
        assert table.says_numbers == says
        image = table.viewport().grab().toImage()
        cell = table.visualRect(table.cells.index(0, 0)).adjusted(2, 2, -3, -3)
        colours = {image.pixel(x, y) for x, y in pixels(cell)}
        assert (len(colours) > 1) == says


def test_the_least_size_has_room_for_the_widest_count_of_a_training(table: ConfusionTable) -> None:
    """A class of 1,200 samples may have all of them in one cell later on."""
    table.cells.set_confusion(Confusion(np.array([[600, 600], [0, 1]])), ("0", "1"))
    widest = table.fontMetrics().horizontalAdvance("1,200")
    assert table.readable().width() > widest


def test_wide_cells_have_a_decimal(table: ConfusionTable) -> None:
    table.cells.as_rates = True
    table.set_cell_size(200, 40)
    assert texts(table.cells)[0][0] == "93.5"
    table.set_cell_size(table.readable().width(), 40)
    assert texts(table.cells)[0][0] == "94"


@pytest.mark.parametrize(("size", "every"), [(40, 1), (10, 2), (7, 3)])
def test_labels_never_touch_and_the_marked_one_is_there(
    table: ConfusionTable, size: int, every: int
) -> None:
    """Two figures of 9 pt take some 16 px across, and some 9 px down."""
    table.cells.set_confusion(
        Confusion(np.ones((26, 26), dtype=np.int64)), tuple(map(str, range(1, 27)))
    )
    table.set_cell_size(size, size)
    written = table.columns.labelled()
    assert written == list(range(0, 26, every))
    needed = table.fontMetrics().horizontalAdvance("26")
    assert size * every > needed
    table.columns.mark(7)
    marked = table.columns.labelled()
    assert 7 in marked
    assert all(later - sooner >= every for sooner, later in pairwise(marked))
    assert len(marked) >= len(written) - 2


def test_labels_are_seen(table: ConfusionTable) -> None:
    """Each class has dark pixels beside its row, and they move when another one is marked."""
    for header, vertical in ((table.rows, True), (table.columns, False)):
        image = header.viewport().grab().toImage()
        for section in range(3):
            start, size = header.sectionViewportPosition(section), header.sectionSize(section)
            place = (
                QRect(0, start, image.width(), size)
                if vertical
                else QRect(start, 0, size, image.height())
            )
            darkest = min(image.pixelColor(x, y).lightness() for x, y in pixels(place))
            assert darkest < 140
        header.mark(1)
        assert header.viewport().grab().toImage() != image


def test_the_cell_under_the_mouse_is_pointed_at(qtbot: QtBot, table: ConfusionTable) -> None:
    with qtbot.waitSignal(table.cell_pointed):
        QTest.mouseMove(table.viewport(), centre_of(table, 1, 0))
    assert (table.pointed.row(), table.pointed.column()) == (1, 0)
    assert table.rows.labelled() == [0, 1, 2]
    table.cells.set_confusion(Confusion(COUNTS[:2, :2]), ("3", "5"))
    assert not table.pointed.isValid()


def test_scores_are_percentages_of_each_class(qtbot: QtBot) -> None:
    """Class 3: 187 of 192 that are called so, and 187 of 200 found."""
    scores = ScoresTable()
    qtbot.addWidget(scores)
    scores.scores.set_confusion(Confusion(COUNTS), CLASSES)
    f1 = 2 / (192 / 187 + 200 / 187)
    assert texts(scores.scores)[0] == ["97.3", "93.5", str(int(f1 * 1000) / 10)]
    assert texts(scores.scores)[2] == ["0.0", "–", "0.0"]
    said = texts(scores.scores, Qt.ItemDataRole.AccessibleTextRole)
    assert said[0][0] == "precision of class 3: 97.3 %"
    assert said[2][1] == "recall of class 8: none"
    across = [scores.scores.headerData(i, Qt.Orientation.Horizontal) for i in range(3)]
    assert across == ["precision", "recall", "F1"]


def test_all_right_has_its_decimal_and_nearly_all_is_not_all(qtbot: QtBot) -> None:
    scores = ScoresModel()
    scores.set_confusion(Confusion(np.array([[9_999, 1], [0, 50]])), ("0", "1"))
    assert [row[1] for row in texts(scores)] == ["99.9", "100.0"]


def test_numbers_end_below_the_ends_of_their_titles(qtbot: QtBot) -> None:
    """In every column the last dark pixel of the title and of all numbers is the same."""
    scores = ScoresTable()
    qtbot.addWidget(scores)
    scores.scores.set_confusion(Confusion(np.diag([7, 7, 7])), ("3", "5", "8"))
    scores.set_row_height(20)
    scores.resize(scores.wanted_width() + 20, 120)
    scores.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # or its frame would be the last that is dark
    scores.show()
    QApplication.processEvents()
    titles = scores.columns.viewport().grab().toImage()
    numbers = scores.viewport().grab().toImage()
    for column in range(3):
        start, width = scores.columnViewportPosition(column), scores.columnWidth(column)
        ends = [
            last_dark(titles, QRect(start, 0, width, titles.height())),
            *(last_dark(numbers, QRect(start, 20 * row, width, 20)) for row in range(3)),
        ]
        assert max(ends) - min(ends) <= 1
        assert start + width - 8 <= ends[0] < start + width


def last_dark(image: QImage, place: QRect) -> int:
    return max(x for x, y in pixels(place) if image.pixelColor(x, y).lightness() < 200)


@pytest.mark.parametrize(("count", "size"), [(2, 40), (47, 7)])
def test_long_labels_stay_within_the_cells_and_lines_do_not_touch(
    qtbot: QtBot, count: int, size: int
) -> None:
    """What lies beyond the last cell, Qt paints over."""
    table = ConfusionTable()
    names = tuple(f"line falling to the right {number}" for number in range(count))
    table.cells.set_confusion(Confusion(np.eye(count, dtype=np.int64)), names)
    table.set_cell_size(size, size)
    on_screen(qtbot, table, 600, 500)
    across, down = table.columns, table.rows
    metrics = across.fontMetrics()
    last = across.labelled()[-1]
    section = QRect(across.sectionViewportPosition(last), 0, size, across.height())
    label = across._label(section, "small letter h" if count > 2 else "ab", metrics)
    assert label.right() < across.length()
    rows = down.labelled()
    apart = (rows[1] - rows[0]) * size if len(rows) > 1 else size
    assert apart >= metrics.height() - 2


@pytest.mark.parametrize("size", range(4, 12))
def test_long_labels_at_both_ends_do_not_touch(qtbot: QtBot, size: int) -> None:
    table = ConfusionTable()
    names = tuple(f"large letter {number} in a font" for number in range(47))
    table.cells.set_confusion(Confusion(np.eye(47, dtype=np.int64)), names)
    table.set_cell_size(size, size)
    on_screen(qtbot, table, 47 * size + 200, 500)
    across = table.columns
    widest = names[-1]
    places = [
        across._label(
            QRect(across.sectionViewportPosition(each), 0, size, across.height()),
            widest,
            across.fontMetrics(),
        )
        for each in across.labelled()
    ]
    assert all(one.right() < other.left() for one, other in pairwise(places))


def test_ctrl_c_copies_the_counts_with_the_names_of_the_classes(qtbot: QtBot) -> None:
    table = ConfusionTable()
    table.cells.set_confusion(Confusion(np.array([[7, 1], [0, 12_345]])), ("red circle", "bag"))
    on_screen(qtbot, table, 300, 240)
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == (
        "true class\tpredicted red circle\tpredicted bag\nred circle\t7\t1\nbag\t0\t12345\n"
    )


def test_labels_at_the_edge_do_not_run_into_each_other_wherever_it_is_scrolled(
    qtbot: QtBot,
) -> None:
    """Letters without stems leave lines free between labels that do not touch."""
    made = ConfusionTable()
    made.cells.set_confusion(Confusion(np.eye(90, dtype=np.int64)), ("xxxx",) * 90)
    made.set_cell_size(6, 6)
    made.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    on_screen(qtbot, made, 200, 160)
    header = made.rows.viewport()
    for place in range(14):
        made.verticalScrollBar().setValue(place)
        made.rows.mark(-1)
        QApplication.processEvents()
        image = header.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
        inked = np.ptp(rows[:, : image.width()], axis=1) > 60
        starts = np.flatnonzero(np.diff(inked, prepend=False, append=False))
        assert len(starts) >= 16
        heights = starts[1::2] - starts[::2]
        assert heights.max() <= made.rows.fontMetrics().xHeight() + 1, place
