"""LossPresenter: the loss panel, and what it is told of the training."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Slot

from engine.training.samples import problem_of
from gui.document.checkpoint import checkpoint_words
from gui.loss.panel import LossPanel, past_of
from gui.loss.runs import LossRun
from gui.widgets.empty_state import CHOOSE, FIX
from gui.workspace.context import Context, Presenter

if TYPE_CHECKING:
    from engine.model.project import CheckpointRef
    from engine.runs.run_folder import Run

FIX_FIRST = f"First all blocks must fit. {FIX}"


class LossPresenter(Presenter):
    """Makes the panel and passes on the losses of batches and epochs, and changes of settings."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._past: tuple[Run, LossRun] | None = None  # the run that is looked at
        self._settings = self._document.settings
        self._recorded = ""  # id of the run that the present curves are of
        self._origin: CheckpointRef | None = None  # whose curves were shown
        self.panel = LossPanel()
        self.panel.set_problem(problem_of(self._settings))
        self.panel.clear()
        self._tell_epochs()
        store = self._document.store
        store.watch(lambda s: s.document.opened, self._on_project)
        store.watch(lambda s: s.document.settings, self._on_settings)
        store.watch(lambda s: (s.document.report.problem, s.data.loaded), self._tell_obstacle)
        store.show(lambda s: s.document.changed_since_training, self.panel.set_changed)
        store.watch(lambda s: s.data.loaded, self._tell_epochs)
        store.watch(lambda s: s.document.resets, self._on_reset)
        store.watch(lambda s: s.checkpoint, self._on_checkpoint)
        store.watch(lambda s: s.listed_runs, self._on_listed)
        self._session.epoch_done.connect(self.panel.add_epoch)
        self._session.run_started.connect(self.panel.start_run)
        self._session.losses_added.connect(self._on_losses)
        self._session.run_recorded.connect(self._on_recorded)

    @Slot()
    def _on_checkpoint(self) -> None:
        """Show the curves of the run that is looked at, with a line at the checkpoint."""
        checkpoint = self._view.state.checkpoint
        if checkpoint is None:
            self._past = None
            self.panel.show_past(None)
            return
        past, run = self._past, checkpoint.run
        origin = self._document.learned.origin
        own = run.id in (self._recorded, None if origin is None else origin.run)
        if past is None or past[0].folder != run.folder or past[0].epochs < run.epochs:
            past = self._past = run, LossRun.of(run)
        self.panel.show_past(past_of(past[0], checkpoint.epoch, past[1], own=own))

    def _on_listed(self) -> None:
        """Show what is new of the run that is looked at, which may grow."""
        self._show_origin()
        checkpoint, past = self._view.state.checkpoint, self._past
        for run in self._view.state.listed_runs:
            is_seen = checkpoint is not None and checkpoint.run.folder == run.folder
            if is_seen and (past is None or past[0].metrics != run.metrics):
                self._past = run, LossRun.of(run)
                self._on_checkpoint()

    def _on_settings(self) -> None:
        before, self._settings = self._settings, self._document.settings
        self.panel.mark_change(before, self._settings)
        self.panel.set_problem(problem_of(self._settings))
        self._tell_epochs()

    @Slot(str)
    def _on_recorded(self, run: str) -> None:
        self._recorded = run
        self.panel.note_run(run)

    def _on_project(self) -> None:
        self._recorded, self._origin = "", None
        self.panel.set_problem(problem_of(self._document.settings))
        self.panel.clear()
        self._tell_start()
        self._show_origin()

    def _show_origin(self) -> None:
        """Show the kept run that an opened network comes from, once: it can be cleared."""
        origin = self._document.learned.origin
        if origin is not None and not self._recorded and origin != self._origin:
            for run in self._view.state.listed_runs:
                if run.id == origin.run:
                    self._origin = origin
                    self.panel.show_origin(LossRun.of(run))

    def _on_reset(self) -> None:
        """Go back on the curves, or begin new ones: what came after stays to be compared."""
        origin, epoch = self._document.learned.origin, self._document.trained_epochs
        if origin is None or not self.panel.go_back(origin.run, epoch):
            self.panel.start_run()
        self._tell_start()

    def _tell_start(self) -> None:
        trained = self._document.project()
        self.panel.set_start(checkpoint_words(trained) if trained.position else "")

    @Slot(object, object)
    def _on_losses(self, positions: list[float], losses: list[float]) -> None:
        self.panel.add_batches(np.array(positions), np.array(losses))

    def _tell_epochs(self) -> None:
        self.panel.set_epochs(self._session.batches_per_epoch(), self._settings.epochs)

    def _tell_obstacle(self) -> None:
        """Say in the empty panel why Train is disabled."""
        no_data = CHOOSE if self._session.data_problem else ""
        self.panel.set_obstacle(FIX_FIRST if self._document.report.problem is not None else no_data)
