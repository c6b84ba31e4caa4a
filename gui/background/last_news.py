"""LastNews: what the session told last, for panels that were not listening then."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from engine.inspection.snapshot import Sample, Snapshot
from gui.background.mailbox import LoadedData, Predictions
from gui.background.session import Session

if TYPE_CHECKING:
    from engine.inspection.unit_health import UnitHealth
    from engine.training.step_statistics import StepStatistics


class LastNews(QObject):
    """Keeps the newest of each kind of news, as long as it holds."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sample: Sample | None = None  # that is pinned
        self.clear()
        session.snapshot_taken.connect(self._on_snapshot)
        session.predictions_made.connect(self._on_predictions)
        session.steps_observed.connect(self._on_steps)
        session.health_checked.connect(self._on_health)
        session.run_started.connect(self._forget_steps)
        session.was_reset.connect(self._forget_steps)
        session.data_loaded.connect(self._on_data)
        session.samples_changed.connect(self._forget_predictions)

    def clear(self) -> None:
        """Forget all: another project was opened."""
        self.snapshot: Snapshot | None = None
        self.predictions: Predictions | None = None
        self.health: UnitHealth | None = None
        self.steps: list[tuple[float, StepStatistics]] = []

    @Slot(object)
    def _on_snapshot(self, snapshot: Snapshot) -> None:
        self.snapshot, self.sample = snapshot, snapshot.sample

    @Slot(object)
    def _on_predictions(self, predictions: Predictions) -> None:
        self.predictions = predictions

    @Slot(object)
    def _on_steps(self, steps: "list[tuple[float, StepStatistics]]") -> None:
        self.steps = steps

    @Slot(object)
    def _on_health(self, health: "UnitHealth") -> None:
        self.health = health

    @Slot()
    def _forget_steps(self) -> None:
        self.steps = []

    @Slot()
    def _forget_predictions(self) -> None:
        self.predictions = None

    @Slot(object)
    def _on_data(self, data: LoadedData) -> None:
        if data.test is None:
            self.snapshot = None
