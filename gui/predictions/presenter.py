"""PredictionsPresenter: the test samples, what the network predicts, and which sample is pinned."""

import numpy as np
from PySide6.QtCore import Slot

from gui.predictions.panel import PredictionsPanel
from gui.widgets.empty_state import until_it_predicts
from gui.widgets.prediction_model import Rows
from gui.workspace.context import Context, Presenter


class PredictionsPresenter(Presenter):
    """Makes the predictions panel, and tells it of samples, outputs, snapshots and the pin."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.panel = PredictionsPanel()
        self._in_view: Rows = np.empty(0, dtype=np.intp)
        store = self._view.store
        store.watch(lambda s: s.document.opened, self.panel.filters.show_all)
        store.show(lambda s: until_it_predicts(s.report), self.panel.set_obstacle)
        store.watch(lambda s: (s.samples, s.problem), self._on_samples)
        store.watch(lambda s: s.pinned, self._mark_pinned)
        store.watch(lambda s: s.seen.snapshot, self._on_snapshot)
        store.watch(lambda s: s.report, self._on_report)
        store.watch(lambda s: s.seen.predictions, self._on_predictions)
        store.watch(lambda s: s.checkpoint, self._on_checkpoint)
        store.watch(lambda s: s.run.progress, self._tell_in_view)
        self.panel.sample_pinned.connect(self._view.pin)
        self.panel.nothing_found.connect(self._show_answer)

    @Slot(int, int)
    def show_confused(self, true: int, predicted: int) -> None:
        """Show the samples of a class that are taken for another, where they can be looked at."""
        self._show_view("Predictions")
        self.panel.show_confused(true, predicted)
        self.panel.grid.setFocus()

    def _on_samples(self) -> None:
        self.panel.set_samples(self._view.state.samples, self._view.state.problem)
        self._forget_in_view()
        self._mark_pinned()

    def _mark_pinned(self) -> None:
        self.panel.set_pinned(self._view.state.pinned)

    def _on_snapshot(self) -> None:
        snapshot = self._view.state.seen.snapshot
        if snapshot is not None:
            self.panel.show_snapshot(snapshot)

    @Slot()
    def _on_checkpoint(self) -> None:
        """Say anew what is in view: another thread has to know it."""
        self._forget_in_view()
        if self._view.state.checkpoint is not None:
            self._tell_in_view()

    def _forget_in_view(self) -> None:
        self._in_view = np.empty(0, dtype=np.intp)

    def _on_report(self) -> None:
        if not self._view.state.report.predicts:  # there is no network to ask
            self.panel.set_outputs(None)

    def _on_predictions(self) -> None:
        state = self._view.state
        made, changed = state.seen.predictions, state.changed_since_training
        if made is not None and state.report.predicts:
            self.panel.set_outputs(made.outputs, made.position, changed)

    def _tell_in_view(self) -> None:
        """Have the samples that can be seen predicted more often beside the training."""
        in_view = self.panel.in_view()
        if not np.array_equal(in_view, self._in_view):
            self._in_view = in_view
            self._view.watch(in_view)

    @Slot()
    def _show_answer(self) -> None:
        if not self.panel.isVisible():
            self._show_view("Predictions")
