"""How a test shows a widget."""

from typing import TypeVar

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

W = TypeVar("W", bound=QWidget)


def on_screen(qtbot: QtBot, widget: W, width: int, height: int) -> W:
    """Show a widget in a size until the test ends; wait until it is there."""
    qtbot.addWidget(widget)
    widget.resize(width, height)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def activated(qtbot: QtBot, widget: W) -> W:
    """Make the window that is shown the active one."""
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)
    return widget
