"""NetworkSymptoms: what the last steps of a training, and at rest its units, say of the network."""

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from engine.advice.facts import BlockSymptom
from gui.background.session import Session

if TYPE_CHECKING:
    from engine.inspection.unit_health import UnitHealth
    from engine.training.step_statistics import StepStatistics

_STEPS = 9  # that tell of the gradients


class NetworkSymptoms(QObject):
    """Remembers the last steps of a run, and the `health` of its units while it rests."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.health: UnitHealth | None = None
        self._steps: deque[StepStatistics] = deque(maxlen=_STEPS)
        self._steps_came_first = False  # before the word that their run begins
        self._state = session.state  # that was told; the session may know a newer one
        session.steps_observed.connect(self._on_steps)
        session.state_changed.connect(self._on_state)

    def now(self) -> BlockSymptom | None:
        """Return what is wrong with the gradients or units of a block, if anything is."""
        from gui.panels.diagnosis import diagnose  # brings the engine

        return diagnose(tuple(self._steps), self.health).symptom

    def stuck(self) -> BlockSymptom | None:
        """Return what is wrong with the units of a block, whatever is with its gradients."""
        from gui.panels.diagnosis import diagnose  # brings the engine

        return diagnose((), self.health).symptom

    def begin_run(self) -> None:
        """Forget the steps of the run before."""
        if not self._steps_came_first:
            self._steps.clear()
        self._steps_came_first = False

    def forget(self) -> None:
        """Forget all: other weights take the place of those that it was of."""
        self._steps.clear()
        self._steps_came_first = False
        self.health = None

    @Slot(str)
    def _on_state(self, state: str) -> None:
        self._state = state
        if state == "Training":
            self.health = None

    @Slot(object)
    def _on_steps(self, steps: "list[tuple[float, StepStatistics]]") -> None:
        if self._state not in ("Training", "Paused") and not self._steps_came_first:
            self._steps.clear()
            self._steps_came_first = True
        self._steps.extend(statistics for _, statistics in steps)
