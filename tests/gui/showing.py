"""How a test shows a widget, and what of it is seen."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
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
    return not (rgb(widget.grab().toImage()) == 0).all(axis=2).any()


def rgb(image: QImage) -> NDArray[np.uint8]:
    """Copy the pixels of an image (h, w, 3): red, green and blue."""
    image = image.convertToFormat(QImage.Format.Format_RGBX8888)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return pixels[..., :3].copy()


def has_colour(image: QImage, colour: str | QColor) -> NDArray[np.bool_]:
    """Return which pixels (h, w) of an image have a colour."""
    wanted = QColor(colour)
    found: NDArray[np.bool_]
    found = (rgb(image) == (wanted.red(), wanted.green(), wanted.blue())).all(axis=2)
    return found


def colours_in(image: QImage) -> set[str]:
    """Return the names of all colours in an image."""
    return {QColor(*each).name() for each in np.unique(rgb(image).reshape(-1, 3), axis=0).tolist()}


def hover(widget: QWidget, at: QPoint) -> None:
    """Move the mouse to a place of a widget, whichever windows lie over it."""
    kind, none = QEvent.Type.MouseMove, Qt.MouseButton.NoButton
    place, on_the_desk = QPointF(at), QPointF(widget.mapToGlobal(at))
    no_key = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QMouseEvent(kind, place, on_the_desk, none, none, no_key))


def takes(widget: QWidget, key: Qt.Key) -> bool:
    """Press a key; return whether the widget takes it, or leaves it to what lies around."""
    event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def tooltip_at(widget: QWidget, place: QPoint) -> str:
    """Let the pointer rest at a place of a widget, and return the tooltip that it shows there."""
    event = QHelpEvent(QEvent.Type.ToolTip, place, widget.mapToGlobal(place))
    QApplication.sendEvent(widget, event)
    return QToolTip.text() if event.isAccepted() else ""


def turn_wheel(
    widget: QWidget,
    place: QPointF,
    steps: int,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> bool:
    """Turn the wheel over a place of a widget; return whether the widget takes that."""
    nothing, turned = QPoint(), QPoint(0, 120 * steps)
    none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(place, widget.mapToGlobal(place), nothing, turned, none, keys, phase, False)
    QApplication.sendEvent(widget, event)
    return event.isAccepted()
