"""The feature maps panel: what is drawn of a look."""

from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from engine.inspection.snapshot import BlockSnapshot, Sample, Snapshot
from gui.panels.feature_maps import FeatureMapsPanel
from gui.theme import KIND_COLOURS
from gui.widgets.colour_bar import ColourBar
from gui.widgets.empty_state import EmptyState
from gui.widgets.mosaic import Mosaic
from tests.gui.driving import Driver
from tests.gui.finding import child
from tests.gui.panels.map_snapshots import conv, look, open_digits, with_sigmoid
from tests.gui.showing import on_screen


@pytest.fixture
def panel(qtbot: QtBot) -> FeatureMapsPanel:
    return on_screen(qtbot, FeatureMapsPanel(), 480, 330)


def is_large(mosaic: Mosaic) -> bool:
    return mosaic.tile_rect(0).width() >= 72


def test_it_has_its_names(panel: FeatureMapsPanel) -> None:
    assert panel.objectName() == "panel.feature_maps"
    assert panel.accessibleName() == "Feature maps"
    assert panel.minimumHeight() <= 280


def test_it_says_what_will_be_here(panel: FeatureMapsPanel) -> None:
    assert "Click an image" in child(panel, EmptyState).sentence()
    panel.show_snapshot(look())
    panel.refresh()
    assert "the button Conv" in child(panel, EmptyState).sentence()


def test_each_block_has_its_own_printed_scale(panel: FeatureMapsPanel) -> None:
    panel.show_snapshot(look(conv(1, 5), conv(3, 2, start=-3.0)))
    panel.refresh()
    printed = [child(mosaic, ColourBar).texts() for mosaic in panel.mosaics]
    assert printed == [("0", "1.00"), ("−3.00", "−2.00")]


def test_the_pinned_digit_is_shown_with_what_is_said_of_it(panel: FeatureMapsPanel) -> None:
    panel.show_snapshot(look(conv(1, 5)))
    panel.refresh()
    assert panel.sample.texts() == ("Test image 13 · a 1", "says 1 (90 %)")
    panel.show_snapshot(look(conv(1, 5), label=0))
    panel.refresh()
    assert panel.sample.texts() == ("Test image 13 · a 0", "says 1 (90 %): wrong")
    panel.show_snapshot(look(conv(1, 5), outputs=(np.nan, np.nan)))
    panel.refresh()
    assert panel.sample.texts()[1] == "no answer: outputs not finite"


def test_a_network_without_maps_has_its_vectors(panel: FeatureMapsPanel) -> None:
    values = np.linspace(0, 1, 30, dtype=np.float32)
    panel.show_snapshot(look(BlockSnapshot(1, "Dense 30", "Dense", values)))
    panel.refresh()
    assert panel.mosaics == []
    (bars,) = panel.vectors
    assert bars.isVisible()
    np.testing.assert_array_equal(bars.values(), values)


@pytest.mark.parametrize(("lowest", "marked"), [(-0.04, False), (-3.8, True)])
def test_the_zero_of_a_scale_is_written_where_it_has_a_place(
    qtbot: QtBot, lowest: float, marked: bool
) -> None:
    bar = ColourBar("viridis")
    qtbot.addWidget(bar)
    bar.resize(bar.sizeHint().width(), 140)
    bar.show()
    bar.set_levels((lowest, 3.87))
    line = bar.fontMetrics().height()
    image = bar.grab().toImage()
    ground = image.pixelColor(image.width() - 1, image.height() // 2)
    beside = {  # what stands to the right of the strip, between the numbers at its ends
        image.pixelColor(x, y).name()
        for x in range(14, image.width())
        for y in range(line + 2, image.height() - line - 2)
    }
    assert (beside != {ground.name()}) == marked


def test_outputs_beyond_their_range_are_cut_off(panel: FeatureMapsPanel) -> None:
    panel.show_snapshot(look(conv(1, 5), outputs=(-4.0, 1.7)))
    panel.refresh()
    assert panel.sample.texts()[1] == "says 1 (100 %)"


def test_mosaics_are_reused_added_and_removed(panel: FeatureMapsPanel) -> None:
    panel.show_snapshot(look(conv(1, 5)))
    panel.refresh()
    (first,) = panel.mosaics
    panel.show_snapshot(look(conv(1, 5), conv(3, 8)))
    panel.refresh()
    assert panel.mosaics[0] is first
    assert len(panel.mosaics) == 2
    panel.show_snapshot(look(conv(1, 3)))
    panel.refresh()
    assert panel.mosaics == [first]


def test_few_maps_are_large(qtbot: QtBot, panel: FeatureMapsPanel) -> None:
    panel.show_snapshot(look(conv(1, 8), conv(3, 8)))
    panel.refresh()
    qtbot.waitUntil(lambda: panel.mosaics[1].isVisible())
    for mosaic in panel.mosaics:
        qtbot.waitUntil(partial(is_large, mosaic))
        assert mosaic.rect().contains(mosaic.tile_rect(7).toRect())


def test_vectors_are_bars_below_the_maps(panel: FeatureMapsPanel) -> None:
    vector = BlockSnapshot(4, "Dense 4", "Dense", np.array([0.1, -0.2, 0.3, 0.4]))
    panel.show_snapshot(look(conv(1, 5), vector))
    panel.refresh()
    (bars,) = panel.vectors
    assert bars.title() == "2 Dense 4"
    np.testing.assert_array_equal(bars.values(), vector.values)
    assert bars.levels() == (-0.2, 0.4)


def test_what_lies_between_0_and_1_has_that_scale(panel: FeatureMapsPanel) -> None:
    vector = np.array([0.006, 0.001, 0.002, 0.003])
    given = [
        BlockSnapshot(4, "Sigmoid", "Activation", vector, output_range="unit"),
        BlockSnapshot(5, "Softmax", "Activation", vector, output_range="distribution"),
        BlockSnapshot(6, "ReLU", "Activation", vector),
    ]
    panel.show_snapshot(look(*given))
    panel.refresh()
    assert [bars.levels() for bars in panel.vectors] == [(0, 1), (0, 1), (0, 0.006)]
    low = panel.vectors[0].bar_rect(0)
    assert low.height() <= 2, "six thousandths look like little"


def test_before_and_after_the_activation(panel: FeatureMapsPanel) -> None:
    before, after = with_sigmoid()
    panel.show_snapshot(look(before, after))
    panel.refresh()
    assert [mosaic.title() for mosaic in panel.mosaics] == ["1 Conv 3, 3×3 → 2 Sigmoid"]
    assert panel.mosaics[0].levels()[0] == pytest.approx(1 / (1 + np.exp(0.5)), rel=1e-6)
    QTest.keyClick(panel.stage, Qt.Key.Key_Down)
    assert [mosaic.title() for mosaic in panel.mosaics] == ["1 Conv 3, 3×3"]
    assert panel.mosaics[0].levels() == (-0.5, 0.5)
    QTest.keyClick(panel.stage, Qt.Key.Key_Down)
    assert len(panel.mosaics) == 2


def test_the_maps_of_the_selected_block_are_marked(panel: FeatureMapsPanel) -> None:
    before, after = with_sigmoid()
    panel.show_snapshot(look(before, after))
    panel.refresh()
    panel.show_selected(after.slot)
    assert panel.dirty
    panel.refresh()
    assert panel.mosaics[0].title() == "▸ 1 Conv 3, 3×3 → 2 Sigmoid"
    panel.show_selected(None)
    panel.refresh()
    assert panel.mosaics[0].title() == "1 Conv 3, 3×3 → 2 Sigmoid"


def test_outputs_are_called_by_their_classes(panel: FeatureMapsPanel) -> None:
    hidden = BlockSnapshot(4, "Dense 2", "Dense", np.array([0.1, 0.2]))
    outputs = BlockSnapshot(6, "Dense 2", "Dense", np.array([0.3, 0.9]))
    later = BlockSnapshot(7, "Sigmoid", "Activation", np.array([0.6, 0.7]))
    sample = Sample(np.zeros((1, 28, 28), np.uint8), (4, 9), 12, 4)
    shown = look(conv(1, 2), hidden, outputs, later)
    panel.show_snapshot(Snapshot(sample, shown.inputs, shown.outputs, shown.blocks))
    panel.refresh()
    assert [bars.names() for bars in panel.vectors] == [["1", "2"], ["4", "9"]]
    QTest.keyClick(panel.stage, Qt.Key.Key_Down)
    assert [bars.names() for bars in panel.vectors] == [["1", "2"], ["4", "9"]]


def test_bars_have_the_colour_of_their_kind(panel: FeatureMapsPanel) -> None:
    outputs = BlockSnapshot(6, "Dense 2", "Dense", np.array([1.0, 1.0]))
    later = BlockSnapshot(7, "Sigmoid", "Activation", np.array([1.0, 1.0]))
    panel.show_snapshot(look(conv(1, 2), outputs, later))
    panel.stage.setCurrentText("before and after")
    panel.refresh()
    for bars, kind in zip(panel.vectors, ("Dense", "Activation"), strict=True):
        middle = bars.bar_rect(1).center().toPoint()
        assert bars.grab().toImage().pixelColor(middle) == QColor(KIND_COLOURS[kind])


def test_all_blocks_of_the_digits_are_seen_docked(driver: Driver) -> None:
    driver.window.resize(1280, 800)
    open_digits(driver)
    scroll = child(driver.maps, QScrollArea)
    assert scroll.verticalScrollBar().maximum() == 0, "nothing is cut off"
    for bars in driver.maps.vectors:
        place = bars.mapTo(scroll.viewport(), bars.bar_rect(9).bottomRight().toPoint())
        assert scroll.viewport().rect().contains(place)
    assert is_large(driver.maps.mosaics[0])
    assert driver.maps.vectors[1].names() == [str(digit) for digit in range(10)]


def test_a_fixed_scale_stays(panel: FeatureMapsPanel) -> None:
    panel.show_snapshot(look(conv(1, 2)))
    panel.refresh()
    QTest.keyClick(panel.fixed, Qt.Key.Key_Space)
    panel.show_snapshot(look(conv(1, 2, start=-3.0), conv(5, 2, start=2.0)))
    panel.refresh()
    assert [mosaic.levels() for mosaic in panel.mosaics] == [(0.0, 1.0), (2.0, 3.0)]
    assert child(panel.mosaics[0], ColourBar).texts() == ("0", "1.00")
    QTest.keyClick(panel.fixed, Qt.Key.Key_Space)
    assert panel.mosaics[0].levels() == (-3.0, -2.0)


def test_a_drawing_is_called_so(panel: FeatureMapsPanel) -> None:
    seen = look(conv(1, 2))
    drawing = Snapshot(Sample(seen.sample.image, (0, 1)), seen.inputs, seen.outputs, seen.blocks)
    panel.show_snapshot(drawing)
    panel.refresh()
    assert panel.sample.texts() == ("Your drawing", "says 1 (90 %)")
