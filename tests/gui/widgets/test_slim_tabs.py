"""Tabs with less room beside their titles."""

from PySide6.QtWidgets import QStyleFactory, QTabBar
from pytestqt.qtbot import QtBot

from gui.widgets.slim_tabs import SlimTabs


def test_a_tab_takes_less_room_than_usual_and_is_as_high_as_is_wanted(qtbot: QtBot) -> None:
    tabs = QTabBar()
    qtbot.addWidget(tabs)
    tabs.addTab("Living network")
    sizes = []
    for style in (QStyleFactory.create("Fusion"), SlimTabs(), SlimTabs(60)):
        style.setParent(tabs)
        tabs.setStyle(style)
        sizes.append(tabs.tabSizeHint(0))
    title = tabs.fontMetrics().horizontalAdvance("Living network")
    assert title < sizes[1].width() < sizes[0].width()
    assert sizes[2].height() == 60
