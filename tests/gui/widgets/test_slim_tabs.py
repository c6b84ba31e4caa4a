"""Tabs with less room beside their titles."""

from PySide6.QtWidgets import QStyleFactory, QTabBar
from pytestqt.qtbot import QtBot

from gui.widgets.slim_tabs import SlimTabs


def test_a_tab_takes_less_room_than_usual(qtbot: QtBot) -> None:
    tabs, usual, slim = QTabBar(), QStyleFactory.create("Fusion"), SlimTabs()
    qtbot.addWidget(tabs)
    tabs.addTab("Living network")
    widths = []
    for style in (usual, slim):
        tabs.setStyle(style)
        widths.append(tabs.tabSizeHint(0).width())
    title = tabs.fontMetrics().horizontalAdvance("Living network")
    assert title < widths[1] < widths[0]


def test_a_tab_is_as_high_as_is_wanted(qtbot: QtBot) -> None:
    tabs, slim = QTabBar(), SlimTabs(60)
    qtbot.addWidget(tabs)
    tabs.addTab("Living network")
    tabs.setStyle(slim)
    assert tabs.tabSizeHint(0).height() == 60
