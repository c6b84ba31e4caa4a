"""WaitingKeys: the keys of what waits for the end of training say so."""

from PySide6.QtCore import QKeyCombination, QObject, Slot
from PySide6.QtGui import QAction

from gui.document.document import Document
from gui.widgets.actions import disabled_action
from gui.widgets.messages import MessageBar


class WaitingKeys(QObject):
    """Tells while training runs why keys do nothing; a disabled menu entry tells by its tooltip."""

    def __init__(self, document: Document, messages: MessageBar, window: QObject) -> None:
        super().__init__(window)
        self._document, self._messages, self._window = document, messages, window
        self._told = ""
        document.locked_changed.connect(self._on_locked)

    def explain(self, keys: QKeyCombination) -> None:
        """Say what keys wait for that nothing in the window has taken."""
        if not self._document.locked:
            return
        waiting = disabled_action(self._window.findChildren(QAction), keys)
        if waiting is not None:
            self._told = waiting.toolTip()
            self._messages.show_error(self._told)

    @Slot(bool)
    def _on_locked(self, locked: bool) -> None:
        """Take it back when nothing waits any more."""
        if not locked:
            self._messages.take_back(self._told)
