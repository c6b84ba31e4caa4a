"""Pulse: a glow that runs forward through the network and then back, once for a step."""

from PySide6.QtCore import QObject, QVariantAnimation, Signal, Slot
from PySide6.QtWidgets import QApplication, QStyle

MILLISECONDS = 200
_REACH = 1.6  # stages before and after the front that glow


class Pulse(QObject):
    """Counts from 0 to 1 forward and from 1 to 2 backward; `moved` asks to paint it."""

    moved = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._animation = QVariantAnimation(self, duration=MILLISECONDS)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(2.0)
        self._animation.valueChanged.connect(self._move)
        self._animation.finished.connect(self.moved)

    @property
    def running(self) -> bool:
        """Whether it can be seen now."""
        return self._animation.state() == QVariantAnimation.State.Running

    @property
    def backward(self) -> bool:
        """Whether it is the gradient that runs."""
        return float(self._animation.currentValue()) > 1

    def start(self) -> None:
        """Run once, unless it runs, or the system wants nothing to move."""
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        if not self.running and QApplication.style().styleHint(hint) > 0:
            self._animation.start()

    def stop(self) -> None:
        """End at once."""
        self._animation.stop()

    def strengths(self, stages: int) -> dict[int, float]:
        """Return how strongly stages glow now, by their numbers, from 0 to 1."""
        return strengths(float(self._animation.currentValue()), stages) if self.running else {}

    @Slot()
    def _move(self) -> None:
        self.moved.emit()


def strengths(moment: float, stages: int) -> dict[int, float]:
    """Return how strongly stages glow at a moment from 0 to 2, by their numbers."""
    front = (moment if moment <= 1 else 2 - moment) * (stages - 1)
    near = {number: 1 - abs(number - front) / _REACH for number in range(stages)}
    return {number: strength for number, strength in near.items() if strength > 0}
