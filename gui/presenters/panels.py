"""Panels: all panels that look into a network, and what each of them is told."""

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QComboBox, QFileDialog, QWidget

from gui.background.jobs import Jobs
from gui.background.session import Session
from gui.background.view import View
from gui.document.document import Document
from gui.document.edits import Edits
from gui.forms.settings_form import TrainingSettings
from gui.panels.feature_maps import FeatureMapsPanel
from gui.panels.panel_export import offer_export, offer_exports, offer_panel_export
from gui.presenters.loss import LossPresenter
from gui.presenters.predictions import PredictionsPresenter
from gui.presenters.strongest_samples import StrongestSamplesPresenter
from gui.storage.export_actions import ExportActions, Table
from gui.storage.preferences import PreferencesStore
from gui.storage.recent import RecentData
from gui.widgets.buttons import make_action
from gui.widgets.empty_state import until_it_predicts, when_there_is_data
from gui.widgets.messages import MessageBar
from gui.window.redraw import RedrawScheduler, SyncedPanels
from gui.window.stage import LazyPanel

if TYPE_CHECKING:
    from engine.runs.run_folder import Run
    from engine.runs.store import Deleted
    from gui.panels.confusion import ConfusionPanel
    from gui.presenters.data import DataPresenter
    from gui.presenters.draw import DrawPresenter
    from gui.presenters.glass import GlassPresenter
    from gui.presenters.kernels_and_gradients import KernelsAndGradientsPresenter
    from gui.presenters.network_drawing import NetworkDrawingPresenter
    from gui.presenters.run_pages import RunPages
    from gui.presenters.runs import RunsPresenter
    from gui.widgets.output_bars import OutputBars

# The widgets whose state is remembered. What filters the digits is not: a window that opens should
# show all of them.
SWITCHES = ("loss.log", "feature_maps.fixed", "kernels.numbers", "check.inputs")
CHOICES = (
    "feature_maps.stage",
    "gradients.shown",
    "kernels.shown",
    "kernels.colours",
    "predictions.order",
    "glass.speed",
)
NO_DATA = when_there_is_data("Feature maps")
LIVING = "Living network"


def remember_choices(panel: QWidget, preferences: PreferencesStore) -> None:
    """Set the choices in a panel as they were, as if a person did it, and note new ones."""
    for button in panel.findChildren(QAbstractButton):
        if button.objectName() in SWITCHES:
            _remember_switch(button, preferences)
    for box in panel.findChildren(QComboBox):
        if box.objectName() in CHOICES:
            _remember_choice(box, preferences)


def _remember_switch(button: QAbstractButton, preferences: PreferencesStore) -> None:
    name = button.objectName()
    chosen = preferences.current.panels.switches.get(name)
    if chosen is not None:
        button.setChecked(chosen)
        button.clicked[bool].emit(chosen)  # type: ignore[index]  # the stub knows no overloads

    def note(on: bool) -> None:
        with preferences.changing() as changed:
            changed.panels.switches[name] = on

    button.clicked.connect(note)


def _remember_choice(box: QComboBox, preferences: PreferencesStore) -> None:
    name = box.objectName()
    place = box.findText(preferences.current.panels.choices.get(name, ""))
    if place >= 0:
        box.setCurrentIndex(place)
        box.activated.emit(place)

    def note() -> None:
        with preferences.changing() as changed:
            changed.panels.choices[name] = box.currentText()

    box.activated.connect(note)


class Panels(QObject):
    """Makes the panels, passes on what the session brings, and has them drawn in turn.

    A sample that is pinned in one panel is pinned in all. At first only the panels in front are
    made, so that the window is there soon; each of the others is made when it is first asked for.

    `panel_wanted` carries the title of a panel, `kernel_activated` slot id, map and channel from 0
    of a kernel to edit, `project_wanted` a run and an epoch of it to be opened as a project,
    `shown_listed` the row of the run that is looked at as it was listed last, and whether it no
    longer is, `undo_used` the steps that Undo and Redo are about, None: those of the network.
    """

    panel_wanted = Signal(str)
    kernel_activated = Signal(int, int, int)
    project_wanted = Signal(object, int)
    shown_listed = Signal(object, bool)
    undo_used = Signal(object)

    def __init__(
        self,
        document: Document,
        session: Session,
        view: View,
        jobs: Jobs,
        edits: Edits,
        settings: TrainingSettings,
        preferences: PreferencesStore,
        messages: MessageBar,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._messages = messages
        self._document, self._session, self._view = document, session, view
        self._jobs, self._edits, self._settings = jobs, edits, settings
        self._preferences = preferences
        self.series_jobs = Jobs(self)  # each may take hours, and nothing else waits for it
        self.more_runs = make_action(
            self,
            "more_runs",
            "&More runs…",
            lambda: self.run_pages.series.open(),
            tip="Train the network several times, with other seeds or settings",
        )
        self.follow_run = make_action(
            self,
            "follow_run",
            "&Follow a run…",
            self._ask_for_run,
            tip="Show a run that another program is writing, live: choose its folder",
        )
        self.loss = LossPresenter(document, session, view, self)
        self.loss.panel.time_wanted.connect(lambda age: self.runs.go_to_time(age))
        self.feature_maps = FeatureMapsPanel(self._show_kernels)
        self.predictions = PredictionsPresenter(view, self.panel_wanted.emit, self)
        self.strongest_samples = StrongestSamplesPresenter(
            self.feature_maps, self._view, jobs, self
        )
        for panel in (self.loss.panel, self.feature_maps, self.predictions.panel):
            remember_choices(panel, preferences)
        self.redraw = RedrawScheduler(self)
        # What is said of the pinned sample is said by one snapshot.
        self._of_pinned = SyncedPanels(self)
        self.places = {
            "Confusion matrix": LazyPanel(
                "panel.confusion", "Confusion matrix", lambda: self.confusion
            ),
            "Draw": LazyPanel("panel.draw", "Draw", lambda: self.draw.panel),
            "Kernels": LazyPanel("panel.kernels", "Kernels", lambda: self.weights.kernels),
            "Gradients": LazyPanel("panel.gradients", "Gradients", lambda: self.weights.gradients),
            "Under glass": LazyPanel("panel.glass", "Under glass", lambda: self.glass.panel),
            LIVING: LazyPanel("panel.drawing", LIVING, lambda: self.drawing.panel),
            "Data": LazyPanel("panel.data", "Data", lambda: self.data.panel),
            "Runs": LazyPanel("panel.runs", "Runs", lambda: self.run_pages.panel),
        }
        for part in (settings.of_data, settings.source.widget):  # till the panel takes them
            part.setParent(self.places["Data"])
            part.hide()
        self._schedule()
        self._connect()

    @Slot(str, object)
    def _on_recorder_said(self, text: str, evicted: "Mapping[Run, Deleted]") -> None:
        if evicted:
            self.runs.changes.note_eviction(text, evicted)
        else:
            self._messages.done(text)

    def by_title(self) -> dict[str, QWidget]:
        """Return all panels, or the places of those that are made later, by their titles."""
        return {
            "Loss": self.loss.panel,
            "Feature maps": self.feature_maps,
            "Predictions": self.predictions.panel,
            **self.places,
        }

    @property
    def mistake_actions(self) -> list[QAction]:
        """What goes to the mistake before and to the next one."""
        return self.predictions.panel.mistake_actions

    def make_plots(self) -> None:
        """Make the plots of the panels that are there, which the first painting does not need."""
        _ = self.loss.panel.curves
        self._hear_bars(self.predictions.panel.pane.bars)

    def end_threads(self) -> bool:
        """End what panels do in threads, if it takes but a moment; return whether it did."""
        runs: RunsPresenter | None = vars(self).get("runs")  # if that panel was made
        self.series_jobs.close()
        if runs is not None:
            runs.changes.close()
        return self.series_jobs.ended and (runs is None or runs.changes.ended)

    # --- what panels write -------------------------------------------------------------------

    def _offer_exports(self) -> None:
        """Let the panels that are there from the start be exported."""
        offer_exports(self.loss.panel, self.loss.panel.export)
        self._serve(self.loss.panel.export)
        self._offer(self.feature_maps, self.feature_maps.refresh, self.feature_maps.as_csv)
        predictions = self.predictions.panel
        self._offer(predictions, predictions.refresh, predictions.as_csv)

    def _offer(
        self, panel: QWidget, refresh: Callable[[], None], table: Table | None = None
    ) -> None:
        self._serve(offer_panel_export(panel, refresh, table))

    def _hear_bars(self, bars: "OutputBars") -> None:
        self._serve(offer_export(bars, "outputs", bars))

    def _serve(self, export: ExportActions) -> None:
        export.serve(self._document, self._messages)

    # --- made when they are first asked for --------------------------------------------------

    @cached_property
    def weights(self) -> "KernelsAndGradientsPresenter":
        """Kernels and gradients."""
        from gui.presenters.kernels_and_gradients import KernelsAndGradientsPresenter

        made = KernelsAndGradientsPresenter(self._view, self._session, self._messages, self)
        made.kernel_activated.connect(self.kernel_activated)
        made.gradients.export_made.connect(self._serve)
        self._offer(made.kernels, made.kernels.refresh, made.kernels.as_csv)
        self._offer(made.gradients, made.gradients.refresh, made.gradients.curves.as_csv)
        for panel in (made.kernels, made.gradients):
            remember_choices(panel, self._preferences)
            self.redraw.add(panel)
        return made

    @cached_property
    def confusion(self) -> "ConfusionPanel":
        """The confusion matrix."""
        from gui.panels.confusion import ConfusionPanel

        made = ConfusionPanel(self._follow_cell)
        store = self._view.store
        store.watch(lambda s: (s.samples, s.problem), partial(self._tell_samples, made), made)
        store.show(lambda s: until_it_predicts(s.report), made.set_obstacle)
        store.watch(lambda s: (s.report, s.seen.predictions), partial(self._count, made), made)
        made.table.cell_chosen.connect(self.predictions.show_confused)
        self._offer(made, made.refresh, made.as_csv)
        remember_choices(made, self._preferences)
        self.redraw.add(made)
        return made

    @cached_property
    def draw(self) -> "DrawPresenter":
        """The panel to draw a sample in."""
        from gui.presenters.draw import DrawPresenter

        made = DrawPresenter(self._document, self._edits, self._view, self._messages, self)
        made.panel.bars_made.connect(self._hear_bars)
        self._offer(made.panel, made.panel.refresh, lambda: made.panel.bars.table())
        self._of_pinned.add(made.panel)
        return made

    @cached_property
    def glass(self) -> "GlassPresenter":
        """A training step of the pinned sample, under glass."""
        from gui.presenters.glass import GlassPresenter

        made = GlassPresenter(self._view, self._session, self._jobs, self)
        ahead = self.mistake_actions[1]
        made.step.wrong.clicked.connect(ahead.trigger)
        made.step.wrong.setEnabled(ahead.isEnabled())
        ahead.changed.connect(lambda: made.step.wrong.setEnabled(ahead.isEnabled()))
        remember_choices(made.panel, self._preferences)
        self._offer(made.panel, made.panel.refresh)
        self.redraw.add(made.panel)
        return made

    @cached_property
    def drawing(self) -> "NetworkDrawingPresenter":
        """The network, filled with what it makes of the pinned image."""
        from gui.presenters.network_drawing import NetworkDrawingPresenter

        made = NetworkDrawingPresenter(self._view, self._session, self)
        offer_exports(made.panel, made.panel.exports)
        self._serve(made.panel.exports)
        made.panel.canvas.glass_wanted.connect(self._put_under_glass)
        self._of_pinned.add(made.panel)
        return made

    @cached_property
    def data(self) -> "DataPresenter":
        """What is in the data, and what is wrong with it."""
        from gui.presenters.data import DataFindingsPresenter, DataPresenter

        document, edits, session = self._document, self._edits, self._session
        recent = RecentData(self._preferences)
        made = DataPresenter(document, edits, session, self._settings, self._view, recent, self)
        DataFindingsPresenter(document, edits, session, made.panel, made)
        self._offer(made.panel, made.panel.refresh, made.panel.as_csv)
        self.redraw.add(made.panel)
        return made

    @cached_property
    def runs(self) -> "RunsPresenter":
        """The kept runs."""
        from gui.presenters.runs import RunsPresenter

        document, session, preferences = self._document, self._session, self._preferences
        parts = document, session, self._view, self._jobs, preferences, self._messages
        made = RunsPresenter(*parts, self.loss, self)
        made.project_wanted.connect(self.project_wanted)
        made.shown_listed.connect(self.shown_listed)
        made.undo_used.connect(self.undo_used)
        self._offer(made.panel, made.panel.refresh, lambda: self.run_pages.as_csv())
        self.redraw.add(made.panel)
        return made

    @cached_property
    def run_pages(self) -> "RunPages":
        """What compares runs, tells the life of an image, and trains series, beside the list."""
        from gui.presenters.run_pages import RunPages

        document, session, view = self._document, self._session, self._view
        jobs = self._jobs, self.series_jobs
        made = RunPages(self.runs, document, session, view, *jobs, self._messages, self)
        made.comparison.page.curves.made.connect(
            lambda plot: self._serve(offer_export(plot, "runs", plot))
        )
        for page in (made.comparison.page, made.life.page):
            self.redraw.add(page)
        return made

    # --- building ----------------------------------------------------------------------------

    def _schedule(self) -> None:
        self.redraw.add(self.loss.panel)
        self.redraw.add(self.predictions.panel)
        self._of_pinned.add(self.feature_maps)
        self._of_pinned.add(self.predictions.panel.pane)
        self.redraw.add(self._of_pinned)
        self.redraw.partially_drawn_changed.connect(self._session.hold_news)
        self.feature_maps.drawn.connect(self._of_pinned.refresh)

    def _connect(self) -> None:
        session, store = self._session, self._view.store
        store.show(lambda s: s.report, self.feature_maps.show_report)
        store.show(lambda s: s.selected, self.feature_maps.show_selected)
        store.watch(lambda s: (s.seen.snapshot, s.sees_nothing, s.problem), self._show_snapshot)
        store.watch(lambda s: (s.checkpoint, s.seen.snapshot, s.seen.predictions), self._prioritise)
        store.show(lambda s: s.run.busy, self.redraw.set_busy)
        session.recorder_said.connect(self._on_recorder_said)
        self.feature_maps.sample_pinned.connect(self._view.pin)
        predictions = self.predictions.panel
        predictions.filters.mistake_followed.connect(
            lambda true, said: self._follow_cell(true, said, predictions.grid.samples.classes)
        )
        self._offer_exports()

    def _show_kernels(self, slot_id: int, number: int) -> None:
        """Show the kernels that make a map, marked."""
        self.weights.kernels.show_map(slot_id, number)
        self.panel_wanted.emit("Kernels")

    @Slot(int, object)
    def _put_under_glass(self, slot_id: int, cell: tuple[int, int, int] | None) -> None:
        self.panel_wanted.emit("Under glass")
        self.glass.show_block(slot_id, cell)

    def _ask_for_run(self) -> None:
        """Ask for the folder of a run and follow it."""
        folder = QFileDialog.getExistingDirectory(
            self.runs.panel.window(), "Follow a run", str(self._document.folder)
        )
        if folder:
            self.follow(Path(folder))

    @Slot(object)
    def follow(self, path: Path) -> None:
        """Show a run that another program writes, as its epochs arrive."""
        self.runs.follow(path)

    def _follow_cell(self, true: int, said: int, classes: tuple[str, ...]) -> None:
        """Show in Runs when a cell of the confusion matrix emptied."""
        self.panel_wanted.emit("Runs")
        self.run_pages.follow_cell(true, said, classes)

    # --- what happens ------------------------------------------------------------------------

    def _prioritise(self) -> None:
        """Have a moment of the past drawn at once, also beside a training."""
        if self._view.state.checkpoint is not None:
            self.redraw.prioritise()

    def _show_snapshot(self) -> None:
        state = self._view.state
        if state.seen.snapshot is not None or state.sees_nothing:
            self.feature_maps.show_snapshot(state.seen.snapshot, state.problem or NO_DATA)

    def _tell_samples(self, panel: "ConfusionPanel") -> None:
        panel.set_samples(self._view.state.samples, self._view.state.problem)

    def _count(self, panel: "ConfusionPanel") -> None:
        """Count outputs over all samples, unless only those in view are new."""
        state = self._view.state
        made, changed = state.seen.predictions, state.changed_since_training
        if not state.report.predicts:
            panel.set_outputs(None)
        elif made is not None and made.watched_position is None:
            panel.set_outputs(made.outputs, made.position, changed)
