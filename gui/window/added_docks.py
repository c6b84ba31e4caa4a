"""A panel that a layout of an earlier version of the program does not know."""

from collections.abc import Sequence

from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar


def stand_behind(window: QMainWindow, dock: QDockWidget, others: Sequence[QDockWidget]) -> None:
    """Put a dock behind those of its place that are there; if none is, close it."""
    there = [other for other in others if not other.isHidden() and not other.isFloating()]
    if not there:
        dock.hide()
        return
    front = _in_front(window, there)
    window.tabifyDockWidget(there[-1], dock)
    dock.show()
    front.raise_()


def _in_front(window: QMainWindow, docks: Sequence[QDockWidget]) -> QDockWidget:
    """Return which of the docks is in front in the place of the last one, by its tabs."""
    by_title = {dock.windowTitle(): dock for dock in docks}
    for tabs in window.findChildren(QTabBar):
        titles = [tabs.tabText(tab) for tab in range(tabs.count())]
        if docks[-1].windowTitle() in titles:
            return by_title.get(titles[tabs.currentIndex()], docks[-1])
    return docks[-1]
