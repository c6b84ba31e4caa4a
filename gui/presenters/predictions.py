"""PredictionsPresenter: the test samples, what the network predicts, and which sample is pinned."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from engine.data.dataset import Dataset
from engine.inspection.snapshot import SamplePart
from gui.background.mailbox import Predictions
from gui.background.session import Session
from gui.background.view import View
from gui.panels.predictions import PredictionsPanel
from gui.widgets.empty_reasons import until_it_predicts
from gui.widgets.prediction_model import Rows


class PredictionsPresenter(QObject):
    """Makes the predictions panel, and tells it of samples, outputs, snapshots and the pin.

    `panel_wanted` carries the title of a panel that is to be brought into view, `outputs_changed`
    the outputs for all samples, after how many epochs they are so, or None, and whether the
    network was changed since, `pinned` the sample
    that is looked at in all panels, or None for a drawing, `other_pinned` then place and part of
    one that is among the training samples, `obstacle_changed` until when nothing is predicted, in
    words.
    """

    panel_wanted = Signal(str)
    outputs_changed = Signal(object, object, bool)
    pinned = Signal(object)
    other_pinned = Signal(int, str)
    obstacle_changed = Signal(str)

    def __init__(self, view: View, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self.panel = PredictionsPanel()
        self._in_view: Rows = np.empty(0, dtype=np.intp)
        view.report_changed.connect(self._on_report)
        view.project_replaced.connect(self.panel.filters.show_all)
        view.snapshot_taken.connect(self.panel.show_snapshot)
        view.predictions_made.connect(self._on_predictions)
        session.progress_made.connect(self._tell_in_view)
        view.checkpoint_changed.connect(self._on_checkpoint)
        view.samples_changed.connect(self._on_samples)
        view.pin_changed.connect(self._tell_pinned)
        self.panel.sample_pinned.connect(self.pin)
        self.panel.nothing_found.connect(self._show_answer)
        self.pinned.connect(self.panel.set_pinned)
        self.outputs_changed.connect(self.panel.set_outputs)
        self.obstacle_changed.connect(self.panel.set_obstacle)
        self._tell_obstacle()

    @Slot(int)
    def pin(self, index: int) -> None:
        """Pin a sample in all panels."""
        self._view.pin(index)
        self.pinned.emit(self._view.pinned)

    @Slot(object, int, str)
    def pin_of(self, samples: Dataset, index: int, part: SamplePart) -> None:
        """Pin one of some samples in all panels, be it one of the training samples."""
        self._view.pin_of(samples, index, part)
        self.pinned.emit(self._view.pinned)
        if self._view.pinned is None:
            self.other_pinned.emit(index, part)

    @Slot(object)
    def pin_drawing(self, image: NDArray[np.uint8]) -> None:
        """Pin a drawing (channels, h, w) in all panels."""
        had = self._view.pinned
        self._view.pin_drawing(image)
        if self._view.pinned != had:
            self.pinned.emit(self._view.pinned)

    @Slot(int, int)
    def show_confused(self, true: int, predicted: int) -> None:
        """Show the samples of a class that are taken for another, where they can be looked at."""
        self.panel_wanted.emit("Predictions")
        self.panel.show_confused(true, predicted)
        self.panel.grid.setFocus()

    @Slot(object)
    def _on_samples(self, samples: Dataset | None) -> None:
        self.panel.set_samples(samples, self._view.problem)
        self._forget_in_view()
        self._tell_pinned()

    @Slot()
    def _tell_pinned(self) -> None:
        """Say which sample is pinned, or which of the training samples."""
        self.pinned.emit(self._view.pinned)
        other = self._view.pinned_sample
        if self._view.samples is not None and other is not None and other.part != "test":
            self.other_pinned.emit(other.index, other.part)

    @Slot()
    def _on_checkpoint(self) -> None:
        """Say anew what is in view: another thread has to know it."""
        self._forget_in_view()
        if self._view.checkpoint is not None:
            self._tell_in_view()

    def _forget_in_view(self) -> None:
        self._in_view = np.empty(0, dtype=np.intp)

    @Slot()
    def _on_report(self) -> None:
        if not self._view.report.predicts:  # there is no network to ask
            self.outputs_changed.emit(None, None, False)
        self._tell_obstacle()

    @Slot(object)
    def _on_predictions(self, predictions: Predictions) -> None:
        """Show outputs; where only those in view are new, nothing is counted over all of them."""
        outputs, position = predictions.outputs, predictions.position
        changed = self._view.changed_since_training
        if predictions.watched_position is None:
            self.outputs_changed.emit(outputs, position, changed)
        else:
            self.panel.set_outputs(outputs, position, changed)

    @Slot()
    def _tell_in_view(self) -> None:
        """Have the samples that can be seen predicted more often beside the training."""
        in_view = self.panel.in_view()
        if not np.array_equal(in_view, self._in_view):
            self._in_view = in_view
            self._view.watch(in_view)

    def _tell_obstacle(self) -> None:
        self.obstacle_changed.emit(until_it_predicts(self._view.report))

    @Slot()
    def _show_answer(self) -> None:
        if not self.panel.isVisible():
            self.panel_wanted.emit("Predictions")
