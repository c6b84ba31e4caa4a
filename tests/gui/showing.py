"""How a test shows a widget, and what of it is seen."""

from typing import TypeVar

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QImage, QKeyEvent, QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

W = TypeVar("W", bound=QWidget)


class Counter(QObject):
    """Counts the events of one type that come to a widget, such as how often it is painted."""

    def __init__(self, widget: QWidget, of: QEvent.Type) -> None:
        super().__init__(widget)
        self.count, self._of = 0, of
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == self._of
        return False


def on_the_screen(widget: QWidget) -> QImage:
    """Return what was painted last of a widget, where a picture of it would paint it anew."""
    place = QRect(widget.mapTo(widget.window(), QPoint()), widget.size())
    window = widget.screen().grabWindow(widget.window().winId()).toImage()
    return window.copy(place).convertToFormat(QImage.Format.Format_RGB32)


def is_up_to_date(widget: QWidget) -> bool:
    """Return whether what was painted of a widget is what it would paint now."""
    shown = on_the_screen(widget)
    return shown == widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


class Regions(QObject):
    """Joins the regions of a widget that are painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.painted = QRegion()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.painted += event.region()
        return False


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


def is_pale(widget: QWidget) -> bool:
    """Return whether nothing in a widget is black: the ground of a digit is, unless it is pale."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(-1, 4)[:, :3]
    return not (pixels == 0).all(axis=1).any()


def takes(widget: QWidget, key: Qt.Key) -> bool:
    """Press a key; return whether the widget takes it, or leaves it to what lies around."""
    event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)
    return event.isAccepted()
