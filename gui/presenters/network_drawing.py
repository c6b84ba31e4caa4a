"""NetworkDrawingPresenter: the living network, and what it is told of the training."""

from PySide6.QtCore import Slot

from gui.network_drawing.drawing_view import NetworkDrawing
from gui.widgets.empty_state import CHOOSE
from gui.workspace.context import Context, Presenter


class NetworkDrawingPresenter(Presenter):
    """Makes the panel and passes on snapshots, gradients and steps.

    A step is seen to run through the network where a person can follow: alone, or at slow speed.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._batches = 0  # since it rested
        self.panel = NetworkDrawing(self._view)
        store = self._view.store
        store.watch(lambda s: (s.seen.snapshot, s.sees_nothing, s.problem), self._show_snapshot)
        store.watch(
            lambda s: (s.seen.steps, s.checkpoint, s.changed_since_training), self._show_gradients
        )
        store.watch(lambda s: s.run.phase, self._on_phase)
        self._session.losses_added.connect(self._count_batches)

    @Slot(object, object)
    def _count_batches(self, _positions: list[float], losses: list[float]) -> None:
        self._batches += len(losses)

    def _show_gradients(self) -> None:
        """Show the gradients of the last step, if it was one of the network that is looked at.

        The step of an earlier checkpoint is not shown: the drawing does not date it.
        """
        state = self._view.state
        steps, checkpoint = state.seen.steps, state.checkpoint
        if steps and checkpoint is not None and steps[-1][0] != checkpoint.project.position:
            steps = None
        if not steps or state.changed_since_training:
            self.panel.show_gradients({})
            return
        blocks = steps[-1][1].blocks
        self.panel.show_gradients({block.slot_id: block.norms.gradient for block in blocks})
        if state.trains and state.run.speed == "slow":
            self.panel.show_step()

    def _on_phase(self) -> None:
        if self._view.state.trains:  # a single batch may have come before this word
            return
        if self._batches == 1 and self._view.state.checkpoint is None:
            self.panel.show_step()
        self._batches = 0

    def _show_snapshot(self) -> None:
        state = self._view.state
        if state.seen.snapshot is not None or state.sees_nothing:
            self.panel.show_snapshot(state.seen.snapshot, state.problem or CHOOSE)
