"""The feature maps panel: what is drawn of a look."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from engine.inspection.snapshot import BlockSnapshot, Sample, Snapshot
from gui.feature_maps.panel import FeatureMapsPanel
from gui.theme import KIND_COLOURS
from gui.widgets.colour_scale import scale_texts
from gui.widgets.empty_state import EmptyState
from gui.widgets.exciting_samples import QUESTION
from gui.widgets.mosaic import Mosaic
from gui.widgets.number_grid import NumberGrid
from gui.widgets.number_words import short
from gui.workspace.context import Context
from tests.correlation import correlate2d
from tests.gui.driving import Driver
from tests.gui.finding import child, not_none
from tests.gui.reading import bar_names, bar_rect, mosaics, pinned_texts, tile_rect, vectors
from tests.gui.showing import colours_in, hover, on_screen
from tests.gui.waiting import run_events


def look(
    *blocks: BlockSnapshot, outputs: tuple[float, ...] = (0.2, 0.9), label: int = 1
) -> Snapshot:
    return Snapshot(
        Sample(np.eye(28, dtype=np.uint8)[np.newaxis] * 255, (0, 1), 12, label),
        inputs=np.eye(28, dtype=np.float32),
        outputs=np.array(outputs),
        blocks=blocks,
    )


def show(panel: FeatureMapsPanel, *blocks: BlockSnapshot, **said: Any) -> None:
    panel.show_snapshot(look(*blocks, **said))
    panel.refresh()


def open_digits(driver: Driver) -> None:
    driver.choose("new.digits")
    driver.window.stage.show_panel("Maps")
    driver.wait(
        lambda: (
            [each._title.text() for each in mosaics(driver.maps)[:1]] == ["1 Conv 8, 5×5 → 2 Tanh"]
        )
    )
    driver.settle()


def conv(slot: int, count: int, start: float = 0.0) -> BlockSnapshot:
    maps = start + np.linspace(0, 1, count * 26 * 26, dtype=np.float32).reshape(count, 26, 26)
    return BlockSnapshot(slot, f"Conv {count}, 3×3", "Convolution", maps)


def with_sigmoid(count: int = 3) -> tuple[BlockSnapshot, BlockSnapshot]:
    maps = conv(1, count, start=-0.5)
    kernels = np.arange(count * 9, dtype=np.float32).reshape(count, 1, 3, 3)
    return (
        BlockSnapshot(1, maps.label, "Convolution", maps.values, kernels),
        BlockSnapshot(2, "Sigmoid", "Activation", 1 / (1 + np.exp(-maps.values))),
    )


@pytest.fixture
def panel(context: Context, qtbot: QtBot) -> FeatureMapsPanel:
    return on_screen(qtbot, FeatureMapsPanel(context), 480, 330)


def are_large_and_seen(mosaic: Mosaic) -> bool:
    last = tile_rect(mosaic, 7)
    return last.width() >= 72 and mosaic.rect().contains(last.toRect())


def titles(panel: FeatureMapsPanel) -> list[str]:
    return [mosaic._title.text() for mosaic in mosaics(panel)]


def test_it_says_what_will_be_here_and_what_is_said_of_the_digit(panel: FeatureMapsPanel) -> None:
    assert "Click a test image" in child(panel, EmptyState).sentence()
    show(panel)
    assert "the button Conv" in child(panel, EmptyState).sentence()
    for outputs, label, texts in (
        ((0.2, 0.9), 1, ("Test image 13 · a 1", "says 1 (0.90)")),
        ((0.2, 0.9), 0, ("Test image 13 · a 0", "says 1 (0.90): wrong")),
        ((np.nan, np.nan), 0, ("Test image 13 · a 0", "no answer: outputs not finite")),
        ((-4.0, 1.7), 1, ("Test image 13 · a 1", "says 1 (1.70)")),  # as they are
    ):
        show(panel, conv(1, 5), outputs=outputs, label=label)
        assert pinned_texts(panel.sample) == texts
    seen = look(conv(1, 2))
    drawing = Sample(seen.sample.image, (0, 1))
    panel.show_snapshot(Snapshot(drawing, seen.inputs, seen.outputs, seen.blocks))
    panel.refresh()
    assert pinned_texts(panel.sample) == ("Your drawing", "says 1 (0.90)")


def test_each_block_has_its_own_printed_scale_until_it_is_fixed(panel: FeatureMapsPanel) -> None:
    show(panel, conv(1, 5), conv(3, 2, start=-3.0))
    printed = [scale_texts(mosaic.grid.levels()) for mosaic in mosaics(panel)]
    assert printed == [("0", "1.0"), ("−3.0", "−2.0")]
    show(panel, conv(1, 2))
    QTest.keyClick(panel.fixed, Qt.Key.Key_Space)
    show(panel, conv(1, 2, start=-3.0), conv(5, 2, start=2.0))
    assert [mosaic.grid.levels() for mosaic in mosaics(panel)] == [(0.0, 1.0), (2.0, 3.0)]
    QTest.keyClick(panel.fixed, Qt.Key.Key_Space)
    assert mosaics(panel)[0].grid.levels() == (-3.0, -2.0)


@pytest.mark.parametrize(("lowest", "marked"), [(-0.04, False), (-3.8, True)])
def test_the_zero_of_a_scale_is_written_where_it_has_a_place(
    qtbot: QtBot, lowest: float, marked: bool
) -> None:
    grid = on_screen(qtbot, NumberGrid("viridis", scale="right"), 140, 140)
    grid.set_values(np.array([[lowest], [3.87]]))
    cells, line, image = grid.cells().area, grid.fontMetrics().height(), grid.grab().toImage()
    ground = image.pixelColor(image.width() - 1, image.height() // 2)
    # What stands to the right of the strip, between the numbers at its ends.
    left, top = int(cells.right()) + 17, int(cells.top()) + line + 2
    beside = image.copy(left, top, image.width() - left, int(cells.height()) - 2 * line - 4)
    assert (colours_in(beside) != {ground.name()}) == marked


def test_mosaics_are_reused_added_and_removed_and_few_maps_are_large(
    qtbot: QtBot, panel: FeatureMapsPanel
) -> None:
    show(panel, conv(1, 5))
    (first,) = mosaics(panel)
    show(panel, conv(1, 8), conv(3, 8))
    assert mosaics(panel)[0] is first
    qtbot.waitUntil(lambda: mosaics(panel)[1].isVisible())
    for mosaic in mosaics(panel):
        qtbot.waitUntil(partial(are_large_and_seen, mosaic))
    show(panel, conv(1, 3))
    assert mosaics(panel) == [first]


def test_vectors_are_bars_below_the_maps(panel: FeatureMapsPanel) -> None:
    values = np.array([0.1, -0.2, 0.3, 0.4])
    vector = BlockSnapshot(4, "Dense 4", "Dense", values)
    for others, title in (((), "1 Dense 4"), ((conv(1, 5),), "2 Dense 4")):
        show(panel, *others, vector)
        assert len(mosaics(panel)) == len(others)
        (bars,) = vectors(panel)
        assert bars.isVisible() or others
        assert bars._title.text() == title
        np.testing.assert_array_equal(bars.values(), values)
        assert bars._bars.levels == (-0.2, 0.4)
    small = np.array([0.006, 0.001, 0.002, 0.003])
    show(
        panel,
        BlockSnapshot(4, "Sigmoid", "Activation", small, output_range="unit"),
        BlockSnapshot(5, "Softmax", "Activation", small, output_range="distribution"),
        BlockSnapshot(6, "ReLU", "Activation", small),
    )
    assert [bars._bars.levels for bars in vectors(panel)] == [(0, 1), (0, 1), (0, 0.006)]
    assert bar_rect(vectors(panel)[0], 0).height() <= 2, "six thousandths look like little"


def test_before_and_after_the_activation_and_the_selection(panel: FeatureMapsPanel) -> None:
    before, after = with_sigmoid()
    show(panel, before, after)
    panel.show_selected(after.slot)
    assert panel.dirty
    panel.refresh()
    assert titles(panel) == ["▸ 1 Conv 3, 3×3 → 2 Sigmoid"]
    panel.show_selected(None)
    panel.refresh()
    assert titles(panel) == ["1 Conv 3, 3×3 → 2 Sigmoid"]
    assert mosaics(panel)[0].grid.levels()[0] == pytest.approx(1 / (1 + np.exp(0.5)), rel=1e-6)
    QTest.keyClick(panel.stage, Qt.Key.Key_Down)
    assert titles(panel) == ["1 Conv 3, 3×3"]
    assert mosaics(panel)[0].grid.levels() == (-0.5, 0.5)
    QTest.keyClick(panel.stage, Qt.Key.Key_Down)
    assert len(mosaics(panel)) == 2


def test_outputs_are_called_by_classes_and_have_their_colour(panel: FeatureMapsPanel) -> None:
    hidden = BlockSnapshot(4, "Dense 2", "Dense", np.array([0.1, 0.2]))
    outputs = BlockSnapshot(6, "Dense 2", "Dense", np.array([1.0, 1.0]))
    later = BlockSnapshot(7, "Sigmoid", "Activation", np.array([1.0, 1.0]))
    sample = Sample(np.zeros((1, 28, 28), np.uint8), (4, 9), 12, 4)
    shown = look(conv(1, 2), hidden, outputs, later)
    panel.show_snapshot(Snapshot(sample, shown.inputs, shown.outputs, shown.blocks))
    panel.refresh()
    for _ in range(2):
        assert [bar_names(bars) for bars in vectors(panel)] == [["1", "2"], ["4", "9"]]
        QTest.keyClick(panel.stage, Qt.Key.Key_Down)
    run_events(2)
    for bars, kind in zip(vectors(panel)[1:], ("Dense", "Activation"), strict=True):
        middle = bar_rect(bars, 1).center().toPoint()
        assert bars.grab().toImage().pixelColor(middle) == QColor(KIND_COLOURS[kind])


def test_all_blocks_of_the_digits_and_an_enlarged_title_are_seen_docked(driver: Driver) -> None:
    driver.window.resize(1280, 800)
    open_digits(driver)
    scroll = child(driver.maps, QScrollArea)
    assert scroll.verticalScrollBar().maximum() == 0, "nothing is cut off"
    for bars in vectors(driver.maps):
        place = bars.mapTo(scroll.viewport(), bar_rect(bars, 9).bottomRight().toPoint())
        assert scroll.viewport().rect().contains(place)
    assert are_large_and_seen(mosaics(driver.maps)[0])
    assert bar_names(vectors(driver.maps)[1]) == [str(digit) for digit in range(10)]
    driver.maps.enlarge(driver.window.document.stack.slots[1].id, 6)
    driver.settle()
    text = "Map 7 of 8: 1 Conv 8, 5×5 → 2 Tanh"
    assert driver.maps.enlarged._title.text() == text
    (title,) = (each for each in driver.maps.enlarged.findChildren(QLabel) if each.text() == text)
    assert title.fontMetrics().horizontalAdvance(text) <= title.width()


def with_kernels(channels: int, size: int = 3) -> BlockSnapshot:
    """Make two maps of a convolution of so many input maps."""
    maps, shape = conv(1, 2), (2, channels, size, size)
    values = np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)
    return BlockSnapshot(1, maps.label, "Convolution", maps.values, values)


def enlarge(panel: FeatureMapsPanel, block: BlockSnapshot, size: tuple[int, int]) -> None:
    """Show the second map of a block in a panel of a size."""
    panel.resize(*size)
    show(panel, block)
    panel.enlarge(1, 1)
    QApplication.processEvents()


def test_a_click_enlarges_a_map_with_its_kernel(panel: FeatureMapsPanel) -> None:
    before, after = with_sigmoid()
    show(panel, before, after)
    mosaic = mosaics(panel)[0]
    at = tile_rect(mosaic, 1).center().toPoint()
    canvas = not_none(mosaic.childAt(at))
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.mapFrom(mosaic, at))
    shown = panel.enlarged
    assert shown.isVisible()
    assert shown._title.text() == "Map 2 of 3: 1 Conv 3, 3×3 → 2 Sigmoid"
    np.testing.assert_array_equal(shown.grid.values(), after.values[1])
    np.testing.assert_array_equal(shown.kernel.values(), not_none(before.kernels)[1, 0])
    assert "±17.0" in [label.text().rsplit(" ", 1)[-1] for label in shown.findChildren(QLabel)]
    QApplication.processEvents()
    place = shown.grid.cells().cell(4, 7).center().toPoint()
    hover(shown.grid, place)
    assert shown.readout.text() == f"row 5, column 8:\n{short(float(after.values[1, 4, 7]))}"


def test_the_enlarged_map_follows_and_keys_turn_to_the_next(panel: FeatureMapsPanel) -> None:
    show(panel, *with_sigmoid(), conv(3, 2, start=4.0))
    mosaics(panel)[0].setFocus()
    QTest.keyClick(mosaics(panel)[0].grid, Qt.Key.Key_Right)
    QTest.keyClick(mosaics(panel)[0].grid, Qt.Key.Key_Return)
    assert panel.enlarged._title.text().startswith("Map 2 of 3")
    for title in ("Map 3 of 3", "Map 1 of 2", "Map 2 of 2", "Map 1 of 3"):
        QTest.keyClick(panel.enlarged.grid, Qt.Key.Key_PageDown)
        assert panel.enlarged._title.text().startswith(title)
    QTest.keyClick(panel.enlarged.grid, Qt.Key.Key_PageUp)
    newer = conv(3, 2, start=9.0)
    show(panel, *with_sigmoid(), newer)
    np.testing.assert_array_equal(panel.enlarged.grid.values(), newer.values[1])
    QTest.keyClick(panel.enlarged.grid, Qt.Key.Key_Escape)
    assert not panel.enlarged.isVisible()
    assert len(mosaics(panel)) == 2
    panel.enlarge(3, 1)
    show(panel, conv(1, 3))  # the enlarged one is gone
    assert not panel.enlarged.isVisible()
    assert mosaics(panel)[0].isVisible()


@pytest.mark.parametrize(("channels", "size"), [(6, (480, 330)), (16, (340, 170))])
def test_many_kernels_stand_beside_a_map_and_what_is_read_covers_none(
    panel: FeatureMapsPanel, channels: int, size: tuple[int, int]
) -> None:
    panel.setMinimumSize(1, 1)  # as in a dock
    block = with_kernels(channels)
    enlarge(panel, block, size)
    beside = panel.enlarged.kernels
    assert beside.isVisible()
    assert beside._title.text() == f"Its {channels} kernels"
    assert beside.height() >= 48
    assert block.kernels is not None
    np.testing.assert_allclose(beside.grid.values(), block.kernels[1], rtol=1e-6)
    labels = panel.enlarged.findChildren(QLabel)
    (read,) = (label for label in labels if label.text().startswith("row "))
    assert read.isHidden() == (size[1] < 300)
    assert read.isHidden() or read.geometry().top() > beside.geometry().bottom()


def test_a_map_is_enlarged_amid_the_drawing_of_a_former_network(panel: FeatureMapsPanel) -> None:
    panel.show_snapshot(look(conv(1, 5), conv(3, 2)))
    first, *others = panel.parts()
    first()
    panel.show_snapshot(look(conv(1, 5), BlockSnapshot(3, "Dense 9", "Dense", np.arange(9.0))))
    panel.enlarge(1, 4)
    for part in others:
        part()
    assert panel.enlarged.isVisible()


def test_the_digits_that_excite_a_map_most_are_found_pinned_and_forgotten_with_another_map(
    driver: Driver,
) -> None:
    driver.make_smaller()
    driver.run("step_epoch", "Paused")
    driver.wait_for_panels()
    panel = driver.window.panels.feature_maps
    mosaics(panel)[0].setFocus()
    driver.press(Qt.Key.Key_Return)
    digits = panel.enlarged.samples
    assert digits.ask.text() == QUESTION
    QTest.mouseClick(digits.ask, Qt.MouseButton.LeftButton)
    driver.wait(lambda: len(digits.buttons) == 8)
    assert digits.words.text() == "of 409, before the activation, with the weights after epoch 1"
    samples = not_none(driver.window.session.samples)
    weights = driver.window.document.project().weights[driver.window.document.stack.slots[0].id]
    kernel, bias = weights["weight"][0, 0], weights["bias"][0]
    peaks = np.array(
        [(correlate2d(image / 255, kernel) + bias).max() for image in samples.images[:, 0]]
    )
    best = int(peaks.argmax())
    first = digits.buttons[0]
    assert float(first.text()) == float(short(float(peaks[best]), 3))
    says = first.accessibleName()
    assert f"Test image {best + 1} · a {samples.classes[samples.labels[best]]}" in says
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    assert driver.pinned() == best
    driver.wait(lambda: pinned_texts(panel.sample)[0].startswith(f"Test image {best + 1} · "))
    panel.enlarge(driver.window.document.stack.slots[1].id, 1)
    assert (digits.buttons, digits.words.text()) == ([], "")
