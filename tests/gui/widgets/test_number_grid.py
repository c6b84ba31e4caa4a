"""The grid of numbers: what is drawn in a cell, where it lies, and how keys and mouse go."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.widgets.colour_bar import lookup_table
from gui.widgets.grid_scale import ScaleSide
from gui.widgets.number_grid import GridFrame, NumberGrid


def grid(
    qtbot: QtBot, size: int = 200, *, axes: bool = False, browsable: bool = False
) -> NumberGrid:
    made = NumberGrid("CET-D1", axes=axes, browsable=browsable)
    qtbot.addWidget(made)
    made.resize(size, size)
    return made


def colour_at(widget: NumberGrid, row: int, column: int) -> QColor:
    """Read the colour in a corner of a cell, where no number is."""
    corner = widget.cell_rect(row, column).topLeft()
    return widget.grab().toImage().pixelColor(int(corner.x()) + 2, int(corner.y()) + 2)


def centre(widget: NumberGrid, row: int, column: int) -> QPoint:
    return widget.cell_rect(row, column).center().toPoint()


def test_cells_have_the_colours_of_their_values(qtbot: QtBot) -> None:
    widget, table = grid(qtbot), lookup_table("CET-D1")
    widget.set_values(np.array([[-2.0, 0.0], [1.0, 2.0]]))
    assert widget.levels() == (-2.0, 2.0)
    for place, index in (((0, 0), 0), ((0, 1), 128), ((1, 0), 191), ((1, 1), 255)):
        assert colour_at(widget, *place) == QColor(*(int(part) for part in table[index]))


def test_numbers_have_as_many_digits_as_fit(qtbot: QtBot) -> None:
    widget = grid(qtbot)
    widget.set_values(np.array([[-0.12345, 0.5], [1.25, 0.0]]))
    assert widget.text(0, 0) == "−0.1235"
    assert widget.text(1, 1) == "0"
    wide = np.full((6, 6), 0.12345)
    widget.set_values(wide)
    assert widget.text(5, 5) == "0.12"
    widget.set_values(np.full((28, 28), 0.12345))
    assert widget.text(5, 5) == ""


def test_the_texts_follow_the_size(qtbot: QtBot) -> None:
    widget = grid(qtbot, size=40)
    widget.show()
    widget.set_values(np.full((3, 3), 0.12345))
    assert widget.text(0, 0) == ""
    widget.resize(125, 125)
    widget.set_values(np.array([[0.12345, -0.08, 0.001], [1.25, -3.0, 0.0], [0.5, 0.5, 0.5]]))
    assert [widget.text(0, n) for n in range(3)] == [".12", "−.08", "≈0"]
    assert widget.text(1, 2) == "0"
    widget.resize(300, 300)
    assert widget.text(0, 0) == "0.123"


def test_a_common_power_of_ten_is_left_out(qtbot: QtBot) -> None:
    widget = grid(qtbot, size=110)
    widget.set_values(np.array([[1.454e-3, -2e-4, 0.0], [5e-4, 9e-4, 1e-4], [0.0, 0.0, 0.0]]))
    assert [widget.text(0, n) for n in range(3)] == ["1.45", "−.20", "0"]
    assert widget.exponent() == -3
    widget.resize(400, 400)
    widget.set_values(np.array([[1.454e-3]]))
    assert (widget.text(0, 0), widget.exponent()) == ("0.00145", 0)


def test_values_that_are_not_finite_have_a_word_at_every_size(qtbot: QtBot) -> None:
    widget, values = grid(qtbot), np.array([[np.nan, np.inf], [-np.inf, -0.25]])
    for size, number in ((200, "−0.2500"), (66, "−.25")):
        widget.resize(size, size)
        widget.set_values(values)
        assert [widget.text(*place) for place in ((0, 0), (0, 1), (1, 0))] == ["NaN", "∞", "−∞"]
        assert widget.text(1, 1) == number


@pytest.mark.parametrize("axes", [False, True])
def test_all_cells_lie_inside(qtbot: QtBot, axes: bool) -> None:
    widget = grid(qtbot, axes=axes)
    widget.set_values(np.zeros((28, 28)))
    assert widget.rect().contains(widget.cell_rect(0, 0).toAlignedRect())
    assert widget.rect().contains(widget.cell_rect(27, 27).toAlignedRect())
    assert widget.cell_at(widget.cell_rect(3, 5).center()) == (3, 5)


def test_values_that_are_not_finite_are_blank(qtbot: QtBot) -> None:
    widget = grid(qtbot)
    widget.set_values(np.array([[np.nan, 1.0], [np.inf, -1.0]]))
    assert widget.levels() == (-1.0, 1.0)
    blank = widget.palette().base().color()
    assert colour_at(widget, 0, 0) == blank
    assert colour_at(widget, 1, 0) == blank


def test_a_frame_is_drawn_around_its_cells(qtbot: QtBot) -> None:
    widget = grid(qtbot)
    widget.set_values(np.zeros((5, 5)))
    widget.set_frames([GridFrame(1, 2, 2, 3, "#D55E00", 3)])
    image = widget.grab().toImage()
    corner = widget.cell_rect(1, 2).topLeft().toPoint()
    assert image.pixelColor(corner).name() == "#d55e00"
    assert image.pixelColor(centre(widget, 0, 0)).name() != "#d55e00"


def test_inserted_zeros_look_different(qtbot: QtBot) -> None:
    widget = grid(qtbot)
    widget.set_values(np.zeros((2, 2)), (-1.0, 1.0), np.array([[True, False], [False, False]]))
    image = widget.grab().toImage()

    def colours(row: int, column: int) -> set[str]:
        area = widget.cell_rect(row, column).toRect().adjusted(2, 2, -2, -2)
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


@pytest.mark.parametrize("side", ["right", "below"])
def test_a_scale_stands_beside_the_cells(qtbot: QtBot, side: ScaleSide) -> None:
    widget = NumberGrid("CET-D1", scale=side)
    qtbot.addWidget(widget)
    widget.resize(160, 140)
    widget.set_values(np.array([[-2.0, 1.0], [1.0, 2.0]]))
    area, image = widget.cells().area, widget.grab().toImage()
    assert QRectF(widget.rect()).contains(area)
    colours = set()
    for share in np.linspace(0.02, 0.98, 60):
        if side == "right":
            at = QPointF(area.right() + 10, area.top() + share * area.height())
        else:
            at = QPointF(area.left() + share * area.width(), area.bottom() + 10)
        colours.add(image.pixelColor(at.toPoint()).rgb())
    table = {QColor(*(int(part) for part in row)).rgb() for row in lookup_table("CET-D1")}
    assert len(colours & table) > 15  # all along it


@pytest.mark.parametrize("side", ["none", "right", "below"])
@pytest.mark.parametrize("tile", [None, (3, 3)])
def test_a_size_for_cells_gives_such_cells(
    qtbot: QtBot, side: ScaleSide, tile: tuple[int, int] | None
) -> None:
    widget = NumberGrid("viridis", scale=side)
    qtbot.addWidget(widget)
    widget.set_values(np.arange(54.0).reshape(6, 9), tile=tile)
    for cell in (7, 12, 20):
        widget.resize(widget.size_for(cell))
        assert widget.cells().scale == cell
        inside = widget.rect().toRectF()
        assert inside.contains(widget.cell_rect(5, 8))


def test_the_room_beside_the_cells_follows_values_axes_scale_and_font(qtbot: QtBot) -> None:
    widget = NumberGrid(scale="right")
    qtbot.addWidget(widget)
    values = np.array([[0.5, 0.25]])
    widget.set_values(values)
    usual = widget.size_for(20)
    widget.set_values(values * 1e-200, (-8.8e-200, 8.8e-200))  # long numbers at the scale
    assert widget.size_for(20).width() > usual.width()
    widget.set_values(values)
    assert widget.size_for(20) == usual
    widget.set_axes(True)
    assert widget.size_for(20).width() > usual.width()
    assert widget.size_for(20).height() > usual.height()
    widget.set_axes(False)
    assert widget.size_for(20) == usual
    widget.set_scale("none")
    assert widget.size_for(20).width() < usual.width()
    widget.set_scale("right")
    font = widget.font()
    font.setPointSizeF(3 * font.pointSizeF())
    widget.setFont(font)
    assert widget.size_for(20).width() > usual.width()


def test_between_tiles_there_is_a_small_distance(qtbot: QtBot) -> None:
    widget = NumberGrid("viridis")
    qtbot.addWidget(widget)
    widget.resize(200, 120)
    widget.set_values(np.arange(18.0).reshape(3, 6), tile=(3, 3))
    before, after = widget.cell_rect(0, 2), widget.cell_rect(0, 3)
    assert 2 <= after.left() - before.right() <= 6
    assert widget.cell_rect(0, 1).left() == widget.cell_rect(0, 0).right()
    middle = QPointF((before.right() + after.left()) / 2, before.center().y())
    assert widget.cell_at(middle) is None
    for row, column in np.ndindex(3, 6):
        assert widget.cell_at(widget.cell_rect(row, column).center()) == (row, column)
    ground = widget.palette().window().color()
    assert widget.grab().toImage().pixelColor(middle.toPoint()) == ground


def test_gaps_are_no_white_holes(qtbot: QtBot) -> None:
    widget = NumberGrid("viridis")
    qtbot.addWidget(widget)
    widget.resize(100, 100)
    values = np.array([[1.0, np.nan]])
    widget.set_values(values, gaps=np.isnan(values))
    hole = widget.cell_rect(0, 1).center().toPoint()
    assert widget.grab().toImage().pixelColor(hole) == widget.palette().window().color()


def test_the_same_numbers_are_written_anew_if_what_is_around_them_changes(qtbot: QtBot) -> None:
    widget, values = NumberGrid(scale="right"), np.array([[0.5, 0.25, 0.125, -0.125]])
    wide, gaps = (-8.8e-200, 8.8e-200), np.array([[False, False, False, True]])
    cases: list[dict[str, Any]] = [{}, {"levels": wide}, {}, {"tile": (1, 1)}, {}, {"gaps": gaps}]
    seen = []
    for case in cases:
        fresh = NumberGrid(scale="right")
        for each in (widget, fresh):
            qtbot.addWidget(each)
            each.resize(206, 100)  # where a little less room takes a digit
            each.set_values(values, **case)
        seen.append([widget.text(0, column) for column in range(4)])
        assert seen[-1] == [fresh.text(0, column) for column in range(4)]
        assert widget.cells() == fresh.cells()
    assert all(seen[n] != seen[0] for n in (1, 3, 5))
