"""RunWordsPresenter: what the bar of the window says of the run, or of what comes next."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from engine.training.samples import problem_of
from gui.widgets.number_words import brief, percent, short
from gui.window.run_bar import RunBar, next_run_words
from gui.workspace.context import Context, Presenter

if TYPE_CHECKING:
    from engine.runs.run_folder import EpochMetrics, Run
    from engine.training.events import EpochDone

_SMALL = 1e-3  # of a loss
READING = "The images are being read."


class RunWordsPresenter(Presenter):
    """Shows how far a run is and its figures; while none goes on, what Train would do."""

    def __init__(self, context: Context, run_bar: RunBar) -> None:
        super().__init__(context)
        self._run_bar = run_bar
        self._last: EpochDone | None = None  # of the present network
        self._problem: tuple[object, ...] = ()  # that it was of
        store = self._session.store
        self._session.epoch_done.connect(self._on_epoch)
        store.watch(lambda s: (s.document.resets, s.document.opened), self._forget)
        store.watch(
            lambda s: (s.checkpoint, s.document, s.listed_runs),
            self._show_figures,
        )
        self._session.preparation_changed.connect(self._show_preparation)
        store.watch(lambda s: s.run.phase, self._on_phase)
        store.show(lambda s: s.run.speed, run_bar.show_speed)
        store.watch(lambda s: s.run.progress, self._show_progress)
        store.watch(
            lambda s: (s.document.settings, s.document.stack, s.document.learned, s.data.loaded),
            self._show_hint,
        )
        self._show_hint()

    @Slot(object)
    def _on_epoch(self, event: "EpochDone") -> None:
        """Note an epoch; its figures come with the run's progress, as often as can be read."""
        self._last, self._problem = event, problem_of(self._document.settings)

    def _forget(self) -> None:
        self._last = None
        self._show_figures()

    def _show_figures(self) -> None:
        """Show the figures of the last epoch, or of the checkpoint that is looked at."""
        checkpoint, document = self._view.state.checkpoint, self._document
        found: EpochMetrics | EpochDone | None = None
        if checkpoint is not None:
            found = _metrics_of(checkpoint.run, checkpoint.epoch)
        elif not document.changed_since_training and (
            self._session.run.active or not document.learned.edited
        ):
            found = self._last if self._problem == problem_of(document.settings) else None
            found = found or self._of_origin()
        age = document.trained_epochs if checkpoint is None else checkpoint.age
        past, loss = checkpoint is not None, None if found is None else found.loss
        self._run_bar.show_figures(
            f"{age:,}" if past or found is not None else "",
            "" if loss is None else short(loss, 3) if loss >= _SMALL else brief(loss),
            "" if found is None else percent(found.test_accuracy),
            past=past,
        )

    def _of_origin(self) -> "EpochMetrics | None":
        """Return what the epoch of a kept run gave that an opened network is of."""
        origin = self._document.learned.origin
        for run in self._view.state.listed_runs:
            settings = run.description.project.settings
            same = problem_of(settings) == problem_of(self._document.settings)
            if origin is not None and run.id == origin.run and same:
                return _metrics_of(run, origin.epoch)
        return None

    def _on_phase(self) -> None:
        phase = self._session.run.phase
        self._show_figures()  # the last epoch may have come after the last progress
        over = phase in ("Stopped", "Finished", "Error")
        self._run_bar.show_state(phase, self._next_run() if over else "")
        if phase == "Ready" or (over and self._run_bar.idle):
            self._show_hint()

    @Slot()
    def _show_progress(self) -> None:
        progress = self._session.run.progress
        self._show_figures()
        if progress is not None:
            self._run_bar.show_progress(progress)

    @Slot()
    def _show_preparation(self) -> None:
        self._run_bar.show_preparation(self._session.preparation)

    def _show_hint(self) -> None:
        """Say beside the progress bar what comes next, unless a run is going on."""
        document, session = self._document, self._session
        if session.run.active:
            return
        problem = document.report.problem
        if problem is not None and problem.slot_id is not None:
            number = document.stack.index(problem.slot_id) + 1
            self._run_bar.show_idle(f"Training waits until block {number} fits.")
        elif problem is not None:
            self._run_bar.show_idle(f"Training waits. {problem.text}")
        elif session.data_problem and session.data is not None:
            what = "the network fits the data" if session.data.unfit else "there is data"
            self._run_bar.show_idle(f"Training waits until {what}.")
        elif session.data is None:
            self._run_bar.show_idle(READING)
        elif session.data.train is not None:
            self._run_bar.show_idle(self._next_run())

    def _next_run(self) -> str:
        """Return what Train does next; nothing if there is no data."""
        count = self._session.sample_count
        return next_run_words(self._document, count) if count else ""


def _metrics_of(run: "Run", epoch: int) -> "EpochMetrics | None":
    return next((each for each in run.metrics if each.epoch == epoch), None)
