"""Startup: makes what a new window lacks, once the window can be seen."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget


class Startup(QObject):
    """Takes the steps that complete a window, one with each turn of the event loop.

    They begin when the window has been painted, so that it is there the sooner. For a window that
    is never shown they begin at once. `done` is emitted after the last.
    """

    done = Signal()

    def __init__(self, window: QWidget, steps: Iterable[Callable[[], object]]) -> None:
        super().__init__(window)
        self._window, self._steps = window, iter(steps)
        self._painted = self.ended = False
        self._timer = QTimer(self, interval=0, singleShot=True)
        self._timer.timeout.connect(self._go_on)
        self._timer.start()
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait for the first painting."""
        if event.type() == QEvent.Type.Paint:
            self._painted = True
            self._window.removeEventFilter(self)
            self._timer.start()
        return False

    def finish(self) -> None:
        """Take all steps that are left, now: what they make is needed."""
        while not self.ended:
            self._take_step()

    def stop(self) -> None:
        """Take no step any more: the window closes."""
        self._timer.stop()
        self._window.removeEventFilter(self)
        self.ended = True

    @Slot()
    def _go_on(self) -> None:
        if self._painted or not self._window.isVisible():
            self._take_step()

    def _take_step(self) -> None:
        step = next(self._steps, None)
        if step is None:
            self.stop()
            self.done.emit()
        else:
            self._timer.start()  # first, so that the others are taken even if this one fails
            step()
