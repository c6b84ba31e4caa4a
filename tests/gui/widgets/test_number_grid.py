"""The grid of numbers: what is drawn in a cell, where it lies, and how keys and mouse go."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.theme import LIGHT
from gui.widgets.colour_scale import GREY
from gui.widgets.number_grid import NumberGrid
from tests.gui.showing import colours_in, on_screen


@pytest.fixture
def widget(qtbot: QtBot) -> NumberGrid:
    return on_screen(qtbot, NumberGrid("CET-D1", browsable=True), 200, 200)


def test_values_that_are_not_finite_have_a_word_at_every_size(widget: NumberGrid) -> None:
    values = np.array([[np.nan, np.inf], [-np.inf, -0.25]])
    for size, number in ((200, "−0.250"), (66, "−.25")):
        widget.resize(size, size)
        widget.set_values(values)
        assert [widget.text(*place) for place in ((0, 0), (0, 1), (1, 0))] == ["NaN", "∞", "−∞"]
        assert widget.text(1, 1) == number
    assert widget.levels() == (-0.25, 0.25)
    for place in ((0, 0), (0, 1), (1, 0)):
        corner = widget.cells().cell(*place).topLeft().toPoint() + QPoint(2, 2)
        assert widget.grab().toImage().pixelColor(corner) == widget.palette().base().color()


def test_inserted_zeros_look_different(widget: NumberGrid) -> None:
    widget.set_values(np.zeros((2, 2)), (-1.0, 1.0), np.array([[True, False], [False, False]]))
    areas = [widget.cells().cell(n, n).toRect().adjusted(2, 2, -2, -2) for n in range(2)]
    one, other = (colours_in(widget.grab(area).toImage()) for area in areas)
    assert one != other


def test_white_cells_on_a_white_card_have_an_edge(qtbot: QtBot) -> None:
    grid = on_screen(qtbot, NumberGrid(GREY), 200, 200)
    grid.set_values(np.ones((3, 3)), (0.0, 1.0))
    image, area = grid.grab().toImage(), grid.cells().area.toRect()
    beside = area.adjusted(-1, -1, 1, 1)
    for corner in (beside.topLeft(), beside.bottomRight()):
        assert image.pixelColor(corner) == QColor(LIGHT.border)
    assert image.pixelColor(area.topLeft()) == QColor("white")


def test_arrows_go_from_cell_to_cell_and_stop_at_the_edge(widget: NumberGrid) -> None:
    widget.set_values(np.zeros((2, 3)))
    chosen: list[tuple[int, int]] = []
    widget.chosen.connect(lambda row, column: chosen.append((row, column)))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(widget, key)
    assert widget.current == (1, 2)
    QTest.keyClick(widget, Qt.Key.Key_Return)
    assert chosen == [(1, 2)]
    widget.set_values(np.zeros((1, 1)))
    assert widget.current == (0, 0)
