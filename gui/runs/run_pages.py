"""RunPages: the pages of the panel Runs beside its list, and the series that it trains."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Slot

from engine.data.dataset import Dataset
from engine.runs.run_folder import Run
from engine.runs.store import RunStore
from gui.background.jobs import Jobs
from gui.runs.panel import RunsPanel
from gui.runs.run_comparison import RunComparison
from gui.runs.run_images import is_alike
from gui.runs.run_life import RunLife
from gui.runs.run_model import MOST_TICKED
from gui.runs.run_series import RunSeries
from gui.workspace.context import Context, Presenter

COMPARE, LIFE = "Compare", "Life of the image"
_IN_PLACE = "The runs of the series are ticked as they begin, in place of those that were ticked."
_TOPIC = "image of a run"
_OTHER_IMAGES = (
    "That image is of other data than what the panels show. Go to an epoch of its run, then click "
    "it again."
)


class RunPages(Presenter):
    """Adds the pages to the panel, and lets them hear of the pinned image and of checkpoints."""

    def __init__(
        self,
        context: Context,
        panel: RunsPanel,
        store: RunStore,
        read: Callable[[], object],
        series_jobs: Jobs,
    ) -> None:
        super().__init__(context)
        self.panel, self._store, self._read = panel, store, read
        self._list, self._series_jobs = panel.list, series_jobs
        self._to_tick: list[str] = []  # keys of runs that are not read yet
        self.comparison = RunComparison(context, self._list, self._pin)
        self.life = RunLife(context, self._list, self._go_to, self._pin)
        self.series = RunSeries(context, panel, store, read, series_jobs)
        self.panel.add_page(self.comparison.page, COMPARE)
        self.panel.add_page(self.life.page, LIFE)
        # Else a click on a tab would hand the focus on to a field, whose value the keys change.
        self.panel.tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._connect()

    def _pin(self, samples: Dataset, place: int) -> None:
        """Pin an image in all panels, if they can show such a one."""
        shown = self._view.state.samples
        if samples is shown:
            self._view.pin(place)
        elif shown is not None and is_alike(samples, shown):
            self._view.pin_of(samples, place, "test")
        else:
            self._messages.say(_TOPIC, _OTHER_IMAGES)

    def _go_to(self, run: Run, epoch: int) -> None:
        """Go to the kept epoch that is nearest."""
        self._list.choose(run.key)
        if run.kept_epochs:
            self._view.show(run, min(run.kept_epochs, key=lambda kept: abs(kept - epoch)))

    # --- series ------------------------------------------------------------------------------

    @Slot()
    def _on_started(self) -> None:
        """Let the runs of the series be the only ones that are compared, and say so."""
        if self._list.runs.ticked():
            self._messages.done(_IN_PLACE)
        self._to_tick = []
        self._list.runs.untick_all()
        self.comparison.page.show_page("curves")
        self.panel.bring_forward(self.comparison.page)

    @Slot()
    def _expect(self) -> None:
        self.comparison.page.expect_more(bool(self._series_jobs.title))

    @Slot(str)
    def _on_begun(self, run: str) -> None:
        self._to_tick.append(str(self._store.folder / run))
        self._read()

    @Slot()
    def _tick(self) -> None:
        """Tick the runs of the series that are in the list by now, as far as there is room."""
        rows = [self._list.runs.row_of(run) for run in self._to_tick]
        found = [row.run for row in rows if row is not None]
        if found:
            self._to_tick = [key for key in self._to_tick if key not in {r.key for r in found}]
            room = MOST_TICKED - len(self._list.runs.ticked())
            self._list.runs.tick(found[:room], True)

    def _connect(self) -> None:
        unsay = partial(self._messages.unsay, _TOPIC)
        self._view.store.watch(lambda s: s.place, unsay, self)
        self._series_jobs.changed.connect(self._expect)
        self.comparison.page.series.clicked.connect(self.series.open)
        self.series.started.connect(self._on_started)
        self.series.begun.connect(self._on_begun)
        self._list.runs.rowsInserted.connect(self._tick)
        self._list.runs.modelReset.connect(self._tick)
