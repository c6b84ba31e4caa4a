"""The pane of the pinned sample: what gives way where it is low."""

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.data.dataset import Dataset
from gui.panels.predictions import PinnedPane, PredictionsPanel
from tests.gui.showing import on_screen


@pytest.mark.parametrize(("height", "card", "legend"), [(300, 1, 1), (120, 1, 0), (70, 0, 0)])
def test_a_low_pane_leaves_out_the_legend_and_then_the_card(
    qtbot: QtBot, height: int, card: bool, legend: bool
) -> None:
    pane = on_screen(qtbot, PinnedPane(), 130, 300)
    grey = np.zeros((1, 28, 28), dtype=np.uint8)
    pane.show_sample(3, grey, "7", np.linspace(0, 1, 10), tuple("0123456789"))
    pane.setMinimumHeight(1)
    pane.resize(130, height)
    QApplication.processEvents()
    assert (pane.sample.isVisible(), pane.legend.isVisible()) == (bool(card), bool(legend))
    assert pane.bars.geometry().bottom() <= pane.height()
    if card:
        assert pane.sample.geometry().bottom() < pane.bars.geometry().top()


def test_a_narrow_panel_gives_names_as_much_room_as_images(qtbot: QtBot) -> None:
    panel = on_screen(qtbot, PredictionsPanel(), 480, 330)
    panel.setMinimumSize(1, 1)  # as in a dock
    panel.resize(340, 200)
    images, names = np.zeros((4, 3, 8, 8), np.uint8), ("red square", "circle")
    few = Dataset(images, np.arange(4) % 2, (0, 1), class_names=names)
    panel.set_samples(few)
    panel.refresh()
    QApplication.processEvents()
    assert panel.pane.width() == pytest.approx(panel.grid.width(), abs=8)
    panel.resize(900, 400)
    QApplication.processEvents()
    assert panel.grid.width() > 1.3 * panel.pane.width()
