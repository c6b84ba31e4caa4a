"""Floating panels: each in a window of its own, with the frame that the desktop gives."""

from collections.abc import Iterable

from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDockWidget

from gui.theme import GRID
from gui.window.title_bar import TitleBar

_WAIT = 100  # ms, to look again whether the mouse was released
_FLAGS = (
    Qt.WindowType.Window
    | Qt.WindowType.CustomizeWindowHint
    | Qt.WindowType.WindowTitleHint
    | Qt.WindowType.WindowSystemMenuHint
    | Qt.WindowType.WindowMaximizeButtonHint
    | Qt.WindowType.WindowCloseButtonHint
)


def float_or_dock(dock: QDockWidget) -> None:
    """Put a panel into a window of its own beside its old place, or back into the window."""
    if dock.isFloating():
        dock.setWindowState(Qt.WindowState.WindowNoState)
        dock.setFloating(False)
        dock.raise_()
        return
    old = QRect(dock.mapToGlobal(QPoint(0, 0)), dock.size())
    free = dock.screen().availableGeometry()
    dock.setFloating(True)
    dock.setGeometry(_within(_beside(old, free), free))


def give_frame(dock: QDockWidget, bar: TitleBar) -> None:
    """Let the desktop draw the frame of a floating panel, once no drag goes on.

    On X11 and Wayland Qt gives it none.
    """
    framed = dock.isFloating() and dock.windowFlags() & _FLAGS == _FLAGS
    bar.show_title(not framed)
    if framed or not dock.isFloating():
        return
    if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
        QTimer.singleShot(_WAIT, dock, lambda: give_frame(dock, bar))
        return
    shown, place = not dock.isHidden(), dock.geometry()
    dock.setWindowFlags(_FLAGS)
    dock.setGeometry(place)
    dock.setVisible(shown)
    bar.show_title(False)


def bring_up(docks: Iterable[QDockWidget]) -> None:
    """Bring floating panels before the window, which comes up after them at the start."""
    for dock in docks:
        if dock.isFloating() and dock.isVisible():
            dock.raise_()


def _within(place: QRect, free: QRect) -> QRect:
    """Move a place into a free room, as far as it fits there."""
    moved = QRect(place)
    moved.moveLeft(max(free.left(), min(place.left(), free.right() - place.width())))
    moved.moveTop(max(free.top(), min(place.top(), free.bottom() - place.height())))
    return moved


def _beside(old: QRect, free: QRect) -> QRect:
    """Return a place to the left or the right of an old one, or else a little below it."""
    left, right = old.translated(-old.width() - GRID, 0), old.translated(old.width() + GRID, 0)
    for place in (left, right):
        if free.left() <= place.left() and place.right() <= free.right():
            return place
    return old.translated(4 * GRID, 4 * GRID)
