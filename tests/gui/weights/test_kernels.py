"""The kernels panel: what is drawn of the weights, and what keys and mouse do with them."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF
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
from gui.theme import CAPTION, LIGHT
from gui.weights.kernels import KernelsPanel
from gui.widgets.colour_scale import lookup_table
from gui.widgets.empty_state import EmptyState
from gui.widgets.tiles import Tiles
from tests.gui.driving import Driver
from tests.gui.finding import child, named
from tests.gui.reading import tile_rect
from tests.gui.showing import activated, colours_in, hover, on_screen

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot: QtBot) -> KernelsPanel:
    return on_screen(qtbot, KernelsPanel(), 500, 330)


def kernels(depth: int, channels: int = 1, size: int = 3, seed: int = 0) -> Array:
    shape = (depth, channels, size, size)
    return np.random.default_rng(seed).normal(0, 0.3, shape).astype(np.float32)


def show(panel: KernelsPanel, *convs: tuple[int, Array, Array], colours: int = 1) -> None:
    """Show kernels and those before training, by the block that has them."""
    blocks = [
        BlockSnapshot(slot, f"Conv {len(now)}, 3×3", "Convolution", np.zeros((2, 4, 4)), now, first)
        for slot, now, first in convs
    ]
    sample = Sample(np.zeros((colours, 28, 28), np.uint8), (0, 1), 0, 0)
    seen = Snapshot(sample, np.zeros((colours, 28, 28)), np.zeros(2), tuple(blocks))
    panel.show_snapshot(seen)
    panel.refresh()


def show_kernels(panel: KernelsPanel, values: Array) -> Tiles:
    show(panel, (7, values, values))
    return panel.grid.cells()


def health(slot: int, dead: list[bool], saturated: list[bool]) -> UnitHealth:
    counted = count_values(np.zeros(3))
    conv = BlockHealth(slot, 1, "Conv", "Convolution", counted, dead=np.zeros(len(dead), bool))
    marks = np.array(dead), np.array(saturated)
    later = BlockHealth(99, 2, "Tanh", "Activation", counted, None, *marks)
    return UnitHealth(0.0, 64, (conv, later))


def number(panel: KernelsPanel, tile: int, row: int, column: int) -> str:
    return panel.grid.text(*panel.grid.cells().place(tile, row, column))


def corner_of(panel: KernelsPanel, tile: int) -> QPoint:
    return panel.mosaic.mapTo(panel, tile_rect(panel.mosaic, tile).topLeft().toPoint())


def ink(panel: KernelsPanel, tile: int, row: int, column: int, size: int) -> bool:
    """Return whether there is a number in a cell: black or white, no colour of the scale."""
    cell = tile_rect(panel.mosaic, tile).width() / size
    corner = QPointF(corner_of(panel, tile)) + QPointF(column * cell, row * cell)
    place = QRect(corner.toPoint(), corner.toPoint() + QPoint(int(cell) - 1, int(cell) - 1))
    return bool(colours_in(panel.grab(place).toImage()) & {"#000000", "#ffffff"})


def point_at(panel: KernelsPanel, tile: int, x: float, y: float) -> str:
    """Point at a place of a kernel, as shares of it; return what is read there."""
    area, canvas = tile_rect(panel.mosaic, tile), panel.grid
    target = (area.topLeft() + QPointF(area.width() * x, area.height() * y)).toPoint()
    hover(canvas, canvas.mapFrom(panel.mosaic, target))
    return panel.mosaic.readout.text()


def test_without_kernels_it_says_what_will_be_here(panel: KernelsPanel) -> None:
    assert "the view Data says" in child(panel, EmptyState).sentence()
    show(panel)
    assert "the button Conv" in child(panel, EmptyState).sentence()
    panel.show_snapshot(None, "why not")
    panel.refresh()
    assert child(panel, EmptyState).sentence() == "why not"


def test_5x5_kernels_of_the_digits_have_their_numbers(panel: KernelsPanel) -> None:
    show_kernels(panel, kernels(8, 1, 5))
    marks, drawn = panel.grid, panel.grid.values()
    assert QFontInfo(marks.font()).pixelSize() >= CAPTION
    room = tile_rect(panel.mosaic, 0).width() / 5
    for tile, row, column in np.ndindex(8, 5, 5):
        text = number(panel, tile, row, column)
        assert QFontMetricsF(marks.font()).horizontalAdvance(text) <= room
        value = float(text.replace("−", "-").replace("≈", ""))
        assert value == pytest.approx(drawn[tile, row, column], abs=0.051)
    assert all(ink(panel, 0, row, column, 5) for row, column in np.ndindex(5, 5))
    assert marks.cells().area.width() <= marks.width()
    assert marks.height() >= marks.cells().area.height(), "they scroll"


def test_few_kernels_have_numbers_though_they_scroll_but_not_many(panel: KernelsPanel) -> None:
    panel.resize(500, 240)
    for shown, wanted in ((kernels(8, 1, 5), True), (kernels(9, 1, 5), False)):
        show_kernels(panel, shown)
        assert bool(number(panel, 0, 0, 0)) == wanted
    layout = panel.grid.cells()
    assert layout.area.height() <= panel.mosaic.height(), "all are in view"
    assert not ink(panel, 0, 2, 2, 5)
    show_kernels(panel, kernels(2, 4, 5))  # whose rows are too long with their numbers
    assert (
        panel.mosaic._title.text()
        == "Conv 2, 3×3: 2 × 4 kernels; map i by map, channels j in order"
    )
    assert panel.grid.cells().columns < 4
    panel.resize(1400, 240)
    assert panel.grid.cells().columns == 4


def test_what_changed_is_written_times_a_power_or_not_at_all(panel: KernelsPanel) -> None:
    values = kernels(2)
    panel.shown.setCurrentIndex(1)
    show_kernels(panel, values)
    assert panel.legend.text().startswith("no change yet")
    change = np.full_like(values, 0.00123)
    change[0, 0, 0, 0] = -0.00456
    show(panel, (7, values, values - change))
    assert number(panel, 1, 1, 1).startswith("1.2")
    assert number(panel, 0, 0, 0).startswith("−4.")
    assert "numbers × 10⁻³" in panel.legend.text()
    assert "largest change 0.00456" in panel.legend.text()


def test_many_kernels_are_one_picture_with_a_row_for_each_map(panel: KernelsPanel) -> None:
    values = kernels(32, 32)
    layout, largest = show_kernels(panel, values), float(abs(values).max())
    assert panel.grid.levels() == (-largest, largest), "zero has the colour in the middle"
    assert (layout.count, layout.columns) == (1024, 32)
    for tile, values_of in enumerate(panel.grid.values()):
        np.testing.assert_array_equal(values_of, values[tile // 32, tile % 32])
    assert number(panel, 0, 0, 0) == "", "no number fits"
    assert panel.grid.width() >= layout.area.width(), "nothing is cut off"
    layout = show_kernels(panel, kernels(4, 100, 5))
    assert layout.count == 400
    assert layout.area.width() <= panel.width(), "rows that are too long are broken"
    assert panel.grid.place(250) == (2, 50)
    panel.resize(1400, 960)
    layout = show_kernels(panel, values)
    assert layout.width * layout.scale >= 24
    assert layout.area.height() <= panel.height(), "all are in view where there is room"


def test_one_convolution_of_several_is_chosen(panel: KernelsPanel) -> None:
    one, other = kernels(2), kernels(3, 2, 5, seed=1)
    show(panel, (7, one, one))
    assert not panel.block.isVisible()
    show(panel, (7, one, one), (9, other, other))
    assert panel.block.isVisible()
    panel.block.setFocus()
    QTest.keyClick(panel.block, Qt.Key.Key_Down)
    assert "3 × 2 kernels" in panel.mosaic._title.text()
    np.testing.assert_array_equal(panel.grid.values()[3], other[1, 1])
    show(panel, (5, one, one), (7, one, one), (9, other, other))
    assert panel.block.currentIndex() == 2, "the block stays chosen, wherever it goes"


def test_dead_saturated_and_locked_maps_are_marked_and_named(panel: KernelsPanel) -> None:
    conv, marks = Conv(depth=4), panel.grid
    panel.show_health(health(7, [True] * 5, [False] * 5))
    show_kernels(panel, kernels(4, 2))
    assert not marks.dead, "what was said of other maps"
    panel.show_stack(Stack((BlockSlot(7, conv, locked_kernels=(3,)), BlockSlot(8, Sigmoid()))))
    panel.show_health(health(7, [False, True, False, False], [True, False, False, False]))
    panel.refresh()
    found = [sorted(each) for each in (marks.saturated, marks.dead, marks.locked)]
    assert found == [[0, 1], [2, 3], [6, 7]]
    assert "dead (crossed out): map 2, the same for every image" in panel.legend.text()
    assert "saturated (framed): map 1, hardly any gradient passes" in panel.legend.text()
    assert panel.legend.text().endswith("locked (padlock): map 4 · untrained")
    assert "95 %" in panel.mosaic.toolTip()
    frame = tile_rect(panel.mosaic, 0)
    edge = panel.mosaic.mapTo(panel, QPointF(frame.left(), frame.center().y()).toPoint())
    assert panel.grab().toImage().pixelColor(edge) == QColor(LIGHT.wrong)
    panel.show_stack(Stack((BlockSlot(7, conv, locked=True),)))
    panel.show_health(None)
    panel.refresh()
    assert not marks.dead
    assert marks.locked == set(range(8))
    assert panel.legend.text() == "locked (padlock): all maps"


def test_keys_and_the_mouse_read_and_activate_a_kernel(qtbot: QtBot, panel: KernelsPanel) -> None:
    values, mosaic, canvas = kernels(4, 2), panel.mosaic, panel.grid
    values[2, 1, 0, 2] = -0.125
    show_kernels(panel, values)
    panel.activateWindow()
    mosaic.setFocus()
    qtbot.waitUntil(mosaic.hasFocus)
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    said, norm = mosaic.readout.text(), float(np.linalg.norm(values[1, 1]))
    assert said.startswith("kernel i 2, j 2: ")
    assert float(said.rsplit("norm ", 1)[1]) == pytest.approx(norm, abs=0.001)
    with qtbot.waitSignal(panel.kernel_activated) as activated:
        QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert activated.args == [7, 1, 1]
    target = canvas.mapFrom(mosaic, tile_rect(mosaic, 4).center().toPoint())
    with qtbot.waitSignal(panel.kernel_activated) as activated:
        QTest.mouseDClick(canvas, LEFT, pos=target)
    assert activated.args == [7, 2, 0]
    said = "kernel i 3, j 2, row 1, column 3: −0.1250"
    assert point_at(panel, 5, 5 / 6, 1 / 6) == said


def test_the_kernels_of_the_selected_block_are_shown(driver: Driver) -> None:
    stack = Stack().appended(Conv(depth=2), Sigmoid(), Conv(depth=3), Sigmoid())
    driver.window.document.replace_project(Project(stack, Settings()), None)
    driver.settle()
    slot = driver.window.document.stack.slots[2].id
    shown = driver.window.panels.kernels
    driver.window.stage.show_panel("Kernels")
    driver.wait(shown.isVisible)
    driver.settle()
    driver.pick("kernels.block", shown.block.itemText(0))
    driver.settle()
    assert shown.block.slot_id() != slot
    driver.select(2)  # in the list of blocks
    driver.settle()
    assert shown.block.slot_id() == slot
    driver.select(3)  # which has no kernels
    driver.settle()
    assert shown.block.slot_id() == slot


# --- of an image in colour ----------------------------------------------------------------------


def in_colour(depth: int = 2) -> Array:
    values = np.zeros((depth, 3, 2, 2), dtype=np.float32)
    values[1, :, 0, 1] = 0.5, -0.25, 0  # the largest of all is 0.5
    return values


def choose(panel: KernelsPanel, text: str) -> None:
    box = named(panel, QComboBox, "kernels.colours")
    box.setFocus()
    while box.currentText() != text:
        QTest.keyClick(box, Qt.Key.Key_Down if box.currentIndex() == 0 else Qt.Key.Key_Up)


def colour_at(panel: KernelsPanel, tile: int, row: int, column: int) -> tuple[int, int, int]:
    """Read the colour on the screen of a value of a 2×2 kernel."""
    area = tile_rect(panel.mosaic, tile)
    place = QPointF((column + 0.4) / 2 * area.width(), (row + 0.4) / 2 * area.height())
    colour = panel.mosaic.grab().toImage().pixelColor((area.topLeft() + place).toPoint())
    return colour.red(), colour.green(), colour.blue()


def test_kernels_of_red_green_and_blue_are_one_picture_in_which_grey_is_zero(
    qtbot: QtBot, panel: KernelsPanel
) -> None:
    panel.resize(560, 330)
    values = in_colour()
    show(panel, (7, values, values), colours=3)
    assert panel.grid.cells().count == 2  # maps, not kernels
    assert colour_at(panel, 0, 0, 0) == (128, 128, 128)
    assert colour_at(panel, 1, 0, 1) == (255, 64, 128)  # 1, 1/4 and 1/2 of 255
    assert panel.mosaic.grid.levels() == (-0.5, 0.5)
    assert panel.scale.text() == "grey is 0; no red, green or blue: −0.500, full: 0.500"
    assert panel.mosaic._title.text() == "Conv 2, 3×3: 2 kernels in RGB, one per map"
    activated(qtbot, panel).mosaic.setFocus()
    QTest.keyClick(panel.grid, Qt.Key.Key_Right)
    with qtbot.waitSignal(panel.kernel_activated) as opened:
        QTest.keyClick(panel.grid, Qt.Key.Key_Return)
    assert opened.args == [7, 1, 0], "that of red"
    said = "kernel i 2, row 1, column 2: R 0.500  G −0.250  B 0"
    assert point_at(panel, 1, 0.75, 0.25) == said
    choose(panel, "by channel")
    assert panel.grid.cells().count == 6
    assert float(number(panel, 3, 0, 1)) == 0.5
    assert colour_at(panel, 3, 1, 0) == tuple(lookup_table("CET-D1")[128])
    choose(panel, "in RGB")
    assert colour_at(panel, 1, 0, 1) == (255, 64, 128)


def test_maps_that_are_no_colours_are_not_shown_as_such(panel: KernelsPanel) -> None:
    """Of a second convolution over three maps, and of a grey image."""
    box, first, second = named(panel, QComboBox, "kernels.colours"), in_colour(3), in_colour()
    show(panel, (7, first, first), (8, second, second), colours=3)
    assert box.isVisible()
    panel.block.setCurrentIndex(1)
    panel.refresh()
    assert not box.isVisible()
    assert panel.grid.cells().count == 6
    show(panel, (7, second, second))
    assert not box.isVisible()
