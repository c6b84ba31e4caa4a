"""MemoryLabel: how much memory the program takes."""

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QWidget

from gui.theme import set_muted

PERIOD = 2_000  # ms
MEGABYTE = 1_000_000


class MemoryLabel(QLabel):
    """Shows the resident memory of this process, anew every two seconds while it is seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("memory")
        self.setAccessibleName("Memory that the program takes")
        self.setToolTip("The memory that Layerscope takes now, libraries included")
        set_muted(self)
        self._timer = QTimer(self, interval=PERIOD)
        self._timer.timeout.connect(self._measure)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to measure when it can be seen."""
        super().showEvent(event)
        self._measure()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Measure no more."""
        self._timer.stop()
        super().hideEvent(event)

    @Slot()
    def _measure(self) -> None:
        import psutil  # takes 15 ms

        taken = psutil.Process().memory_info().rss / MEGABYTE
        self.setText(f"Memory: {taken:,.0f} MB")
