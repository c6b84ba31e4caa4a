"""The grid of numbers: what is drawn in a cell, where it lies, and how keys and mouse go."""

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.widgets.number_grid import NumberGrid


def grid(
    qtbot: QtBot, size: int = 200, *, axes: bool = False, browsable: bool = False
) -> NumberGrid:
    made = NumberGrid("CET-D1", axes=axes, browsable=browsable)
    qtbot.addWidget(made)
    made.resize(size, size)
    return made


def colour_at(widget: NumberGrid, row: int, column: int) -> QColor:
    """Read the colour in a corner of a cell, where no number is."""
    corner = widget.cells().cell(row, column).topLeft()
    return widget.grab().toImage().pixelColor(int(corner.x()) + 2, int(corner.y()) + 2)


def centre(widget: NumberGrid, row: int, column: int) -> QPoint:
    return widget.cells().cell(row, column).center().toPoint()


def test_values_that_are_not_finite_have_a_word_at_every_size(qtbot: QtBot) -> None:
    widget, values = grid(qtbot), np.array([[np.nan, np.inf], [-np.inf, -0.25]])
    for size, number in ((200, "−0.2500"), (66, "−.25")):
        widget.resize(size, size)
        widget.set_values(values)
        assert [widget.text(*place) for place in ((0, 0), (0, 1), (1, 0))] == ["NaN", "∞", "−∞"]
        assert widget.text(1, 1) == number


def test_values_that_are_not_finite_are_blank(qtbot: QtBot) -> None:
    widget = grid(qtbot)
    widget.set_values(np.array([[np.nan, 1.0], [np.inf, -1.0]]))
    assert widget.levels() == (-1.0, 1.0)
    blank = widget.palette().base().color()
    assert colour_at(widget, 0, 0) == blank
    assert colour_at(widget, 1, 0) == blank


def test_inserted_zeros_look_different(qtbot: QtBot) -> None:
    widget = grid(qtbot)
    widget.set_values(np.zeros((2, 2)), (-1.0, 1.0), np.array([[True, False], [False, False]]))
    image = widget.grab().toImage()

    def colours(row: int, column: int) -> set[str]:
        area = widget.cells().cell(row, column).toRect().adjusted(2, 2, -2, -2)
        return {
            image.pixelColor(x, y).name()
            for x in range(area.left(), area.right())
            for y in range(area.top(), area.bottom())
        }

    assert colours(0, 0) != colours(1, 1)


def test_hovering_and_clicking_name_the_cell(qtbot: QtBot) -> None:
    widget = grid(qtbot)
    widget.set_values(np.zeros((4, 4)))
    widget.show()
    seen: list[tuple[str, int, int]] = []
    widget.hovered.connect(lambda row, column: seen.append(("hover", row, column)))
    widget.clicked.connect(lambda row, column: seen.append(("click", row, column)))
    QTest.mouseMove(widget, centre(widget, 1, 2))
    qtbot.waitUntil(lambda: ("hover", 1, 2) in seen)
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=centre(widget, 3, 0))
    assert seen[-1] == ("click", 3, 0)


def test_arrows_go_from_cell_to_cell_and_stop_at_the_edge(qtbot: QtBot) -> None:
    widget = grid(qtbot, browsable=True)
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
