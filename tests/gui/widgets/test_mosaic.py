"""The mosaic: its values, its colours pixel by pixel, and what the mouse reads from it."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.widgets.colour_bar import ColourBar
from gui.widgets.mosaic import Mosaic
from gui.widgets.mosaic_layout import TileLayout, matrix
from tests.gui.finding import child
from tests.gui.showing import on_screen


@pytest.fixture
def mosaic(qtbot: QtBot) -> Mosaic:
    return on_screen(qtbot, Mosaic(), 480, 250)


def test_the_scale_follows_the_values_or_is_given(mosaic: Mosaic) -> None:
    mosaic.set_maps(np.array([[[0.25, 0.5]], [[np.nan, 0.75]]]))
    assert mosaic.levels() == (0.25, 0.75)
    assert child(mosaic, ColourBar).texts() == ("0.250", "0.750")
    mosaic.set_maps(np.array([[[0.25, 0.5]]]), levels=(0.0, 1.0))
    assert mosaic.levels() == (0.0, 1.0)


def test_hovering_reads_the_value_and_follows_it(qtbot: QtBot, mosaic: Mosaic) -> None:
    maps = np.zeros((5, 26, 26), np.float32)
    maps[3, 2, 1] = 0.125
    mosaic.set_maps(maps)
    corner = mosaic.tile_rect(3).topLeft()
    target = QPointF(corner.x() + 1.5 * 4, corner.y() + 2.5 * 4).toPoint()
    canvas = mosaic.childAt(target)
    assert canvas is not None
    with qtbot.waitSignal(mosaic.hovered) as read:
        QTest.mouseMove(canvas, canvas.mapFrom(mosaic, target))
    assert read.args == [(3, 2, 1, 0.125)]
    assert mosaic.readout() == "map 4, row 3, column 2: 0.1250"
    mosaic.set_maps(maps * 2)
    assert mosaic.readout() == "map 4, row 3, column 2: 0.2500"


def test_a_gap_reads_nothing(qtbot: QtBot, mosaic: Mosaic) -> None:
    mosaic.set_maps(np.ones((2, 26, 26), np.float32))
    target = QPointF(mosaic.tile_rect(0).right() + 1, mosaic.tile_rect(0).center().y()).toPoint()
    canvas = mosaic.childAt(target)
    assert canvas is not None
    QTest.mouseMove(canvas, canvas.mapFrom(mosaic, target))
    assert mosaic.readout() == ""


def test_a_click_names_the_tile(qtbot: QtBot, mosaic: Mosaic) -> None:
    mosaic.set_maps(np.ones((5, 26, 26), np.float32))
    target = mosaic.tile_rect(4).center().toPoint()
    canvas = mosaic.childAt(target)
    assert canvas is not None
    with qtbot.waitSignal(mosaic.tile_clicked) as clicked:
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.mapFrom(mosaic, target))
    assert clicked.args == [4]


def test_dragging_and_the_wheel_move_nothing(qtbot: QtBot, mosaic: Mosaic) -> None:
    mosaic.set_maps(np.random.default_rng(0).random((5, 26, 26)).astype(np.float32))
    before = mosaic.grab().toImage()
    middle = mosaic.tile_rect(1).center().toPoint()
    canvas = mosaic.childAt(middle)
    assert canvas is not None
    start = canvas.mapFrom(mosaic, middle)
    for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
        QTest.mousePress(canvas, button, pos=start)
        QTest.mouseMove(canvas, start + QPoint(30, 20))
        QTest.mouseRelease(canvas, button, pos=start + QPoint(30, 20))
    nothing, turn = QPoint(0, 0), QPoint(0, 120)
    wheel = QWheelEvent(
        QPointF(start),
        QPointF(canvas.mapToGlobal(start)),
        nothing,
        turn,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, wheel)
    assert not wheel.isAccepted(), "the panel around it scrolls"
    after = mosaic.grab().toImage()
    where = mosaic.tile_rect(0).toRect()
    assert before.copy(where) == after.copy(where)


def test_values_that_are_not_finite_are_left_blank(mosaic: Mosaic) -> None:
    mosaic.set_maps(np.array([[[0.0, np.inf], [np.nan, 1.0]]]))
    assert mosaic.levels() == (0.0, 1.0)
    np.testing.assert_array_equal(np.isnan(mosaic.picture()), [[False, True], [True, False]])


def test_cells_are_located() -> None:
    layout = TileLayout(count=5, height=2, width=3, columns=3, scale=4.0)
    assert layout.shape == (5, 11)
    assert layout.corner(4) == (3, 4)
    assert layout.locate(0, 0) == (0, 0, 0)
    assert layout.locate(4, 6) == (4, 1, 2)
    assert layout.locate(0, 3) is None  # gap between columns
    assert layout.locate(2, 0) is None  # gap between rows
    assert layout.locate(3, 8) is None  # no sixth tile
    assert layout.locate(-1, 0) is None
    assert layout.locate(0, 11) is None


def test_a_headed_layout_has_a_gap_above_each_row() -> None:
    layout = TileLayout(count=5, height=2, width=3, columns=3, scale=4.0, headed=True)
    assert layout.shape == (6, 11)
    assert [layout.corner(tile)[0] for tile in (0, 4)] == [1, 4]
    assert layout.locate(0, 0) is None
    assert layout.locate(1, 0) == (0, 0, 0)
    assert layout.locate(5, 6) == (4, 1, 2)
    assert layout.locate(3, 0) is None


def test_rows_too_narrow_for_what_is_asked_are_no_matrix() -> None:
    assert matrix(32, 20, 20, 8, (411, 230), 1.0, least=160) is None
    found = matrix(8, 20, 20, 2, (411, 230), 1.0, least=160)
    assert found is not None
    assert found[0].width * found[0].scale >= 160
