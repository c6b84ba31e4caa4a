"""Panels: the table of all views, and what makes each of them."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog

from gui.background.jobs import Jobs
from gui.editor.network_panel import NetworkPanel
from gui.exchange.imports import ImportPresenter
from gui.feature_maps.panel import FeatureMapsPanel
from gui.forms.settings_form import TrainingSettings
from gui.kernel_editor.presenter import KernelEditorPresenter
from gui.loss.panel import LossPanel
from gui.predictions.panel import PredictionsPanel
from gui.storage.export_actions import ExportActions, Table
from gui.widgets.buttons import make_action
from gui.widgets.layouts import scrolling
from gui.window.redraw import RedrawScheduler, SyncedPanels
from gui.window.views import LOSS, NETWORK, SETTINGS, STAGE, TRIED, LazyPanel, ViewEntry, entries_of
from gui.workspace.choices import remember_choices
from gui.workspace.context import Context
from gui.workspace.panel_export import offer_export, offer_exports, offer_panel_export

if TYPE_CHECKING:
    from engine.runs.run_folder import Run
    from engine.runs.store import Deleted
    from gui.confusion.panel import ConfusionPanel
    from gui.data.panel import DataPanel
    from gui.draw.panel import DrawPanel
    from gui.glass.presenter import GlassPresenter
    from gui.network_drawing.drawing_view import NetworkDrawing
    from gui.runs.presenter import RunsPresenter
    from gui.weights.presenter import KernelsAndGradientsPresenter
    from gui.why.panel import WhyPanel

LIVING = "What it sees"


def _network(panels: "Panels") -> NetworkPanel:
    context = panels.context
    return NetworkPanel(context.document, context.edits, context.kernel_edits, context.messages)


def _drawing(panels: "Panels") -> "NetworkDrawing":
    from gui.network_drawing.drawing_view import NetworkDrawing

    made = NetworkDrawing(panels.context.view)
    made.canvas.glass_wanted.connect(panels.put_under_glass)
    return made


def _feature_maps(panels: "Panels") -> FeatureMapsPanel:
    made = FeatureMapsPanel(panels.context)
    made.drawn.connect(panels.of_pinned.refresh)
    return made


def _glass(panels: "Panels") -> "GlassPresenter":
    from gui.glass.presenter import GlassPresenter

    made = GlassPresenter(panels.context)
    made.step.wrong.clicked.connect(panels.predictions.mistake_actions[1].trigger)
    return made


def _why(panels: "Panels") -> "WhyPanel":
    from gui.why.panel import WhyPanel

    return WhyPanel(panels.context, partial(panels.put_under_glass, cell=None))


def _data(panels: "Panels") -> "DataPanel":
    from gui.data.panel import DataPanel

    return DataPanel(panels.context, panels.settings)


def _runs(panels: "Panels") -> "RunsPresenter":
    from gui.runs.presenter import RunsPresenter

    made = RunsPresenter(panels.context, panels.series_jobs)
    made.project_wanted.connect(panels.imports.take_checkpoint)
    made.comparison.page.curves.made.connect(
        lambda plot: panels.serve(offer_export(plot, "runs", plot))
    )
    for page in (made.comparison.page, made.life.page):
        panels.redraw.add(page)
    return made


def _predictions(panels: "Panels") -> PredictionsPanel:
    made = PredictionsPanel(panels.context)
    panels.of_pinned.add(made.pane)
    return made


def _draw(panels: "Panels") -> "DrawPanel":
    from gui.draw.panel import DrawPanel

    return DrawPanel(panels.context)


def _confusion(panels: "Panels") -> "ConfusionPanel":
    from gui.confusion.panel import ConfusionPanel

    made = ConfusionPanel(panels.context)
    made.table.cell_chosen.connect(panels.predictions.show_confused)
    made.enlarge.clicked.connect(lambda: panels.context.enlarge_view("Confusion matrix"))
    return made


def _loss(panels: "Panels") -> LossPanel:
    made = LossPanel(panels.context)
    made.time_wanted.connect(lambda age: panels.runs.go_to_time(age))
    return made


class Panels(QObject):
    """The table of all views, in the order of their keys; makes them and has them drawn in turn.

    A sample that is pinned in one panel is pinned in all. At first only the panels in front are
    made, so that the window is there soon; each of the others is made when it is first asked for.
    """

    network = ViewEntry("Network", NETWORK, _network, is_panel=False, at_once=True)
    drawing = ViewEntry(LIVING, STAGE, _drawing, page="what-it-sees", of_pinned=True)
    feature_maps = ViewEntry(
        "Maps", STAGE, _feature_maps, page="what-it-sees", of_pinned=True, at_once=True
    )
    glass = ViewEntry("Step by step", STAGE, _glass, page="step-by-step")
    why = ViewEntry("Why", STAGE, _why, after_training=True)
    kernels = ViewEntry("Kernels", STAGE, lambda panels: panels.weights.kernels)
    gradients = ViewEntry(
        "Gradients", STAGE, lambda panels: panels.weights.gradients, after_training=True
    )
    data = ViewEntry("Data", STAGE, _data)
    runs = ViewEntry("Runs", STAGE, _runs, after_training=True)
    predictions = ViewEntry("Test image", TRIED, _predictions, page="test-image", at_once=True)
    draw = ViewEntry("Draw", TRIED, _draw, page="test-image", of_pinned=True)
    confusion = ViewEntry(
        "Confusion matrix", TRIED, _confusion, "Confusion", "test-image", after_training=True
    )
    loss = ViewEntry("Loss", LOSS, _loss, at_once=True)
    training_settings = ViewEntry(
        SETTINGS,
        SETTINGS,
        lambda panels: scrolling(panels.settings.more),
        page="training",
        is_panel=False,
        at_once=True,
    )

    def __init__(
        self,
        context: Context,
        settings: TrainingSettings,
        kernel_editor: KernelEditorPresenter,
        imports: ImportPresenter,
    ) -> None:
        super().__init__(context.window)
        self.context, self.settings = context, settings
        self.kernel_editor, self.imports = kernel_editor, imports
        self.series_jobs = Jobs(self)  # each may take hours, and nothing else waits for it
        self.more_runs = make_action(
            self,
            "more_runs",
            "&More runs…",
            lambda: self.runs.series.open(),
            tip="Train the network several times, with other seeds or settings",
        )
        self.follow_run = make_action(
            self,
            "follow_run",
            "&Follow a run…",
            self._ask_for_run,
            tip="Show a run that another program is writing, live: choose its folder",
        )
        self.redraw = RedrawScheduler(self)
        # What is said of the pinned sample is said by one snapshot.
        self.of_pinned = SyncedPanels(self)
        self.redraw.add(self.of_pinned)
        self.listed = [(entry, entry.place_in(self)) for entry in entries_of(Panels)]
        store = context.view.store
        store.watch(lambda s: (s.checkpoint, s.seen.snapshot, s.seen.predictions), self._prioritise)
        store.show(lambda s: s.run.busy, self.redraw.set_busy)
        self.redraw.partially_drawn_changed.connect(context.session.hold_news)
        context.session.recorder_said.connect(self._on_recorder_said)
        for part in (settings.of_data, settings.source.widget):  # till the panel takes them
            part.setParent(context.window)
            part.hide()

    def take_in(self, entry: ViewEntry[Any], panel: Any) -> None:
        """Have a panel drawn in turn and exported, and what is chosen in it remembered."""
        remember_choices(panel, self.context.preferences)
        (self.of_pinned if entry.of_pinned else self.redraw).add(panel)
        export: ExportActions | None = getattr(panel, "export", None)
        if export is not None:  # it is not exported as it stands
            offer_exports(panel, export)
        else:
            table: Table | None = getattr(panel, "as_csv", None)
            export = offer_panel_export(panel, panel.refresh, table)
        self.serve(export)

    def serve(self, export: ExportActions) -> None:
        """Have what exports something call its files like the project, and say what it did."""
        export.serve(self.context.document, self.context.messages)

    @cached_property
    def weights(self) -> "KernelsAndGradientsPresenter":
        """What tells Kernels and Gradients of the training."""
        from gui.weights.presenter import KernelsAndGradientsPresenter

        made = KernelsAndGradientsPresenter(self.context, self.kernel_editor.open)
        made.gradients.export_made.connect(self.serve)
        return made

    def steps(self) -> Iterator[Callable[[], object]]:
        """Return what makes all that the first painting does not need."""
        yield lambda: self.loss.curves
        for _, view in self.listed:
            if isinstance(view, LazyPanel):
                yield view.fill

    def end_threads(self) -> None:
        """End what panels do in threads, and wait a moment for it."""
        runs: RunsPresenter | None = vars(self).get("runs")  # if that panel was made
        self.series_jobs.close()
        if runs is not None:
            runs.changes.close()

    # --- from view to view -------------------------------------------------------------------

    def put_under_glass(self, slot_id: int, cell: tuple[int, int, int] | None) -> None:
        """Show what a block does, step by step."""
        self.context.show_view("Step by step")
        self.glass.show_block(slot_id, cell)

    def follow(self, path: Path) -> None:
        """Show a run that another program writes, as its epochs arrive."""
        self.runs.follow(path)

    def _ask_for_run(self) -> None:
        """Ask for the folder of a run and follow it."""
        window, folder = self.context.window, str(self.context.document.folder)
        chosen = QFileDialog.getExistingDirectory(window, "Follow a run", folder)
        if chosen:
            self.follow(Path(chosen))

    # --- what happens ------------------------------------------------------------------------

    @Slot(str, object)
    def _on_recorder_said(self, text: str, evicted: "Mapping[Run, Deleted]") -> None:
        if evicted:
            self.runs.changes.note_eviction(text, evicted)
        else:
            self.context.messages.done(text)

    def _prioritise(self) -> None:
        """Have a moment of the past drawn at once, also beside a training."""
        if self.context.view.state.checkpoint is not None:
            self.redraw.prioritise()
