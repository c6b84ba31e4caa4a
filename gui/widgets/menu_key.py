"""Shift+F10: the other key for the menu of what has the focus, which not every system has."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QContextMenuEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget


class MenuKey(QObject):
    """Asks what has the focus in a window for its menu, as Qt does for the Menu key."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        QShortcut(QKeySequence("Shift+F10"), window, self._ask)

    @Slot()
    def _ask(self) -> None:
        widget = QApplication.focusWidget()
        if widget is not None:
            middle = widget.rect().center()
            reason = QContextMenuEvent.Reason.Keyboard
            event = QContextMenuEvent(reason, middle, widget.mapToGlobal(middle))
            QApplication.sendEvent(widget, event)
