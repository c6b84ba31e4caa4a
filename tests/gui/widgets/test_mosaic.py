"""The mosaic: its values, its colours pixel by pixel, and what the mouse reads from it."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.theme import DARK, LIGHT, Scheme, apply_theme
from gui.widgets.colour_bar import ColourBar, lookup_table
from gui.widgets.mosaic import Mosaic
from gui.widgets.mosaic_layout import TileLayout, fill, matrix, smallest, widened
from tests.gui.finding import child
from tests.gui.showing import on_screen


@pytest.fixture
def mosaic(qtbot: QtBot) -> Mosaic:
    return on_screen(qtbot, Mosaic(), 480, 250)


def test_tiles_lie_in_one_picture_with_one_cell_of_gap(mosaic: Mosaic) -> None:
    maps = np.arange(2 * 3 * 2, dtype=np.float32).reshape(2, 3, 2)
    mosaic.set_maps(maps)
    nan = np.nan
    expected = [[0, 1, nan, 6, 7], [2, 3, nan, 8, 9], [4, 5, nan, 10, 11]]
    np.testing.assert_array_equal(mosaic.picture(), expected)
    assert mosaic.picture().dtype == np.float32


def test_the_picture_is_reused(mosaic: Mosaic) -> None:
    mosaic.set_maps(np.zeros((5, 26, 26), np.float32))
    before = mosaic.picture()
    mosaic.set_maps(np.ones((5, 26, 26), np.float32))
    assert mosaic.picture() is before
    assert np.nanmax(before) == 1


def test_the_scale_follows_the_values_or_is_given(mosaic: Mosaic) -> None:
    mosaic.set_maps(np.array([[[0.25, 0.5]], [[np.nan, 0.75]]]))
    assert mosaic.levels() == (0.25, 0.75)
    assert child(mosaic, ColourBar).texts() == ("0.250", "0.750")
    mosaic.set_maps(np.array([[[0.25, 0.5]]]), levels=(0.0, 1.0))
    assert mosaic.levels() == (0.0, 1.0)


def test_signed_values_have_zero_in_the_middle(qtbot: QtBot) -> None:
    kernels = Mosaic("CET-D1", "kernel")
    qtbot.addWidget(kernels)
    kernels.set_maps(np.array([[[-0.5, 2.0]]]))
    assert kernels.levels() == (-2.0, 2.0)


def test_pixels_are_drawn_sharp_in_the_colours_of_their_values(mosaic: Mosaic) -> None:
    maps = np.array([[[0.0, 1.0], [0.5, 0.0]], [[1.0, 1.0], [0.0, 0.0]]])
    mosaic.set_maps(maps)
    image = mosaic.grab().toImage()
    layout = mosaic.tile_layout()
    assert layout is not None
    scale = int(layout.scale)
    assert scale == layout.scale
    table = lookup_table("viridis")
    seen = {}
    for tile in range(2):
        rect = mosaic.tile_rect(tile).toRect()
        for row, column in np.ndindex(2, 2):
            left, top = rect.left() + column * scale, rect.top() + row * scale
            corners = {
                image.pixelColor(left + dx, top + dy).name()
                for dx in (0, scale - 1)
                for dy in (0, scale - 1)
            }
            assert len(corners) == 1, "a cell of the picture is one colour up to its edges"
            seen[tile, row, column] = corners.pop()
    for place, value in np.ndenumerate(maps):
        exact = table[min(255, int(value * 256))].astype(int)
        near = QColor(seen[place])
        assert np.abs(exact - [near.red(), near.green(), near.blue()]).max() <= 3


@pytest.mark.parametrize(("scheme", "ground"), [("light", LIGHT.window), ("dark", DARK.window)])
def test_the_gap_has_the_colour_of_the_window(
    qtbot: QtBot, mosaic: Mosaic, qapp: QApplication, scheme: Scheme, ground: str
) -> None:
    mosaic.set_maps(np.ones((2, 4, 4), np.float32))
    apply_theme(qapp, scheme)
    first, second = mosaic.tile_rect(0), mosaic.tile_rect(1)
    middle = QPointF((first.right() + second.left()) / 2, first.center().y()).toPoint()
    qtbot.waitUntil(lambda: mosaic.grab().toImage().pixelColor(middle).name() == ground.lower())


def test_five_maps_of_the_notebook_are_large(mosaic: Mosaic) -> None:
    mosaic.set_maps(np.zeros((5, 26, 26), np.float32))
    assert mosaic.tile_rect(0).width() == 104  # 4 px a pixel, 3 + 2 tiles
    mosaic.resize(900, 250)
    assert mosaic.tile_rect(0).width() == 156  # 6 px a pixel, 5 tiles in a row


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


def test_one_value_everywhere_still_has_a_scale(mosaic: Mosaic) -> None:
    mosaic.set_maps(np.full((1, 2, 2), 0.5))
    low, high = mosaic.levels()
    assert low == 0.5 < high


@pytest.mark.parametrize("count", range(1, 9))
@pytest.mark.parametrize("room", [240, 390, 500])
@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_few_tiles_are_at_least_72_px_wide_and_fit(count: int, room: int, ratio: float) -> None:
    for layout in (
        smallest(count, 26, 26, room, ratio),
        fill(count, 26, 26, (room, 60), ratio),
        fill(count, 26, 26, (room, 700), ratio),
    ):
        assert layout.width * layout.scale >= 72
        assert layout.shape[1] * layout.scale <= room
        assert (layout.scale * ratio).is_integer()


def test_equally_large_layouts_leave_no_blank() -> None:
    assert fill(8, 26, 26, (800, 240), 1.0).columns == 4
    assert fill(16, 26, 26, (800, 220), 1.0).columns == 8


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


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_tiles_are_as_wide_as_is_asked_for_and_fill_the_width(ratio: float) -> None:
    space = (411.0, 230.0)
    found = fill(8, 20, 20, space, ratio, least=160)
    assert found.width * found.scale >= 160
    assert found.shape[0] * found.scale > space[1], "they cannot all be seen at a time"
    wide = widened(found, space, ratio)
    assert wide.columns == found.columns == 2
    one_more = wide.scale + 1 / ratio
    assert wide.shape[1] * wide.scale <= space[0] < wide.shape[1] * one_more
    low = widened(found, (411.0, 100.0), ratio)
    assert low.scale == found.scale, "a tile is no higher than what is seen at a time"


def test_rows_too_narrow_for_what_is_asked_are_no_matrix() -> None:
    assert matrix(32, 20, 20, 8, (411, 230), 1.0, least=160) is None
    found = matrix(8, 20, 20, 2, (411, 230), 1.0, least=160)
    assert found is not None
    assert found[0].width * found[0].scale >= 160
