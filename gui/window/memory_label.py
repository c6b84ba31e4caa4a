"""MemoryLabel: how much memory the program takes."""

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QWidget

from gui.theme import set_muted

PERIOD = 2_000  # ms
SOON = 300  # ms; when the window is there
MEGABYTE = 1_000_000


class MemoryLabel(QLabel):
    """Shows the resident memory of this process, anew every two seconds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("memory")
        self.setAccessibleName("Memory that the program takes")
        self.setToolTip("The memory that Layerscope takes now, libraries included")
        set_muted(self)
        self._timer = QTimer(self, interval=SOON)
        self._timer.timeout.connect(self._measure)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to measure when it can be seen."""
        super().showEvent(event)
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _measure(self) -> None:
        import psutil  # takes 15 ms

        self._timer.setInterval(PERIOD)
        self.setText(f"{psutil.Process().memory_info().rss / MEGABYTE:,.0f} MB")
