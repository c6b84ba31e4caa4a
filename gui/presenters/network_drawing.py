"""NetworkDrawingPresenter: the living network, and what it is told of the training."""

from PySide6.QtCore import QObject, Slot

from engine.training.step_statistics import StepStatistics
from gui.background.session import Session
from gui.background.view import View
from gui.network_drawing.drawing_view import NetworkDrawing
from gui.widgets.empty_reasons import CHOOSE


class NetworkDrawingPresenter(QObject):
    """Makes the panel and passes on snapshots, gradients and steps.

    A step is seen to run through the network where a person can follow: alone, or at slow speed.
    """

    def __init__(self, view: View, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view, self._session = view, session
        self._batches = 0  # since it rested
        self.panel = NetworkDrawing(view)
        view.project_replaced.connect(self._forget_steps)
        view.stack_changed.connect(self._on_stack)
        view.run_started.connect(self._forget_steps)
        view.was_reset.connect(self._forget_steps)
        view.snapshot_taken.connect(self.panel.show_snapshot)
        session.losses_added.connect(self._count_batches)
        view.steps_observed.connect(self._on_steps)
        session.state_changed.connect(self._on_state)
        view.checkpoint_changed.connect(self._forget_steps)
        view.samples_missing.connect(self._on_missing)

    @Slot()
    def _forget_steps(self) -> None:
        self.panel.show_gradients({})

    @Slot()
    def _on_stack(self) -> None:
        """Forget the gradients of another network."""
        if self._view.changed_since_training:
            self._forget_steps()

    @Slot(object, object)
    def _count_batches(self, _positions: list[float], losses: list[float]) -> None:
        self._batches += len(losses)

    @Slot(object)
    def _on_steps(self, steps: list[tuple[float, StepStatistics]]) -> None:
        if not steps:  # a checkpoint whose next step ends in numbers that are not finite
            return
        position, last = steps[-1]
        checkpoint = self._view.checkpoint
        if checkpoint is not None and position != checkpoint.project.position:
            return  # an earlier checkpoint's, which the drawing does not date
        self.panel.show_gradients({block.slot_id: block.norms.gradient for block in last.blocks})
        if self._view.trains and self._session.speed == "slow":
            self.panel.show_step()

    @Slot(str)
    def _on_state(self, state: str) -> None:
        if state == "Training":  # the news of a single batch may have come before this word
            return
        if self._batches == 1 and self._view.checkpoint is None:
            self.panel.show_step()
        self._batches = 0

    @Slot()
    def _on_missing(self) -> None:
        self.panel.show_snapshot(None, self._view.problem or CHOOSE)
