"""VisibilityNotifier: a panel that says whether it can be seen."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget


class VisibilityNotifier(QWidget):
    """Emits `visibility_changed` when it comes into view and when it is out of view again.

    For what costs something and is only to be seen.
    """

    visibility_changed = Signal(bool)

    def showEvent(self, event: QShowEvent) -> None:
        """Say that it can be seen."""
        super().showEvent(event)
        self.visibility_changed.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Say that it can no longer be seen."""
        super().hideEvent(event)
        self.visibility_changed.emit(False)
