"""RunSeries: trains series of runs beside the window, and says how far they are."""

import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot

from engine.model.project import Project
from engine.runs.recorder import RunNames, RunRecorder
from engine.runs.run_writer import Listener
from engine.runs.series import RunEnded, Series, SeriesProgress, train_series
from engine.runs.store import RunStore
from engine.text import words
from engine.training.run import Training
from gui.background.failures import NOT_USED_HERE
from gui.background.jobs import Job, Jobs, ReportProgress
from gui.runs.comparison_view import ComparisonView
from gui.runs.panel import RunsPanel
from gui.runs.run_model import MOST_TICKED
from gui.workspace.context import Context, Presenter

if TYPE_CHECKING:
    from gui.runs.series_dialog import SeriesDialog

_IN_PLACE = "The runs of the series are ticked as they begin, in place of those that were ticked."
_TRAINS = "Pause training first, or wait for its end; a series would take its time."
_ONE_AT_A_TIME = "A series is being trained. Wait for its end, or cancel it in the bar above."
_REST = 0.05  # s between two glances at whether the window still trains
_UNNAMED = "network"  # what runs of a project without a file begin with
_TOPIC = "series"
_PATIENCE = 5.0  # s for what is still being written of a run


class _Outcome:
    """The ids of the runs that have come to their end, and what went wrong with some.

    `stopped` says whether a run was stopped that has epochs, and so stays.
    """

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.problems: list[str] = []
        self.stopped = False

    def take(self, ended: RunEnded, series: Series, ids: list[str]) -> None:
        """Take the end of a run, and the ids of those that could begin so far."""
        if ended.problem:
            self.problems.append(f"{series.name_of(ended.settings)}: {ended.problem}")
        self.runs = [run for run in ids if run]


class RunSeries(Presenter):
    """Trains one series at a time, over copies; a run of the window goes first.

    `jobs` has nothing but series, or others would have to wait for hours. `begun` carries
    the id of a run.
    """

    begun = Signal(str)

    def __init__(
        self,
        context: Context,
        panel: RunsPanel,
        page: ComparisonView,
        store: RunStore,
        read: Callable[[], object],
        series_jobs: Jobs,
    ) -> None:
        super().__init__(context)
        self._panel, self._page, self._runs = panel, page, panel.list.runs
        self._store, self._read, self._series_jobs = store, read, series_jobs
        self._to_tick: list[str] = []  # keys of runs that are not read yet
        self._epoch_seconds: float | None = None
        self._ended = _Outcome()
        self._session.epoch_done.connect(self._on_epoch)
        self._session.store.watch(lambda s: s.run.phase, self._tell_obstacle)
        self._series_jobs.changed.connect(self._on_jobs)
        self.begun.connect(self._on_begun)
        self._runs.rowsInserted.connect(self._tick)
        self._runs.modelReset.connect(self._tick)
        page.series.clicked.connect(self.open)

    @Slot()
    def open(self) -> None:
        """Ask which runs are to be trained."""
        self._tell_obstacle()
        self._dialog.open()

    def start(self, series: Series) -> None:
        """Train the runs of a series, one after the other."""
        if self._obstacle():
            self._messages.say(_TOPIC, self._obstacle())
            return
        path = self._document.path
        base = "" if path is None else path.stem
        outcome = self._ended = _Outcome()

        def work(report: ReportProgress) -> _Outcome:
            self._train(series, base, outcome, report)
            return outcome

        def ending() -> str:
            done = f"{len(outcome.runs)} of its {in_all} are done"
            return f"The series that is being trained ends: {done}. What is done of it stays."

        in_all = words.count(len(series.settings), "run")
        self._messages.unsay(_TOPIC)
        self._compare_alone()
        self._series_jobs.start(Job(f"Train {in_all}", work, self._on_done, self._on_ended, ending))

    @cached_property
    def _dialog(self) -> "SeriesDialog":
        from gui.runs.series_dialog import SeriesDialog

        asked = self._document.project, lambda: self._epoch_seconds
        made = SeriesDialog(*asked, self.start, self._panel.window())
        self._document.store.watch(
            lambda s: (s.document.stack, s.document.settings, s.document.opened), made.renew
        )
        return made

    # --- training, in the thread of the job --------------------------------------------------

    def _train(self, series: Series, base: str, outcome: _Outcome, report: ReportProgress) -> None:
        said, evicted = outcome.problems.append, self._session.recorder_said.emit
        ids, listener = list[str](), Listener(said=said, evicted=evicted)
        group = f"{series.name}, {datetime.now():%Y-%m-%d %H:%M:%S}"  # which no other series has
        last: list[RunRecorder] = []  # one at most: each holds its network

        def wait_for_last() -> None:
            for recorder in last:
                recorder.wait(_PATIENCE)

        def keep(project: Project, training: Training) -> RunRecorder:
            wait_for_last()  # at the end all are there
            told = series.name_of(project.settings)
            between = ", " if series.field.name == "seed" else " · "
            names = RunNames(f"{base or _UNNAMED}{between}{told}", base, group)
            last[:] = [RunRecorder(self._store, project, training, names, listener)]
            ids.append(last[0].run_id)
            self.begun.emit(ids[-1])
            return last[0]

        fraction = 0.0
        events = train_series(series, keep, report=lambda _done, _total: report(fraction))
        try:
            with closing(events):
                for event in events:
                    if isinstance(event, SeriesProgress):
                        fraction = event.fraction
                    else:
                        outcome.take(event, series, ids)
                    report(fraction)
                    while self._session.run.phase == "Training":
                        time.sleep(_REST)
                        report(fraction)
        finally:
            wait_for_last()
            cut_short = bool(ids) and ids[-1] not in outcome.runs
            outcome.stopped = cut_short and last[0].checkpoint is not None

    # --- what is compared --------------------------------------------------------------------

    def _compare_alone(self) -> None:
        """Let the runs of the series be the only ones that are compared, and say so."""
        if self._runs.ticked():
            self._messages.done(_IN_PLACE)
        self._to_tick = []
        self._runs.untick_all()
        self._page.show_page("curves")
        self._panel.bring_forward(self._page)

    @Slot(str)
    def _on_begun(self, run: str) -> None:
        self._to_tick.append(str(self._store.folder / run))
        self._read()

    @Slot()
    def _tick(self) -> None:
        """Tick the runs of the series that are in the list by now, as far as there is room."""
        rows = [self._runs.row_of(run) for run in self._to_tick]
        found = [row.run for row in rows if row is not None]
        if found:
            self._to_tick = [key for key in self._to_tick if key not in {r.key for r in found}]
            room = MOST_TICKED - len(self._runs.ticked())
            self._runs.tick(found[:room], True)

    # --- what happens ------------------------------------------------------------------------

    def _on_done(self, outcome: _Outcome) -> None:
        runs = outcome.runs
        ticked = "they are" if len(runs) <= MOST_TICKED else f"the first {MOST_TICKED} are"
        text = f"{words.count(len(runs), 'run')} trained; {ticked} ticked in Runs."
        self._read()
        self._messages.done(" ".join([text, *dict.fromkeys(outcome.problems)]))

    def _on_ended(self, problem: str) -> None:
        """Say what is there of a series that was cancelled, or failed as a whole."""
        if problem:
            self._messages.say(_TOPIC, f"The series of runs ended. {problem}")
        else:
            self._read()
            self._messages.done(_cancelled(len(self._ended.runs), self._ended.stopped))

    @Slot(object)
    def _on_epoch(self, event: object) -> None:
        """Remember how long an epoch of this network takes."""
        self._epoch_seconds = getattr(event, "seconds", None)

    @Slot()
    def _on_jobs(self) -> None:
        self._session.share_beside(bool(self._series_jobs.title))
        self._page.expect_more(bool(self._series_jobs.title))
        self._tell_obstacle()

    def _tell_obstacle(self) -> None:
        if "_dialog" in vars(self):
            self._dialog.set_obstacle(self._obstacle())

    def _obstacle(self) -> str:
        """Return why no series can start now; empty if one can."""
        if self._series_jobs.title:
            return _ONE_AT_A_TIME
        data = self._document.settings.dataset
        if data in self._session.unread:
            return NOT_USED_HERE.format(data)
        return _TRAINS if self._session.run.phase == "Training" else ""


def _cancelled(finished: int, stopped: bool) -> str:
    """Say what is there of a series that was cancelled."""
    kept = [words.count(finished, "finished run")] * bool(finished)
    kept += ["the run that was stopped"] * stopped
    if not kept:
        return "The series was cancelled before an epoch was done; nothing of it is kept."
    stay = "stays" if finished + stopped == 1 else "stay"
    return f"The series was cancelled; {' and '.join(kept)} {stay}."
