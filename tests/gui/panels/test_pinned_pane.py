"""The pane of the pinned sample: what gives way where it is low."""

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.panels.predictions import PinnedPane
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
