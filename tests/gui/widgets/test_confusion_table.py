"""The confusion matrix as a table: what its cells say, their colours, its mouse and keys."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.confusion import Confusion
from gui.theme import DARK, LIGHT, apply_theme, palette_for
from gui.widgets.confusion_model import ConfusionModel, ScoresModel, short_percent
from gui.widgets.confusion_table import ConfusionTable, ScoresTable, cell_colour, text_colour

# 200 of class 3, 50 of class 5 and none of class 8, which is never predicted either.
COUNTS = np.array([[187, 12, 1], [5, 45, 0], [0, 0, 0]])
CLASSES = (3, 5, 8)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def table(qtbot: QtBot, qapp: QApplication) -> ConfusionTable:
    apply_theme(qapp, "light")
    made = ConfusionTable()
    qtbot.addWidget(made)
    made.cells.set_confusion(Confusion(COUNTS), CLASSES)
    made.resize(300, 240)
    made.show()
    qtbot.waitExposed(made)
    return made


def texts(
    model: ConfusionModel | ScoresModel, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole
) -> list[list[Any]]:
    return [
        [model.data(model.index(row, column), role) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def centre_of(table: ConfusionTable, row: int, column: int) -> QPoint:
    return table.visualRect(table.cells.index(row, column)).center()


def contrast(one: QColor, other: QColor) -> float:
    """Work out the contrast of two colours as WCAG 2 defines it."""

    def luminance(colour: QColor) -> float:
        parts = [part / 255 for part in (colour.red(), colour.green(), colour.blue())]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_the_models_keep_the_rules_of_models(qapp: QApplication) -> None:
    for model in (ConfusionModel(), ScoresModel()):
        QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
        model.set_confusion(Confusion(COUNTS), CLASSES)
        model.set_confusion(Confusion(COUNTS + 1), CLASSES)
        model.set_confusion(Confusion(COUNTS[:2, :2]), (3, 5))
        assert model.rowCount() == 2


def test_cells_say_counts(table: ConfusionTable) -> None:
    assert texts(table.cells) == [["187", "12", "1"], ["5", "45", "0"], ["0", "0", "0"]]
    table.cells.set_confusion(Confusion(COUNTS * 100), CLASSES)
    assert texts(table.cells)[0] == ["18,700", "1,200", "100"]


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
    assert said[0][1] == "true 3, predicted 5: 12 digits, 6 % of the 3s"
    assert said[0][2] == "true 3, predicted 8: 1 digit, <1 % of the 3s"
    assert said[2][2] == "true 8, predicted 8: 0 digits"
    header = table.cells.headerData(1, Qt.Orientation.Vertical, Qt.ItemDataRole.AccessibleTextRole)
    assert header == "true class 5"


def test_a_cell_has_the_colour_of_its_rate(table: ConfusionTable) -> None:
    image = table.viewport().grab().toImage()
    for row, column, rate in ((0, 0, 187 / 200), (0, 1, 12 / 200), (1, 0, 0.1), (2, 1, 0.0)):
        rect = table.visualRect(table.cells.index(row, column))
        found = image.pixelColor(rect.topLeft() + QPoint(2, 2))
        low, high = QColor(LIGHT.base), QColor(LIGHT.pinned)
        for part in (QColor.red, QColor.green, QColor.blue):
            mixed = part(low) + (part(high) - part(low)) * rate**0.5
            assert part(found) == pytest.approx(mixed, abs=1.5)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_text_can_be_read_on_every_colour(qapp: QApplication, colours: Any) -> None:
    palette = palette_for(colours)
    for step in range(101):
        ground = cell_colour(step / 100, palette)
        assert contrast(ground, text_colour(ground)) >= 4.5


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


@pytest.mark.parametrize(("classes", "width"), [(2, 300), (3, 300), (10, 300), (10, 900)])
def test_all_cells_are_in_view(table: ConfusionTable, classes: int, width: int) -> None:
    counts = np.full((classes, classes), 200)
    table.cells.set_confusion(Confusion(counts), tuple(range(classes)))
    table.resize(width, 240)
    table.fit()
    QApplication.processEvents()
    last = table.visualRect(table.cells.index(classes - 1, classes - 1))
    assert table.viewport().rect().contains(last)


def test_26_classes_scroll_and_stay_readable(table: ConfusionTable) -> None:
    counts = np.full((26, 26), 1234)
    table.cells.set_confusion(Confusion(counts), tuple(range(26)))
    table.fit()
    QApplication.processEvents()
    assert table.horizontalScrollBar().maximum() > 0
    cell = table.visualRect(table.cells.index(0, 0))
    assert cell.width() >= table.fontMetrics().horizontalAdvance("1,234")
    assert cell.height() >= table.fontMetrics().height()


def test_wide_cells_have_a_decimal(table: ConfusionTable) -> None:
    table.cells.as_rates = True
    table.resize(600, 300)
    table.fit()
    assert texts(table.cells)[0][0] == "93.5"


def test_scores_are_percentages_of_each_class(qtbot: QtBot) -> None:
    """Class 3: 187 of 192 that are called so, and 187 of 200 found."""
    scores = ScoresTable()
    qtbot.addWidget(scores)
    scores.scores.set_confusion(Confusion(COUNTS), CLASSES)
    f1 = 2 / (192 / 187 + 200 / 187)
    assert texts(scores.scores)[0] == ["97.3 %", "93.5 %", f"{int(f1 * 1000) / 10} %"]
    assert texts(scores.scores)[2] == ["0.0 %", "–", "0.0 %"]
    said = texts(scores.scores, Qt.ItemDataRole.AccessibleTextRole)
    assert said[0][0] == "precision of class 3: 97.3 %"
    assert said[2][1] == "recall of class 8: none"
    across = [scores.scores.headerData(i, Qt.Orientation.Horizontal) for i in range(3)]
    assert across == ["precision", "recall", "F1"]
