"""View: what the panels look at: the network as it is now, or a checkpoint of a kept run."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from engine.data.dataset import Dataset
from engine.errors import LostDataError
from engine.inspection.snapshot import Sample, SamplePart
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import ShapeReport, Stack
from gui.background.mailbox import LoadedData, Statistics
from gui.background.session import Session
from gui.document.document import Document

if TYPE_CHECKING:
    from engine.runs.data_place import OwnData
    from engine.runs.run_folder import Run
    from gui.background.checkpoint_inspector import CheckpointData, CheckpointInspector, FirstLook
    from gui.background.present import Present
    from gui.background.shown_checkpoint import ShownCheckpoint


class View(QObject):
    """Stands between what is open and trained, and the panels that look into a network.

    The signals are those of the document and the session, as long as `checkpoint` is None. In a
    checkpoint they are of the network of that time alone: what comes of the present meanwhile is
    published on the way back. What controls a training, or shows its course, asks the
    session itself. Neither the document nor the training notices any of it.
    """

    wished = Signal(object, int)  # Run, and the epoch of it that somebody wants to look at
    checkpoint_changed = Signal(object)  # ShownMoment, or None: the present
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
    kernels_taken = Signal(object)  # Snapshot of an empty image, where there is none to be seen
    predictions_made = Signal(object)  # Predictions, for the samples that are shown
    steps_observed = Signal(object)  # list of (position, StepStatistics); in a moment up to one
    health_checked = Signal(object)  # UnitHealth
    samples_changed = Signal(object)  # Dataset, or None
    samples_missing = Signal()  # there is nothing to look at; `problem` may say why
    pin_changed = Signal()  # without a click: another checkpoint has not what was pinned
    failed = Signal(str)

    def __init__(self, document: Document, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._session = document, session
        self.checkpoint: ShownCheckpoint | None = None
        self.listed_runs: Sequence[Run] = ()
        self.data: CheckpointData | None = None  # of the checkpoint
        self.places: dict[OwnData, str] = {}  # of the data of runs, as the user has said
        self._sample: Sample | None = None  # that is pinned in the checkpoint
        self._wished: Sample | None = None  # to be pinned; not every checkpoint has it
        self._selected: int | None = None  # slot id in the checkpoint
        self._wanted: Statistics = frozenset()
        document.project_replaced.connect(self._on_project)
        session.data_loaded.connect(self._on_data)
        session.samples_changed.connect(self.look_again)
        self._pass_on(True)

    @property
    def present(self) -> "Present":
        """What the window has now that runs may be looked at with."""
        from gui.background.present import Present

        places = dict(self.places)
        session = self._session
        known = session.data, session.samples, self.listed_runs, places
        return Present(*known, session.may_read)

    @cached_property
    def _inspector(self) -> "CheckpointInspector":
        """What looks into checkpoints, made when the first is wanted: it brings the engine."""
        from gui.background.checkpoint_inspector import CheckpointInspector

        made = CheckpointInspector(self)
        made.looked.connect(self._on_look)
        made.predictions_made.connect(self.predictions_made)
        made.statistics.steps_observed.connect(self.steps_observed)
        made.statistics.health_checked.connect(self.health_checked)
        made.failed.connect(self.failed)
        made.busy_changed.connect(partial(self._session.set_throttle, "moment"))
        made.want(self._wanted)
        return made

    # --- which checkpoint ------------------------------------------------------------------------

    def show(self, run: "Run", epoch: int) -> None:
        """Have the panels show a kept epoch of a run; of several the newest counts.

        Until it has been read, what is shown stays. `failed` says if it cannot be.
        """
        self.wished.emit(run, epoch)
        self._show(run, epoch)

    def _show(self, run: "Run", epoch: int) -> None:
        from gui.background.checkpoint_inspector import LookRequest

        if self.checkpoint is None:
            self._wished = self._session.pinned_sample
        self._inspector.show(LookRequest(run, epoch, self.present), self._wished)

    @Slot()
    def back_to_now(self) -> None:
        """Have the panels show the network as it is now, and no checkpoint that is being read."""
        was_wished = "_inspector" in vars(self) and self._inspector.busy
        self.close()
        if self.checkpoint is None:
            if was_wished:
                self.checkpoint_changed.emit(None)
            return
        with self._turning():
            self.checkpoint = self.data = self._sample = None
        self.samples_changed.emit(self.samples)
        if self.samples is None:
            self.samples_missing.emit()
        # What has come from the present while a checkpoint was looked at, or before.
        now = self._session
        if now.snapshot is not None:
            self.snapshot_taken.emit(now.snapshot)
        if now.predictions is not None and self.report.predicts:
            self.predictions_made.emit(now.predictions)
        if now.steps and not self.changed_since_training:
            self.steps_observed.emit(now.steps)
        if now.health is not None:
            self.health_checked.emit(now.health)

    def close(self) -> None:
        """Compute nothing of a checkpoint any more: the window closes."""
        if "_inspector" in vars(self):
            self._inspector.leave()

    @contextmanager
    def _turning(self) -> Iterator[None]:
        """Tell what else is there to see after a turn to another checkpoint, or to the present."""
        stack, report = self.stack, self.report
        was_selected, was_past = self.selected, self.checkpoint is not None
        yield
        if was_past != (self.checkpoint is not None):
            self._pass_on(was_past)
        is_same = was_past and self.checkpoint is not None and stack == self.stack
        self._selected = self._selected if is_same else None
        self.checkpoint_changed.emit(self.checkpoint)
        if stack != self.stack:
            self.stack_changed.emit()
        if report != self.report:
            self.report_changed.emit(self.report)
        if was_selected != self.selected:
            self.selection_changed.emit()
        self.state_changed.emit()

    # --- the network -------------------------------------------------------------------------

    def project(self) -> Project:
        """Return the network that is looked at, with what it has learned."""
        return self._document.project() if self.checkpoint is None else self.checkpoint.project

    @property
    def stack(self) -> Stack:
        """Its blocks, in order."""
        return self._document.stack if self.checkpoint is None else self.checkpoint.project.stack

    @property
    def settings(self) -> Settings:
        """The settings that it is trained by."""
        return (
            self._document.settings if self.checkpoint is None else self.checkpoint.project.settings
        )

    @property
    def report(self) -> ShapeReport:
        """What the shape check says of it."""
        return self._document.report if self.checkpoint is None else self.checkpoint.report

    @property
    def selected(self) -> int | None:
        """The id of the selected slot; with several, of the one that was chosen last."""
        return self._document.selected if self.checkpoint is None else self._selected

    @property
    def selection(self) -> tuple[int, ...]:
        """The ids of all selected slots, in the order of the stack."""
        if self.checkpoint is None:
            return self._document.selection
        return () if self._selected is None else (self._selected,)

    def select(self, slot_id: int | None) -> None:
        """Select a slot alone, or none; a checkpoint has a selection of its own."""
        if self.checkpoint is None:
            self._document.select(slot_id)
        elif slot_id != self._selected:
            self._selected = slot_id
            self.selection_changed.emit()

    @property
    def trains(self) -> bool:
        """Whether its weights change all the time."""
        return self.checkpoint is None and self._session.state == "Training"

    @property
    def changed_since_training(self) -> bool:
        """Whether something was learned by another network than this one, which does not train."""
        changed = self.checkpoint is None and self._document.changed_since_training
        return changed and not self.trains

    # --- the samples -------------------------------------------------------------------------

    @property
    def samples(self) -> Dataset | None:
        """The samples that are shown; None: there are none."""
        if self.checkpoint is None:
            return self._session.samples
        return None if self.data is None else self.data.shown

    @property
    def problem(self) -> str:
        """Why this checkpoint has none; empty in the present, where settings choose them."""
        return "" if self.data is None else self.data.problem

    @property
    def is_elsewhere(self) -> bool:
        """Whether the samples are others than those of the present."""
        return self.checkpoint is not None and (self.data is None or not self.data.is_present)

    @property
    def pinned(self) -> int | None:
        """The one of them that is pinned; None: something else is, or nothing."""
        if self.checkpoint is None:
            return self._session.pinned
        return None if self._sample is None else self._sample.test_index

    @property
    def pinned_sample(self) -> Sample | None:
        """What is pinned, as far as it is known."""
        return self._session.pinned_sample if self.checkpoint is None else self._sample

    def pin(self, index: int) -> None:
        """Pin another of the shown samples; one that is not among them is not pinned."""
        samples = self.samples
        if samples is not None and index < len(samples):
            self.pin_of(samples, index)

    def pin_of(self, samples: Dataset, index: int, part: SamplePart = "test") -> None:
        """Pin one of some samples, which may also be the training samples.

        Where a checkpoint has the data of the present, the same image is pinned in both.
        """
        shown = self.samples
        if not self.is_elsewhere or samples is not shown:
            present = self._session.samples if samples is shown else samples
            if present is not None:  # the open data has not just gone
                self._session.pin_of(present, index, part)
        if self.checkpoint is not None and (not self.is_elsewhere or samples is shown):
            try:
                self._pin(Sample.of(samples, index, part))
            except LostDataError as error:
                self.failed.emit(str(error))

    def pin_drawing(self, image: NDArray[np.uint8]) -> None:
        """Pin an image (channels, h, w) that is none of the samples; it is not written to again."""
        if not self.is_elsewhere:
            self._session.pin_drawing(image)
        if self.checkpoint is not None:
            self._pin(Sample(image, self.settings.classes))

    def _pin(self, sample: Sample) -> None:
        """Pin another image in the checkpoint."""
        self._sample = self._wished = sample
        self._inspector.pin(sample)

    def show_samples(self, samples: Dataset) -> None:
        """Show other samples in the predictions, scaled as the training data, which stays."""
        if self.is_elsewhere:
            self.back_to_now()
        self._session.show_samples(samples)

    def watch(self, indices: NDArray[np.intp]) -> None:
        """Have some of the shown samples predicted first, or more often: they are in view."""
        if self.checkpoint is None:
            self._session.watch(indices)
        else:
            self._inspector.watch(indices)

    def want_statistics(self, wanted: Statistics) -> None:
        """Be told of steps and unit health of a checkpoint from now on, or no longer."""
        self._wanted = wanted
        if "_inspector" in vars(self):
            self._inspector.want(wanted)

    # --- what a checkpoint tells -----------------------------------------------------------------

    @Slot(object)
    def _on_look(self, look: "FirstLook") -> None:
        opened, pinned = look.opened, self.pinned
        had, why = self.samples, self.problem
        if opened.checkpoint is not self.checkpoint:
            with self._turning():
                self.checkpoint, self.data = opened.checkpoint, opened.data
                self._sample = look.sample
        self._sample = look.sample
        if self.samples is not had or self.problem != why:
            self.samples_changed.emit(self.samples)
            if self.samples is None:
                self.samples_missing.emit()
        elif self.pinned != pinned:
            self.pin_changed.emit()
        (self.kernels_taken if look.sample is None else self.snapshot_taken).emit(look.snapshot)

    # --- what the present tells --------------------------------------------------------------

    def _pass_on(self, on: bool) -> None:
        """Pass on what document and session tell, or no longer."""
        document, session = self._document, self._session
        for told, passed_on in (
            (document.project_replaced, self.project_replaced),
            (document.stack_changed, self.stack_changed),
            (document.report_changed, self.report_changed),
            (document.settings_changed, self.settings_changed),
            (document.weights_changed, self.weights_changed),
            (document.selection_changed, self.selection_changed),
            (session.state_changed, self.state_changed),
            (session.run_started, self.run_started),
            (session.was_reset, self.was_reset),
            (session.snapshot_taken, self.snapshot_taken),
            (session.predictions_made, self.predictions_made),
            (session.steps_observed, self.steps_observed),
            (session.health_checked, self.health_checked),
            (session.samples_changed, self.samples_changed),
        ):
            if on:
                told.connect(passed_on)
            else:
                told.disconnect(passed_on)

    @Slot()
    def _on_project(self) -> None:
        """Look at the project that was opened."""
        was_past = self.checkpoint is not None
        self.back_to_now()
        if was_past:
            self.project_replaced.emit()

    @Slot(object)
    def _on_data(self, data: LoadedData) -> None:
        if data.test is None and self.checkpoint is None:
            self.samples_missing.emit()

    @Slot()
    def look_again(self) -> None:
        """Look at the moment with other samples, if these are its own."""
        if self.checkpoint is not None:
            self._show(self.checkpoint.run, self.checkpoint.epoch)
