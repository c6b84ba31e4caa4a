"""Watched: a panel that says whether anybody can see it."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget


class Watched(QWidget):
    """Emits `watched` when it comes into view and when it goes, for what is only to be seen."""

    watched = Signal(bool)

    def showEvent(self, event: QShowEvent) -> None:
        """Say that somebody looks."""
        super().showEvent(event)
        self.watched.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Say that nobody looks any more."""
        super().hideEvent(event)
        self.watched.emit(False)
