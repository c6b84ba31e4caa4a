"""The glass panel: its transport, its tabs, and what it says about the copy that it shows."""

from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from engine.blocks import Conv, Dense, Reshape, Sigmoid
from gui.glass.convolution_view import ConvolutionView
from gui.glass.panel import GlassPanel
from gui.widgets.number_grid import NumberGrid
from tests.gui.finding import named, not_none
from tests.gui.glass.specimens import samples_of, specimen_of
from tests.gui.showing import on_screen
from tests.gui.waiting import run_events

BLOCKS = (Conv(depth=2, kernel_size=3), Sigmoid(), Reshape(), Dense(units=2), Sigmoid())


@pytest.fixture
def panel(qtbot: QtBot) -> GlassPanel:
    """Return the panel with two views of the same kind, and a specimen of 4×4 results."""
    first, second = ConvolutionView(), ConvolutionView()
    made = GlassPanel([("Convolution", first), ("Another", second)])
    on_screen(qtbot, made, 700, 480)
    made.show_specimen(specimen_of(*BLOCKS))
    made.refresh()
    first.restart()
    return made


def click(panel: GlassPanel, name: str) -> None:
    QTest.mouseClick(named(panel, QToolButton, f"glass.{name}"), Qt.MouseButton.LeftButton)


def grid(panel: GlassPanel, name: str) -> NumberGrid:
    """Find a grid of the view in front."""
    return named(not_none(panel.tabs.currentWidget()), NumberGrid, name)


def where(panel: GlassPanel) -> str:
    return named(panel, QLabel, "glass.where").text().rpartition("· ")[2]


def go_to_cell(panel: GlassPanel, number: int) -> None:
    front = panel.tabs.currentWidget()
    assert isinstance(front, ConvolutionView)
    front.position.setValue(number - 1)


def test_next_and_back_go_cell_by_cell_and_begin_again_after_the_last(panel: GlassPanel) -> None:
    assert where(panel) == "cell 1 of 16"
    for name, cell in [("next", 2), ("next", 3), ("back", 2), ("back", 1), ("back", 1)]:
        click(panel, name)
        assert where(panel) == f"cell {cell} of 16"
    go_to_cell(panel, 15)
    for cell in (16, 1):
        click(panel, "next")
        assert where(panel) == f"cell {cell} of 16"
    click(panel, "play")
    assert panel.transport.playing
    click(panel, "next")
    assert not panel.transport.playing


def test_without_a_conv_block_page_down_leads_nowhere(panel: GlassPanel) -> None:
    QTest.keyClick(panel, Qt.Key.Key_PageDown)
    assert where(panel) == "cell 2 of 16"
    panel.show_specimen(specimen_of(Reshape(), Dense(units=2), Sigmoid()))
    panel.refresh()
    QTest.keyClick(panel, Qt.Key.Key_PageDown)
    assert where(panel) == ""


def test_it_plays_until_one_points_at_the_picture_or_to_the_end(
    panel: GlassPanel, qtbot: QtBot
) -> None:
    speed = named(panel, QComboBox, "glass.speed")
    speed.setCurrentText("fast")
    play = named(panel, QToolButton, "glass.play")
    for name in ("glass.result", "glass.sheet", "glass.factors"):
        go_to_cell(panel, 1)
        click(panel, "play")
        assert play.text() == "❚❚ Pause"
        qtbot.waitUntil(lambda: where(panel) != "cell 1 of 16")
        shown = grid(panel, name)
        QTest.mouseMove(shown, shown.cells().cell(1, 1).center().toPoint())
        qtbot.waitUntil(lambda: not panel.transport.playing)
        assert where(panel) != "cell 16 of 16"
    speed.setFocus()
    while speed.currentText() != "very fast":
        QTest.keyClick(speed, Qt.Key.Key_Down)
    go_to_cell(panel, 14)
    click(panel, "play")
    qtbot.waitUntil(lambda: not panel.transport.playing)
    assert where(panel) == "cell 16 of 16"
    assert play.text() == "▶ Play"


def test_the_segment_that_is_seen_is_marked(panel: GlassPanel, qtbot: QtBot) -> None:
    tabs = panel.tabs.tabBar()

    def is_marked(number: int) -> bool:
        tab, picture = tabs.tabRect(number), tabs.grab().toImage()
        ground = picture.pixelColor(tab.center().x(), tab.top() + 6)
        return ground == tabs.palette().base().color()

    click(panel, "next")
    panel.tabs.setCurrentIndex(1)
    qtbot.waitUntil(partial(is_marked, 1))
    assert not is_marked(0)
    assert where(panel).startswith("cell ")
    click(panel, "play")
    panel.tabs.setCurrentIndex(0)
    qtbot.waitUntil(partial(is_marked, 0))
    assert not panel.transport.playing
    assert where(panel) == "cell 2 of 16"
    panel.resize(190, 480)
    run_events()
    assert tabs.tabRect(1).right() <= tabs.width() <= panel.width(), "all are seen"


def test_it_says_which_weights_and_digit_or_what_lacks(panel: GlassPanel, qtbot: QtBot) -> None:
    specimen = specimen_of(*BLOCKS, samples=samples_of(seed=3))
    panel.show_specimen(specimen)
    panel.refresh()
    assert named(panel, QLabel, "glass.copy").text() == "Snapshot of the weights after epoch 3"
    said = named(panel, QLabel, "glass.sample").text()
    assert said == f"Test image 1 · a 1 · loss {specimen.step.loss.value:.4g}"
    values = grid(panel, "glass.sheet").values()
    np.testing.assert_array_equal(values, samples_of(seed=3).images[0, 0] / 255)
    fresh = named(panel, QToolButton, "glass.fresh")
    for training in (False, True):
        panel.set_training(training)
        assert fresh.isVisible() == training
    with qtbot.waitSignal(panel.fresh.clicked):
        click(panel, "fresh")
    click(panel, "play")
    panel.hide()
    assert not panel.transport.playing
    panel.show()
    click(panel, "play")
    panel.show_specimen(None, "There is no digit.")
    panel.refresh()
    assert not panel.transport.playing
    shown = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert shown == ["There is no digit."]


def test_where_there_is_nothing_to_go_through_nothing_is_offered(panel: GlassPanel) -> None:
    assert panel.transport.isVisible()
    click(panel, "play")
    panel.show_specimen(specimen_of(Reshape(), Dense(units=2), Sigmoid()))
    panel.refresh()
    assert not panel.transport.isVisible()
    assert not panel.transport.playing
    panel.show_specimen(specimen_of(*BLOCKS))
    panel.refresh()
    assert panel.transport.isVisible()
    assert where(panel).endswith("of 16")
    front = panel.tabs.currentWidget()
    assert isinstance(front, ConvolutionView)
    run_events()
    QTest.mouseClick(front.turn, Qt.MouseButton.LeftButton)  # both results are there as a whole
    assert not panel.transport.isVisible()
    QTest.mouseClick(front.turn, Qt.MouseButton.LeftButton)
    assert panel.transport.isVisible()
