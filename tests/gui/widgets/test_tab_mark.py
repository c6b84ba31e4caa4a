"""The line at the selected tab: it follows the selection, in the colour of a selection."""

from collections.abc import Callable

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QTabBar
from pytestqt.qtbot import QtBot

from gui.widgets.tab_mark import TabMark


@pytest.fixture
def tabs(qtbot: QtBot) -> QTabBar:
    tabs = QTabBar()
    qtbot.addWidget(tabs)
    for title in ("one", "two", "three"):
        tabs.addTab(title)
    tabs.show()
    qtbot.waitExposed(tabs)
    return tabs


@pytest.mark.parametrize(
    ("shape", "edge"),
    [
        (QTabBar.Shape.RoundedSouth, lambda tabs, tab: tabs.tabRect(tab).bottom()),
        (QTabBar.Shape.RoundedNorth, lambda tabs, tab: tabs.tabRect(tab).top()),
    ],
)
def test_the_selected_tab_has_a_line_at_its_outer_edge(
    qtbot: QtBot, tabs: QTabBar, shape: QTabBar.Shape, edge: Callable[[QTabBar, int], int]
) -> None:
    tabs.setShape(shape)
    mark = TabMark(tabs)  # noqa: F841 - Python must hold it
    highlight = tabs.palette().highlight().color()

    def colour(tab: int) -> QColor:
        at = tabs.tabRect(tab).center()
        return tabs.grab().toImage().pixelColor(at.x(), edge(tabs, tab))

    for chosen in (1, 2, 0):
        tabs.setCurrentIndex(chosen)
        qtbot.waitUntil(lambda tab=chosen: colour(tab) == highlight)  # type: ignore[misc]
        assert all(colour(tab) != highlight for tab in range(3) if tab != chosen)


def test_before_the_bar_is_painted_nothing_of_it_is_covered(tabs: QTabBar) -> None:
    assert TabMark(tabs).geometry().isEmpty()
