"""The kernels of a convolution that sees red, green and blue, as pictures."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from engine.array_types import Array
from engine.inspection.snapshot import BlockSnapshot, Sample, Snapshot
from gui.panels.kernels import KernelsPanel
from gui.widgets.colour_bar import lookup_table
from tests.gui.finding import named
from tests.gui.showing import on_screen


@pytest.fixture
def panel(qtbot: QtBot) -> KernelsPanel:
    return on_screen(qtbot, KernelsPanel(), 560, 330)


def look(*convs: tuple[int, Array], channels: int = 3) -> Snapshot:
    blocks = [
        BlockSnapshot(slot, f"Conv {len(now)}, 2×2", "Convolution", np.zeros((3, 4, 4)), now, now)
        for slot, now in convs
    ]
    sample = Sample(np.zeros((channels, 8, 8), np.uint8), (0, 1), 0, 0)
    return Snapshot(sample, np.zeros((channels, 8, 8)), np.zeros(2), tuple(blocks))


def kernels(depth: int = 2) -> Array:
    values = np.zeros((depth, 3, 2, 2), dtype=np.float32)
    values[1, :, 0, 1] = 0.5, -0.25, 0  # the largest of all is 0.5
    return values


def choose(panel: KernelsPanel, text: str) -> None:
    box = named(panel, QComboBox, "kernels.colours")
    box.setFocus()
    while box.currentText() != text:
        key = Qt.Key.Key_Down if box.currentIndex() == 0 else Qt.Key.Key_Up
        QTest.keyClick(box, key)


def show(panel: KernelsPanel, shown: Snapshot) -> None:
    panel.show_snapshot(shown)
    panel.refresh()


def colour_at(panel: KernelsPanel, tile: int, row: int, column: int) -> tuple[int, int, int]:
    """Read the colour on the screen of a value of a 2×2 kernel."""
    area = panel.mosaic.tile_rect(tile)
    at = area.topLeft() + QPointF(
        (column + 0.4) / 2 * area.width(), (row + 0.4) / 2 * area.height()
    )
    colour = panel.mosaic.grab().toImage().pixelColor(at.toPoint())
    return colour.red(), colour.green(), colour.blue()


def test_a_map_is_one_picture_in_which_grey_is_zero(panel: KernelsPanel) -> None:
    show(panel, look((7, kernels())))
    layout = panel.mosaic._layout
    assert layout is not None
    assert layout.count == 2  # maps, not kernels
    assert colour_at(panel, 0, 0, 0) == (128, 128, 128)
    assert colour_at(panel, 1, 0, 1) == (255, 64, 128)  # 1, 1/4 and 1/2 of 255
    assert panel.mosaic.levels() == (-0.5, 0.5)
    assert panel.scale.text() == "grey is 0; no red, green or blue: −0.500, full: 0.500"
    assert panel.mosaic.title() == "Conv 2, 2×2: 2 kernels in RGB, one per map"


def test_single_channels_are_a_choice_away_and_back(panel: KernelsPanel) -> None:
    show(panel, look((7, kernels())))
    assert not panel.numbers.isEnabled()
    choose(panel, "by channel")
    layout = panel.mosaic._layout
    assert layout is not None
    assert layout.count == 6
    assert panel.numbers.isEnabled()
    assert float(panel.mosaic.marks.text(3, 0, 1)) == 0.5
    table = lookup_table("CET-D1")
    assert colour_at(panel, 3, 1, 0) == tuple(table[128])
    choose(panel, "in RGB")
    assert colour_at(panel, 1, 0, 1) == (255, 64, 128)


def test_pointing_reads_all_three(panel: KernelsPanel) -> None:
    show(panel, look((7, kernels())))
    area = panel.mosaic.tile_rect(1)
    at = (area.topLeft() + QPointF(0.75 * area.width(), 0.25 * area.height())).toPoint()
    canvas = panel.mosaic._canvas
    QTest.mouseMove(canvas, canvas.mapFrom(panel.mosaic, at))
    assert panel.mosaic.readout() == "kernel i 2, row 1, column 2: R 0.500  G −0.250  B 0"


def test_enter_opens_the_kernel_of_red(qtbot: QtBot, panel: KernelsPanel) -> None:
    show(panel, look((7, kernels())))
    panel.activateWindow()
    panel.mosaic.setFocus()
    qtbot.waitUntil(panel.mosaic.hasFocus)
    QTest.keyClick(panel.mosaic, Qt.Key.Key_Right)
    with qtbot.waitSignal(panel.kernel_activated) as activated:
        QTest.keyClick(panel.mosaic, Qt.Key.Key_Return)
    assert activated.args == [7, 1, 0]


def test_maps_that_are_no_colours_are_not_shown_as_such(panel: KernelsPanel) -> None:
    """Of a second convolution over three maps, and of a grey image."""
    box = named(panel, QComboBox, "kernels.colours")
    show(panel, look((7, kernels(3)), (8, kernels())))
    assert box.isVisible()
    panel.block.setCurrentIndex(1)
    panel.refresh()
    assert not box.isVisible()
    layout = panel.mosaic._layout
    assert layout is not None
    assert layout.count == 6
    show(panel, look((7, kernels()), channels=1))
    assert not box.isVisible()
