"""A monkey at the window: random clicks, keys and drags under a seed."""

import random

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from gui.main_window import MainWindow

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
KEYS = (
    *(Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Delete, Qt.Key.Key_Space),
    *(Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Backspace),
    *(Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
    *(Qt.Key.Key_0, Qt.Key.Key_1, Qt.Key.Key_7, Qt.Key.Key_Minus, Qt.Key.Key_Period),
    *(Qt.Key.Key_A, Qt.Key.Key_E, Qt.Key.Key_X),
    *(Qt.Key.Key_F1, Qt.Key.Key_F2, Qt.Key.Key_F5, Qt.Key.Key_F6, Qt.Key.Key_F7, Qt.Key.Key_F8),
    Qt.Key.Key_F9,
)
CONTROL_KEYS = tuple(getattr(Qt.Key, f"Key_{letter}") for letter in "ZYCXVDANLE")
MODIFIERS = (
    *(Qt.KeyboardModifier.NoModifier,) * 8,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


class Monkey(QObject):
    """Makes one move after the other, also while a menu is open or something is dragged.

    Each move is made from a timer of its own, so that one that opens an event loop, as a drag
    does, does not keep the next from coming.
    """

    done = Signal()

    def __init__(self, window: MainWindow, seed: int, moves: int) -> None:
        super().__init__(window)
        self._window, self._dice, self.left = window, random.Random(seed), moves
        self._dragged: QWidget | None = None
        self._steps = 0

    def move(self) -> None:
        """Make a move and plan the next."""
        if self.left <= 0 and self._dragged is None:
            while (popup := QApplication.activePopupWidget()) is not None:
                popup.close()
            self.done.emit()
            return
        self.left -= 1
        QTimer.singleShot(self._dice.choice((0, 0, 0, 5, 20)), self, self.move)
        if not self._window.isVisible():
            self._window.show()
        if self._dragged is not None:
            self._drag_on(self._dragged)
            return
        widget = self._somewhere()
        match self._dice.randrange(10):
            case 0 | 1 | 2 | 3:
                button = RIGHT if self._dice.random() < 0.1 else LEFT
                QTest.mouseClick(widget, button, self._modifier(), self._point(widget))
            case 4:
                QTest.mouseDClick(widget, LEFT, pos=self._point(widget))
            case 5:
                self._dragged, self._steps = widget, self._dice.randint(1, 6)
                QTest.mousePress(widget, LEFT, pos=self._point(widget))
            case 6 | 7 | 8:
                focus = QApplication.activePopupWidget() or QApplication.focusWidget() or widget
                QTest.keyClick(focus, self._dice.choice(KEYS), self._modifier())
            case _:
                focus = QApplication.activePopupWidget() or QApplication.focusWidget() or widget
                control = Qt.KeyboardModifier.ControlModifier
                QTest.keyClick(focus, self._dice.choice(CONTROL_KEYS), control)

    def _drag_on(self, widget: QWidget) -> None:
        try:
            at = self._point(widget)
        except RuntimeError:  # it is no more
            self._dragged = None
            return
        self._steps -= 1
        if self._steps > 0:
            QTest.mouseMove(widget, at)
        else:
            self._dragged = None
            QTest.mouseRelease(widget, LEFT, pos=at)

    def _somewhere(self) -> QWidget:
        top = QApplication.activePopupWidget() or QApplication.activeModalWidget() or self._window
        inside = [each for each in top.findChildren(QWidget) if _is_seen(each)]
        return self._dice.choice(inside) if inside else top

    def _point(self, widget: QWidget) -> QPoint:
        width, height = max(1, widget.width()), max(1, widget.height())
        return QPoint(self._dice.randrange(width), self._dice.randrange(height))

    def _modifier(self) -> Qt.KeyboardModifier:
        return self._dice.choice(MODIFIERS)


def _is_seen(widget: QWidget) -> bool:
    """Return whether a person could click it; Qt keeps unused tab bars outside of the window."""
    return widget.isVisible() and not widget.visibleRegion().isEmpty()
