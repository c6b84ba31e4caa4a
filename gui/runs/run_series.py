"""RunSeries: trains series of runs beside the window, and says how far they are."""

import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot

from engine.model.project import Project
from engine.runs.recorder import RunNames, RunRecorder
from engine.runs.run_writer import Listener
from engine.runs.series import Series, SeriesProgress, train_series
from engine.runs.store import RunStore
from engine.text import words
from engine.training.run import Training
from gui.background.failures import NOT_USED_HERE
from gui.background.jobs import Job, Jobs, ReportProgress
from gui.runs.comparison_view import ComparisonView
from gui.runs.panel import RunsPanel
from gui.workspace.context import Context, Presenter

if TYPE_CHECKING:
    from gui.runs.series_dialog import SeriesDialog

_ONE_AT_A_TIME = "A series is being trained. Wait for its end, or cancel it in the bar above."
_ENDING = "The series that is being trained ends. What is done of it stays."
_REST = 0.05  # s between two glances at whether the window still trains
_UNNAMED = "network"  # what runs of a project without a file begin with
_TOPIC = "series"
_PATIENCE = 5.0  # s for what is still being written of a run


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
        self._series_jobs.changed.connect(self._on_jobs)
        self.begun.connect(self._on_begun)
        self._runs.rowsInserted.connect(self._tick)
        self._runs.modelReset.connect(self._tick)
        page.series.clicked.connect(self.open)

    @Slot()
    def open(self) -> None:
        """Ask which runs are to be trained, or say why none can be now."""
        self._messages.unsay(_TOPIC)
        if why_not := self._obstacle():
            self._messages.say(_TOPIC, why_not)
        else:
            self._dialog.open()

    def start(self, series: Series) -> None:
        """Train the runs of a series, one after the other."""
        path = self._document.path
        base = "" if path is None else path.stem
        title = f"Train {words.count(len(series.settings), 'run')}"
        work = partial(self._train, series, base)
        self._compare_alone()
        self._series_jobs.start(Job(title, work, self._on_done, self._on_ended, lambda: _ENDING))

    @cached_property
    def _dialog(self) -> "SeriesDialog":
        from gui.runs.series_dialog import SeriesDialog

        return SeriesDialog(self._document.project, self.start, self._panel.window())

    # --- training, in the thread of the job --------------------------------------------------

    def _train(self, series: Series, base: str, report: ReportProgress) -> tuple[int, list[str]]:
        """Train all; return how many runs are kept of it, and what went wrong with some."""
        problems, ids = list[str](), list[str]()
        listener = Listener(said=problems.append, evicted=self._session.recorder_said.emit)
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
                    elif event.problem:
                        problems.append(f"{series.name_of(event.settings)}: {event.problem}")
                    report(fraction)
                    while self._session.run.phase == "Training":
                        time.sleep(_REST)
                        report(fraction)
        finally:
            wait_for_last()
        return len([run for run in ids if run]), problems

    # --- what is compared --------------------------------------------------------------------

    def _compare_alone(self) -> None:
        """Let the runs of the series be the only ones that are compared."""
        self._to_tick = []
        self._runs.untick_all()
        self._page.show_page("curves")
        self._panel.tabs.setCurrentWidget(self._page)

    @Slot(str)
    def _on_begun(self, run: str) -> None:
        self._to_tick.append(str(self._store.folder / run))
        self._read()

    @Slot()
    def _tick(self) -> None:
        """Tick the runs of the series that are in the list by now."""
        rows = [self._runs.row_of(run) for run in self._to_tick]
        found = [row.run for row in rows if row is not None]
        if found:
            self._to_tick = [key for key in self._to_tick if key not in {r.key for r in found}]
            self._runs.tick(found, True)

    # --- what happens ------------------------------------------------------------------------

    def _on_done(self, trained: tuple[int, list[str]]) -> None:
        runs, problems = trained
        self._read()
        text = f"{words.count(runs, 'run')} trained."
        text = " ".join([text, *dict.fromkeys(problems)])
        self._messages.offer(_TOPIC, text, "Compare", self._show_comparison)

    def _show_comparison(self) -> None:
        self._show_view("Runs")
        self._panel.tabs.setCurrentWidget(self._page)

    def _on_ended(self, problem: str) -> None:
        """Say what is there of a series that was cancelled, or failed as a whole."""
        if problem:
            self._messages.say(_TOPIC, f"The series of runs ended. {problem}")
        else:
            self._read()
            self._messages.done("The series was cancelled. What is done of it stays.")

    @Slot()
    def _on_jobs(self) -> None:
        self._session.share_beside(bool(self._series_jobs.title))

    def _obstacle(self) -> str:
        """Return why no series can start now; empty if one can."""
        if self._series_jobs.title:
            return _ONE_AT_A_TIME
        data = self._document.settings.dataset
        return NOT_USED_HERE.format(data) if data in self._session.unread else ""
