"""View: what chooses what the panels look at: the network as it is now, or a checkpoint."""

from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from engine.data.dataset import Dataset
from engine.errors import LostDataError
from engine.inspection.snapshot import Sample, SamplePart
from engine.model.project import Project
from gui.background.mailbox import Statistics
from gui.background.session import Session
from gui.document.document import Document
from gui.state import Look, State

if TYPE_CHECKING:
    from engine.runs.run_folder import Run
    from gui.background.checkpoint_inspector import CheckpointInspector, FirstLook
    from gui.background.present import Present


class View(QObject):
    """Has the panels look at a checkpoint of a kept run, or back at the present network.

    What controls a training, or shows its course, asks the document and the session itself: these
    notice nothing of it.
    """

    failed = Signal(str)

    def __init__(self, document: Document, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._session = document, session
        self.store = document.store
        self._wished: Sample | None = None  # to be pinned; not every checkpoint has it
        self._wanted: Statistics = frozenset()
        self.store.watch(lambda s: s.document.opened, self.back_to_now)
        self.store.watch(lambda s: s.data.samples, self.look_again)
        self.store.watch(lambda s: s.run.phase == "Training", self._on_training)

    @property
    def state(self) -> State:
        """The newest state."""
        return self.store.state

    @property
    def present(self) -> "Present":
        """What the window has now that runs may be looked at with."""
        from gui.background.present import Present

        session = self._session
        known = session.data, session.samples, self.state.listed_runs
        return Present(*known, session.may_read)

    @cached_property
    def _inspector(self) -> "CheckpointInspector":
        """What looks into checkpoints, made when the first is wanted: it brings the engine."""
        from gui.background.checkpoint_inspector import CheckpointInspector

        made = CheckpointInspector(self)
        made.looked.connect(self._on_look)
        made.predictions_made.connect(lambda made: self._see(predictions=made))
        made.worked_out.connect(lambda found: self._see(**found))
        made.failed.connect(self._on_failure)
        made.busy_changed.connect(partial(self._session.set_throttle, "moment"))
        made.want(self._wanted)
        return made

    def project(self) -> Project:
        """Return the network that is looked at, with what it has learned."""
        checkpoint = self.state.checkpoint
        return self._document.project() if checkpoint is None else checkpoint.project

    # --- which checkpoint ------------------------------------------------------------------------

    def show(self, run: "Run", epoch: int) -> None:
        """Have the panels show a kept epoch of a run; of several the newest counts.

        Until it has been read, what is shown stays. `failed` says if it cannot be.
        """
        # Who goes along with a run has to know before the next epoch of it.
        self.store.update(wished=(run, epoch), at_once=True)
        self._show(run, epoch)

    def _show(self, run: "Run", epoch: int) -> None:
        from gui.background.checkpoint_inspector import LookRequest

        if self.state.look is None:
            self._wished = self.state.pinned_sample
        self._inspector.show(LookRequest(run, epoch, self.present), self._wished)

    def look_again(self) -> None:
        """Look at the wished checkpoint with other samples, if these are its own."""
        if self.state.wished is not None:
            self._show(*self.state.wished)

    @Slot()
    def back_to_now(self) -> None:
        """Have the panels show the network as it is now, and no checkpoint that is being read."""
        self.close()
        self.store.update(look=None, wished=None)

    def _on_training(self) -> None:
        """Who trains wants to see that; one may look back again meanwhile."""
        if self.state.run.phase == "Training" and self.state.wished is not None:
            self.back_to_now()

    def close(self) -> None:
        """Compute nothing of a checkpoint any more: the window closes."""
        if "_inspector" in vars(self):
            self._inspector.leave()

    def select(self, slot_id: int | None) -> None:
        """Select a slot alone, or none; a checkpoint has a selection of its own."""
        look = self.state.look
        if look is None:
            self._document.select(slot_id)
        else:
            self.store.update(look=replace(look, selected=slot_id))

    @Slot(str)
    def _on_failure(self, problem: str) -> None:
        """Say that something could not be read; what is shown stays."""
        checkpoint = self.state.checkpoint
        if not self._inspector.opens:
            shown = None if checkpoint is None else (checkpoint.run, checkpoint.epoch)
            self.store.update(wished=shown)
        self.failed.emit(problem)

    @Slot(object)
    def _on_look(self, found: "FirstLook") -> None:
        opened, look = found.opened, self.state.look
        if look is None or look.checkpoint is not opened.checkpoint:
            project = opened.checkpoint.project
            same = look is not None and look.checkpoint.project.stack == project.stack
            selected = look.selected if look is not None and same else None
            look = Look(opened.checkpoint, opened.data, found.sample, selected)
        look = replace(look, data=opened.data, sample=found.sample)
        self.store.update(look=look)
        shown = None if found.sample is None else found.snapshot
        self._see(snapshot=shown, kernels=found.snapshot)

    def _see(self, **parts: Any) -> None:
        """Show more of what was seen of the checkpoint."""
        look = self.state.look
        if look is not None:
            self.store.update(look=replace(look, seen=replace(look.seen, **parts)))

    # --- the samples -------------------------------------------------------------------------

    def pin(self, index: int) -> None:
        """Pin another of the shown samples; one that is not among them is not pinned."""
        samples = self.state.samples
        if samples is not None and index < len(samples):
            self.pin_of(samples, index)

    def pin_of(self, samples: Dataset, index: int, part: SamplePart = "test") -> None:
        """Pin one of some samples, which may also be the training samples.

        Where a checkpoint has the data of the present, the same image is pinned in both.
        """
        shown = self.state.samples
        if not self.state.is_elsewhere or samples is not shown:
            present = self._session.samples if samples is shown else samples
            if present is not None:  # the open data has not just gone
                self._session.pin_of(present, index, part)
        if self.state.look is not None and (not self.state.is_elsewhere or samples is shown):
            try:
                self._pin(Sample.of(samples, index, part))
            except LostDataError as error:
                self.failed.emit(str(error))
        self.store.flush()  # a drawing that is not sent yet must not take it back

    def pin_drawing(self, image: NDArray[np.uint8]) -> None:
        """Pin an image (channels, h, w) that is none of the samples; it is not written to again."""
        if not self.state.is_elsewhere:
            self._session.pin_drawing(image)
        if self.state.look is not None:
            self._pin(Sample(image, self.state.settings.classes))

    def _pin(self, sample: Sample) -> None:
        """Pin another image in the checkpoint."""
        look, self._wished = self.state.look, sample
        if look is not None:
            self.store.update(look=replace(look, sample=sample))
        self._inspector.pin(sample)

    def show_samples(self, samples: Dataset) -> None:
        """Show other samples in the predictions, scaled as the training data, which stays."""
        if self.state.is_elsewhere:
            self.back_to_now()
        self._session.show_samples(samples)

    def watch(self, indices: NDArray[np.intp]) -> None:
        """Have some of the shown samples predicted more often: they are in view."""
        self._session.watch(indices)

    def want_statistics(self, wanted: Statistics) -> None:
        """Be told of steps and unit health of a checkpoint from now on, or no longer."""
        self._wanted = wanted
        if "_inspector" in vars(self):
            self._inspector.want(wanted)
