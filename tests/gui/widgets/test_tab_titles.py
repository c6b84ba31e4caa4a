"""Titles of tabs: whole where there is little room, as usual where there is enough."""

import gc
from weakref import WeakSet

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QTabBar
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from gui.widgets.tab_titles import TabTitles
from tests.gui.showing import on_screen

TITLES = ("Predictions", "Confusion matrix", "Draw", "Data")


def test_a_bar_that_is_gone_before_its_titles_are_fitted_is_freed(qtbot: QtBot) -> None:
    tabs = QTabBar()
    tabs.addTab("One")
    left = WeakSet[QObject]([tabs, TabTitles(tabs)])
    on_screen(qtbot, tabs, 300, 30)
    tabs.repaint()  # they are to be fitted, but Qt deletes bars as it likes
    delete(tabs)
    del tabs
    gc.collect()
    assert len(left) == 0
