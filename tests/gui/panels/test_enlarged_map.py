"""One feature map, enlarged: its kernel, its values, and the way back."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from engine.inspection.snapshot import BlockSnapshot
from gui.panels.feature_maps import FeatureMapsPanel
from gui.widgets.exciting_samples import Found
from gui.widgets.number_words import short
from tests.gui.driving import Driver
from tests.gui.panels.map_snapshots import conv, look, open_digits, with_sigmoid
from tests.gui.showing import on_screen


@pytest.fixture
def panel(qtbot: QtBot) -> FeatureMapsPanel:
    return on_screen(qtbot, FeatureMapsPanel(), 480, 330)


def test_a_click_enlarges_a_map_with_its_kernel(panel: FeatureMapsPanel) -> None:
    before, after = with_sigmoid()
    panel.show_snapshot(look(before, after))
    panel.refresh()
    mosaic = panel.mosaics[0]
    at = mosaic.tile_rect(1).center().toPoint()
    canvas = mosaic.childAt(at)
    assert canvas is not None
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.mapFrom(mosaic, at))
    shown = panel.enlarged
    assert shown.isVisible()
    assert shown.title() == "Map 2 of 3: 1 Conv 3, 3×3 → 2 Sigmoid"
    np.testing.assert_array_equal(shown.grid.values(), after.values[1])
    assert before.kernels is not None
    np.testing.assert_array_equal(shown.kernel.values(), before.kernels[1, 0])
    assert "±17.0" in [label.text().rsplit(" ", 1)[-1] for label in shown.findChildren(QLabel)]
    QApplication.processEvents()
    place = shown.grid.cells().cell(4, 7).center().toPoint()
    QTest.mouseMove(shown.grid, place)
    assert shown.readout() == f"row 5, column 8:\n{short(float(after.values[1, 4, 7]))}"


def test_the_enlarged_map_follows_and_keys_turn_to_the_next(panel: FeatureMapsPanel) -> None:
    panel.show_snapshot(look(*with_sigmoid(), conv(3, 2, start=4.0)))
    panel.refresh()
    panel.mosaics[0].setFocus()
    QTest.keyClick(panel.mosaics[0], Qt.Key.Key_Right)
    QTest.keyClick(panel.mosaics[0], Qt.Key.Key_Return)
    assert panel.enlarged.title().startswith("Map 2 of 3")
    titles = []
    for _ in range(4):
        QTest.keyClick(panel.enlarged.grid, Qt.Key.Key_PageDown)
        titles.append(panel.enlarged.title()[:10])
    assert titles == ["Map 3 of 3", "Map 1 of 2", "Map 2 of 2", "Map 1 of 3"]
    QTest.keyClick(panel.enlarged.grid, Qt.Key.Key_PageUp)
    newer = conv(3, 2, start=9.0)
    panel.show_snapshot(look(*with_sigmoid(), newer))
    panel.refresh()
    np.testing.assert_array_equal(panel.enlarged.grid.values(), newer.values[1])
    QTest.keyClick(panel.enlarged.grid, Qt.Key.Key_Escape)
    assert not panel.enlarged.isVisible()
    assert len(panel.mosaics) == 2


def test_many_kernels_stand_beside_a_map_of_many_inputs(panel: FeatureMapsPanel) -> None:
    maps, kernels = conv(1, 2), np.random.default_rng(0).standard_normal((2, 6, 3, 3))
    panel.show_snapshot(look(BlockSnapshot(1, maps.label, "Convolution", maps.values, kernels)))
    panel.refresh()
    panel.enlarge(1, 1)
    beside = panel.enlarged.kernels
    assert beside.isVisible()
    assert beside.title() == "Its 6 kernels"
    layout = beside._layout
    assert layout is not None
    row, column = layout.corner(4)
    drawn = beside.picture()[row : row + 3, column : column + 3]
    np.testing.assert_allclose(drawn, kernels[1, 4], rtol=1e-6)


@pytest.mark.parametrize("size", [(340, 170), (640, 420)])
def test_what_is_read_covers_none_of_many_kernels(
    panel: FeatureMapsPanel, size: tuple[int, int]
) -> None:
    panel.setMinimumSize(1, 1)  # as in a dock
    panel.resize(*size)
    maps, kernels = conv(1, 2), np.random.default_rng(0).standard_normal((2, 16, 3, 3))
    panel.show_snapshot(look(BlockSnapshot(1, maps.label, "Convolution", maps.values, kernels)))
    panel.refresh()
    panel.enlarge(1, 1)
    QApplication.processEvents()
    beside = panel.enlarged.kernels
    assert beside.height() >= 48
    (read,) = (
        label for label in panel.enlarged.findChildren(QLabel) if label.text().startswith("row ")
    )
    assert read.isHidden() == (size[1] < 300)
    if read.isVisible():
        assert read.geometry().top() > beside.geometry().bottom()


@pytest.mark.parametrize("size", [(480, 330), (940, 700)])
@pytest.mark.parametrize("asked", [False, True])
def test_the_kernel_beside_a_map_is_seen_whole(
    panel: FeatureMapsPanel, size: tuple[int, int], asked: bool
) -> None:
    panel.resize(*size)
    maps = conv(1, 2)
    kernels = np.linspace(-1, 1, 50, dtype=np.float32).reshape(2, 1, 5, 5)
    panel.show_snapshot(look(BlockSnapshot(1, maps.label, "Convolution", maps.values, kernels)))
    panel.refresh()
    panel.enlarge(1, 1)
    if asked:
        picture = np.zeros((1, 28, 28), np.uint8)
        found = [Found(n, picture, "1", 0.5, (0, 0, 3, 3)) for n in range(8)]
        panel.enlarged.samples.show_found(found, "of 2,000, with the weights after epoch 1")
    QApplication.processEvents()
    kernel, grid = panel.enlarged.kernel, panel.enlarged.grid
    for shown in (kernel, grid):
        rows, columns = shown.values().shape
        for place in ((0, 0), (rows - 1, columns - 1)):
            assert QRectF(shown.rect()).contains(shown.cells().cell(*place))
    if size[0] > 900:
        assert kernel.cells().cell(0, 0).width() >= 48, "it is larger where there is room"
        assert kernel.text(4, 4) == "1.000"


def test_the_title_of_an_enlarged_map_is_seen_whole_docked(driver: Driver) -> None:
    driver.window.resize(1280, 800)
    open_digits(driver)
    row = driver.window.document.stack.slots[1].id
    driver.maps.enlarge(row, 6)
    driver.settle()
    text = "Map 7 of 8: 1 Conv 8, 5×5 → 2 Tanh"
    assert driver.maps.enlarged.title() == text
    (title,) = (each for each in driver.maps.enlarged.findChildren(QLabel) if each.text() == text)
    assert title.fontMetrics().horizontalAdvance(text) <= title.width()


def test_all_maps_come_back_when_the_enlarged_one_is_gone(panel: FeatureMapsPanel) -> None:
    panel.show_snapshot(look(conv(1, 5)))
    panel.refresh()
    panel.enlarge(1, 4)
    panel.show_snapshot(look(conv(1, 3)))
    panel.refresh()
    assert not panel.enlarged.isVisible()
    assert panel.mosaics[0].isVisible()


def test_a_map_is_enlarged_amid_the_drawing_of_a_former_network(panel: FeatureMapsPanel) -> None:
    panel.show_snapshot(look(conv(1, 5), conv(3, 2)))
    first, *others = panel.parts()
    first()
    panel.show_snapshot(look(conv(1, 5), BlockSnapshot(3, "Dense 9", "Dense", np.arange(9.0))))
    panel.enlarge(1, 4)
    for part in others:
        part()
    assert panel.enlarged.isVisible()
