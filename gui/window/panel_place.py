"""PanelPlace: the place of a panel that is made later."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget


class PanelPlace(QWidget):
    """Keeps the place and the size of a panel that is made later, and till then its name.

    The panel is made when it is asked to be, or else as soon as the place has been seen.
    """

    def __init__(self, name: str, title: str, make: Callable[[], QWidget]) -> None:
        super().__init__()
        self._make = make
        self._filled = False
        self._panel: QWidget | None = None
        self.setObjectName(name)
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)

    @Slot()
    def fill(self) -> None:
        """Make the panel and put it here, unless it is here; its name is its own from now on."""
        if self._filled:
            return
        self._filled = True
        self._panel = self._make()
        self.setObjectName("")
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self._panel)

    def panel(self) -> QWidget:
        """Return the panel, which is made now if need be."""
        self.fill()
        assert self._panel is not None
        return self._panel

    def paintEvent(self, event: QPaintEvent) -> None:
        """Have the panel made: its place is seen. It must not delay this painting."""
        super().paintEvent(event)
        if not self._filled:
            QTimer.singleShot(0, self, self.fill)
