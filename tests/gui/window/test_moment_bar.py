"""The bar of a moment of the past."""

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.window.moment_bar import MomentBar
from tests.gui.showing import Counter, on_screen


def test_nothing_is_laid_out_anew_for_another_moment(qtbot: QtBot, qapp: QApplication) -> None:
    bar = on_screen(qtbot, MomentBar(), 500, 30)
    bar.show_moment(("Epoch 9",), "a tip")
    qapp.processEvents()
    layouts = Counter(bar, QEvent.Type.LayoutRequest)
    bar.show_moment(("Epoch 10 of a run",), "a tip")
    qapp.processEvents()
    assert layouts.count == 0
    assert bar.text.written() == "Epoch 10 of a run"
