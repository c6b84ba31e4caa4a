"""The kernels panel: what is drawn of the weights, and what keys and mouse do with them."""

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from engine.array_types import Array
from engine.blocks import Conv, Sigmoid
from engine.compute.histogram import count_values
from engine.inspection.snapshot import BlockSnapshot, Sample, Snapshot
from engine.inspection.unit_health import BlockHealth, UnitHealth
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, Stack
from gui.panels.kernels import KernelsPanel
from gui.theme import LIGHT
from gui.widgets.colour_bar import lookup_table
from gui.widgets.empty_state import EmptyState
from gui.widgets.kernel_mosaic import KernelMosaic
from tests.gui.driving import Driver
from tests.gui.finding import child
from tests.gui.showing import on_screen


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it."""
    return new_project


@pytest.fixture
def panel(qtbot: QtBot) -> KernelsPanel:
    return on_screen(qtbot, KernelsPanel(), 500, 330)


def kernels(depth: int, channels: int = 1, size: int = 3, seed: int = 0) -> Array:
    shape = (depth, channels, size, size)
    return np.random.default_rng(seed).normal(0, 0.3, shape).astype(np.float32)


def look(*convs: tuple[int, Array, Array]) -> Snapshot:
    blocks = [
        BlockSnapshot(slot, f"Conv {len(now)}, 3×3", "Convolution", np.zeros((2, 4, 4)), now, first)
        for slot, now, first in convs
    ]
    sample = Sample(np.zeros((1, 28, 28), np.uint8), (0, 1), 0, 0)
    return Snapshot(sample, np.zeros((28, 28)), np.zeros(2), tuple(blocks))


def health(slot: int, dead: list[bool], saturated: list[bool]) -> UnitHealth:
    counted = count_values(np.zeros(3))
    conv = BlockHealth(slot, 1, "Conv", "Convolution", counted, dead=np.zeros(len(dead), bool))
    marks = np.array(dead), np.array(saturated)
    later = BlockHealth(99, 2, "Tanh", "Activation", counted, None, *marks)
    return UnitHealth(0.0, 64, (conv, later))


def show(panel: KernelsPanel, shown: Snapshot) -> None:
    panel.show_snapshot(shown)
    panel.refresh()


def tiles(mosaic: KernelMosaic, size: int) -> list[Array]:
    """Read the tiles back from the picture, one value a cell."""
    layout = mosaic._layout
    assert layout is not None
    step, found = layout.height // size, []
    for tile in range(layout.count):
        row, column = layout.corner(tile)
        area = mosaic.picture()[row : row + layout.height, column : column + layout.width]
        found.append(area[::step, ::step])
        np.testing.assert_array_equal(area, np.kron(found[-1], np.ones((step, step))))
    return found


def test_it_has_its_names(panel: KernelsPanel) -> None:
    assert panel.objectName() == "panel.kernels"
    assert panel.accessibleName() == "Kernels"
    for box in panel.findChildren(QComboBox):
        assert box.accessibleName()


def test_it_says_what_will_be_here(panel: KernelsPanel) -> None:
    assert "in the training settings" in child(panel, EmptyState).sentence()
    show(panel, look())
    assert "the button Conv" in child(panel, EmptyState).sentence()
    panel.show_snapshot(None, "why not")
    panel.refresh()
    assert child(panel, EmptyState).sentence() == "why not"


def ink(panel: KernelsPanel, tile: int, row: int, column: int, size: int) -> bool:
    """Return whether there is a number in a cell: black or white, no colour of the scale."""
    area = panel.mosaic.tile_rect(tile)
    cell = area.width() / size
    corner = panel.mosaic.mapTo(panel, area.topLeft().toPoint())
    place = QRect(
        round(corner.x() + column * cell), round(corner.y() + row * cell), int(cell), int(cell)
    )
    picture = panel.grab(place).toImage()
    colours = {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
    }
    return bool(colours & {"#000000", "#ffffff"})


def test_a_docked_5x5_kernel_of_the_digits_has_its_numbers(driver: Driver) -> None:
    driver.window.resize(1280, 800)
    driver.choose("new.digits")
    driver.window.docks.show_panel("Kernels")
    panel = driver.find(KernelsPanel, "panel.kernels")
    driver.wait(lambda: panel.mosaic.title().startswith("Conv 8, 5×5"))
    driver.settle()
    assert panel.numbers.isChecked()
    marks, layout = panel.mosaic.marks, panel.mosaic._layout
    assert layout is not None
    assert marks.font().pointSizeF() >= 9
    drawn = np.stack(tiles(panel.mosaic, 5))
    room = panel.mosaic.tile_rect(0).width() / 5
    for tile, row, column in np.ndindex(8, 5, 5):
        text = marks.text(tile, row, column)
        assert QFontMetricsF(marks.font()).horizontalAdvance(text) <= room
        value = float(text.replace("−", "-").replace("≈", ""))
        assert value == pytest.approx(drawn[tile, row, column], abs=0.051)
    assert all(ink(panel, 0, row, column, 5) for row, column in np.ndindex(5, 5))
    assert layout.shape[1] * layout.scale <= panel.mosaic._canvas.width()
    assert panel.mosaic._canvas.height() >= layout.shape[0] * layout.scale, "they scroll"
    QTest.mouseClick(panel.numbers, Qt.MouseButton.LeftButton)
    driver.settle()
    layout = panel.mosaic._layout
    assert layout is not None
    assert layout.shape[0] * layout.scale <= panel.mosaic.height(), "all are in view"
    assert marks.text(0, 0, 0) == ""
    assert not ink(panel, 0, 2, 2, 5)


def test_who_has_said_whether_there_are_numbers_is_obeyed(panel: KernelsPanel) -> None:
    few, many = kernels(8, 1, 5), kernels(9, 1, 5)
    show(panel, look((7, few, few)))
    assert panel.numbers.isChecked()
    show(panel, look((7, many, many)))
    assert not panel.numbers.isChecked()
    for wanted in (True, False):
        QTest.mouseClick(panel.numbers, Qt.MouseButton.LeftButton)
        assert (panel.mosaic.marks.notation is not None) == wanted
        for shown in (few, many):
            show(panel, look((7, shown, shown)))
            assert panel.numbers.isChecked() == wanted


def test_kernels_out_of_their_rows_have_a_caption(panel: KernelsPanel) -> None:
    values = kernels(32, 16, 5)
    show(panel, look((7, values, values)))
    assert panel.mosaic.marks.captions == ()
    assert panel.mosaic.title().endswith("rows are maps i, columns channels j")
    QTest.mouseClick(panel.numbers, Qt.MouseButton.LeftButton)
    layout, marks = panel.mosaic._layout, panel.mosaic.marks
    assert layout is not None
    assert panel.mosaic.title().endswith("map i by map, channels j in order")
    assert marks.captions[:2] == ("i 1, j 1", "i 1, j 2")
    assert marks.captions[17] == "i 2, j 2"
    assert layout.scale >= QFontMetricsF(marks.font()).height()
    for tile in (0, 1):
        area = panel.mosaic.tile_rect(tile)
        corner = panel.mosaic.mapTo(panel, area.topLeft().toPoint())
        above = panel.grab(QRect(corner.x(), corner.y() - 12, 60, 12)).toImage()
        inks = {above.pixelColor(x, y).name() for x in range(60) for y in range(12)}
        assert len(inks) > 1, "the caption stands above its kernel"


def test_the_colours_are_those_of_the_values_with_zero_in_the_middle(panel: KernelsPanel) -> None:
    values = np.zeros((1, 1, 3, 3), np.float32)
    values[0, 0, 1] = (-0.5, 0.0, 0.25)
    show(panel, look((7, values, values)))
    area = panel.mosaic.tile_rect(0)
    corner, cell = panel.mosaic.mapTo(panel, area.topLeft().toPoint()), area.width() / 3
    picture, table = panel.grab().toImage(), lookup_table("CET-D1")
    for column, share in ((0, 0.0), (1, 0.5), (2, 0.75)):
        at = QPointF(corner) + QPointF(column * cell + 3, cell + 3)
        expected = QColor(*table[min(255, int(share * 256))])
        found = picture.pixelColor(at.toPoint())
        assert abs(found.red() - expected.red()) <= 4
        assert abs(found.blue() - expected.blue()) <= 4


def test_very_small_numbers_are_written_times_a_power(panel: KernelsPanel) -> None:
    values = kernels(2)
    change = np.full_like(values, 0.00123)
    change[0, 0, 0, 0] = -0.00456
    show(panel, look((7, values, values - change)))
    panel.shown.setCurrentIndex(1)
    panel.refresh()
    assert panel.mosaic.marks.text(1, 1, 1).startswith("1.2")
    assert panel.mosaic.marks.text(0, 0, 0).startswith("−4.")
    assert "numbers × 10⁻³" in panel.legend()
    assert "largest change 0.00456" in panel.legend()


def test_many_kernels_are_one_picture_with_a_row_for_each_map(panel: KernelsPanel) -> None:
    values = kernels(32, 32)
    show(panel, look((7, values, values)))
    layout = panel.mosaic._layout
    assert layout is not None
    assert (layout.count, layout.columns) == (1024, 32)
    assert len(panel.mosaic._canvas.findChildren(pg.ImageItem)) <= 1
    for tile, values_of in enumerate(tiles(panel.mosaic, 3)):
        np.testing.assert_array_equal(values_of, values[tile // 32, tile % 32])
    assert panel.mosaic.marks.text(0, 0, 0) == "", "no number fits"
    assert panel.mosaic._canvas.width() >= layout.shape[1] * layout.scale, "nothing is cut off"


def test_all_kernels_are_in_view_where_there_is_room(qtbot: QtBot, panel: KernelsPanel) -> None:
    panel.resize(1400, 960)
    values = kernels(32, 32)
    show(panel, look((7, values, values)))
    layout = panel.mosaic._layout
    assert layout is not None
    assert layout.width * layout.scale >= 24
    assert layout.shape[0] * layout.scale <= panel.height()


def test_rows_that_are_too_long_are_broken(panel: KernelsPanel) -> None:
    values = kernels(4, 100, 5)
    show(panel, look((7, values, values)))
    layout = panel.mosaic._layout
    assert layout is not None
    assert layout.count == 400
    assert layout.shape[1] * layout.scale <= panel.width()
    assert panel.mosaic.place(250) == (2, 50)


def test_one_convolution_of_several_is_chosen(panel: KernelsPanel) -> None:
    one, other = kernels(2), kernels(3, 2, 5, seed=1)
    show(panel, look((7, one, one)))
    assert not panel.block.isVisible()
    show(panel, look((7, one, one), (9, other, other)))
    assert panel.block.isVisible()
    panel.block.setFocus()
    QTest.keyClick(panel.block, Qt.Key.Key_Down)
    assert "3 × 2 kernels" in panel.mosaic.title()
    np.testing.assert_array_equal(tiles(panel.mosaic, 5)[3], other[1, 1])
    show(panel, look((5, one, one), (7, one, one), (9, other, other)))
    assert panel.block.currentIndex() == 2, "the block stays chosen, wherever it goes"


def test_dead_saturated_and_locked_maps_are_marked_and_named(panel: KernelsPanel) -> None:
    values = kernels(4, 2)
    conv = Conv(depth=4)
    panel.show_stack(Stack((BlockSlot(7, conv, locked_kernels=(3,)), BlockSlot(8, Sigmoid()))))
    panel.show_health(health(7, [False, True, False, False], [True, False, False, False]))
    show(panel, look((7, values, values)))
    marks = panel.mosaic.marks
    assert [sorted(m) for m in (marks.saturated, marks.dead, marks.locked)] == [
        [0, 1],
        [2, 3],
        [6, 7],
    ]
    assert "dead (crossed out): map 2, the same for every image" in panel.legend()
    assert "saturated (framed): map 1, hardly any gradient passes" in panel.legend()
    assert panel.legend().endswith("locked (padlock): map 4 · untrained")
    assert "95 %" in panel.mosaic.toolTip()
    picture = panel.grab().toImage()
    frame = panel.mosaic.tile_rect(0)
    edge = panel.mosaic.mapTo(panel, QPointF(frame.left(), frame.center().y()).toPoint())
    assert picture.pixelColor(edge) == QColor(LIGHT.wrong)
    panel.show_stack(Stack((BlockSlot(7, conv, locked=True),)))
    panel.show_health(None)
    panel.refresh()
    assert panel.mosaic.marks.locked == set(range(8))
    assert panel.mosaic.marks.dead == set()
    assert panel.legend() == "locked (padlock): all maps"


def test_what_was_said_of_other_maps_is_not_shown(panel: KernelsPanel) -> None:
    values = kernels(4)
    panel.show_health(health(7, [True] * 5, [False] * 5))
    show(panel, look((7, values, values)))
    assert panel.mosaic.marks.dead == set()


def test_keys_and_a_double_click_activate_a_kernel(qtbot: QtBot, panel: KernelsPanel) -> None:
    values = kernels(4, 2)
    show(panel, look((7, values, values)))
    panel.activateWindow()
    panel.mosaic.setFocus()
    qtbot.waitUntil(panel.mosaic.hasFocus)
    QTest.keyClick(panel.mosaic, Qt.Key.Key_Down)
    QTest.keyClick(panel.mosaic, Qt.Key.Key_Right)
    said, norm = panel.mosaic.readout(), float(np.linalg.norm(values[1, 1]))
    assert said.startswith("kernel i 2, j 2: ")
    assert float(said.rsplit("norm ", 1)[1]) == pytest.approx(norm, abs=0.001)
    with qtbot.waitSignal(panel.kernel_activated) as activated:
        QTest.keyClick(panel.mosaic, Qt.Key.Key_Return)
    assert activated.args == [7, 1, 1]
    target = panel.mosaic.tile_rect(4).center().toPoint()
    canvas = panel.mosaic._canvas
    with qtbot.waitSignal(panel.kernel_activated) as activated:
        QTest.mouseDClick(
            canvas, Qt.MouseButton.LeftButton, pos=canvas.mapFrom(panel.mosaic, target)
        )
    assert activated.args == [7, 2, 0]


def test_pointing_reads_map_channel_row_column_and_value(panel: KernelsPanel) -> None:
    values = kernels(4, 2)
    values[2, 1, 0, 2] = -0.125
    show(panel, look((7, values, values)))
    area = panel.mosaic.tile_rect(5)
    target = (area.topLeft() + QPointF(area.width() * 5 / 6, area.height() / 6)).toPoint()
    canvas = panel.mosaic._canvas
    QTest.mouseMove(canvas, canvas.mapFrom(panel.mosaic, target))
    assert panel.mosaic.readout() == "kernel i 3, j 2, row 1, column 3: −0.1250"


def test_a_map_leads_to_its_kernels(driver: Driver) -> None:
    """From the second convolution's map 2, over its button, though the first is shown."""
    driver.window.document.replace_project(
        Project(Stack().appended(Conv(depth=2), Sigmoid(), Conv(depth=3), Sigmoid()), Settings()),
        None,
    )
    driver.settle()
    slot = driver.window.document.stack.slots[2].id
    maps, shown = driver.maps, driver.window.panels.weights.kernels
    driver.wait(lambda: len(maps.mosaics) == 2)
    maps.enlarge(maps._rows[1].slot, 1)
    driver.click("feature_maps.to_kernels")
    driver.wait(lambda: shown.isVisible() and shown.block.slot_id() == slot)
    driver.settle()
    assert shown.mosaic.marks.chosen == {2, 3}  # of six: two input maps each
    assert shown.mosaic.place(shown.mosaic.current) == (1, 0)
    assert "map 2" in shown.legend()
    driver.pick("kernels.block", shown.block.itemText(0))
    driver.settle()
    assert not shown.mosaic.marks.chosen


def test_kernels_without_a_change_say_what_is_true_of_the_present_and_of_the_past(
    panel: KernelsPanel,
) -> None:
    same = kernels(2)
    panel.shown.setCurrentIndex(1)
    show(panel, look((1, same, same)))
    assert panel.legend().startswith("no change yet: click Train")
    panel.set_past(True)
    panel.refresh()
    assert panel.legend().startswith("as when the run began")
    show(panel, look((1, same + 0.5, same)))
    assert panel.legend().startswith("largest change 0.500")
