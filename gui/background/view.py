"""View: what the panels look at, which is the network as it is now."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from engine.data.dataset import Dataset
from engine.inspection.snapshot import SamplePart
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import ShapeReport, Stack
from gui.background.mailbox import Statistics
from gui.background.session import Session
from gui.document.document import Document


class View(QObject):
    """Stands between what is open and trained, and the panels that look into a network.

    The signals are those of the document and the session, of what is looked at. What controls a
    training, or shows its course, asks the session itself.
    """

    project_replaced = Signal()
    stack_changed = Signal()
    report_changed = Signal(object)  # ShapeReport
    settings_changed = Signal()
    weights_changed = Signal()
    selection_changed = Signal()
    state_changed = Signal()  # whether the weights change all the time may be another
    run_started = Signal()
    was_reset = Signal()
    snapshot_taken = Signal(object)  # Snapshot
    predictions_made = Signal(object)  # Predictions, for the samples that are shown
    steps_observed = Signal(object)  # list of (position in epochs, StepStatistics)
    health_checked = Signal(object)  # UnitHealth
    data_loaded = Signal(object)  # LoadedData
    samples_changed = Signal(object)  # Dataset, or None

    def __init__(self, document: Document, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._session = document, session
        document.project_replaced.connect(self.project_replaced)
        document.stack_changed.connect(self.stack_changed)
        document.report_changed.connect(self.report_changed)
        document.settings_changed.connect(self._on_settings)
        document.weights_changed.connect(self._on_weights)
        document.selection_changed.connect(self.selection_changed)
        session.state_changed.connect(self._on_state)
        session.run_started.connect(self.run_started)
        session.was_reset.connect(self.was_reset)
        session.snapshot_taken.connect(self.snapshot_taken)
        session.predictions_made.connect(self.predictions_made)
        session.steps_observed.connect(self.steps_observed)
        session.health_checked.connect(self.health_checked)
        session.data_loaded.connect(self.data_loaded)
        session.samples_changed.connect(self.samples_changed)

    # --- the network -------------------------------------------------------------------------

    def project(self) -> Project:
        """Return the network that is looked at, with what it has learned."""
        return self._document.project()

    @property
    def stack(self) -> Stack:
        """Its blocks, in order."""
        return self._document.stack

    @property
    def settings(self) -> Settings:
        """The settings that it is trained by."""
        return self._document.settings

    @property
    def report(self) -> ShapeReport:
        """What the shape check says of it."""
        return self._document.report

    @property
    def selected(self) -> int | None:
        """The id of the selected slot; with several, of the one that was chosen last."""
        return self._document.selected

    @property
    def selection(self) -> tuple[int, ...]:
        """The ids of all selected slots, in the order of the stack."""
        return self._document.selection

    def select(self, slot_id: int | None) -> None:
        """Select a slot alone, or none."""
        self._document.select(slot_id)

    @property
    def trains(self) -> bool:
        """Whether its weights change all the time."""
        return self._session.state == "Training"

    @property
    def changed_since_training(self) -> bool:
        """Whether something was learned by another network than this one, which does not train."""
        return self._document.changed_since_training and not self.trains

    # --- the samples -------------------------------------------------------------------------

    @property
    def samples(self) -> Dataset | None:
        """The samples that are shown; None: there are none."""
        return self._session.samples

    @property
    def pinned(self) -> int | None:
        """The one of them that is pinned; None: something else is, or nothing."""
        return self._session.pinned

    def pin(self, index: int) -> None:
        """Pin another of the shown samples; one that is not among them is not pinned."""
        self._session.pin(index)

    def pin_of(self, samples: Dataset, index: int, part: SamplePart = "test") -> None:
        """Pin one of some samples, which may also be the training samples."""
        self._session.pin_of(samples, index, part)

    def pin_drawing(self, image: NDArray[np.uint8]) -> None:
        """Pin an image (channels, h, w) that is none of the samples; it is not written to again."""
        self._session.pin_drawing(image)

    def show_samples(self, samples: Dataset) -> None:
        """Show other samples in the predictions, scaled as the training data, which stays."""
        self._session.show_samples(samples)

    def watch(self, indices: NDArray[np.intp]) -> None:
        """Have some of the shown samples predicted first, or more often: they are in view."""
        self._session.watch(indices)

    def want_statistics(self, wanted: Statistics) -> None:
        """Be told of steps and unit health from now on, or no longer."""
        self._session.want_statistics(wanted)

    # -----------------------------------------------------------------------------------------

    @Slot()
    def _on_settings(self) -> None:
        self.settings_changed.emit()

    @Slot()
    def _on_weights(self) -> None:
        self.weights_changed.emit()

    @Slot()
    def _on_state(self) -> None:
        self.state_changed.emit()
