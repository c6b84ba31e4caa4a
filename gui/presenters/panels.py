"""Panels: all panels that look into a network, and what each of them is told."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from gui.background.jobs import Jobs
from gui.background.mailbox import LoadedData, News
from gui.background.session import Session
from gui.document.document import Document
from gui.panels.feature_maps import FeatureMapsPanel
from gui.panels.loss import LossPanel
from gui.presenters.predictions import PredictionsPresenter
from gui.presenters.strongest_digits import StrongestDigitsPresenter
from gui.storage.choices import remember_choices
from gui.storage.preferences import PreferencesStore
from gui.widgets.obstacles import until_it_predicts
from gui.window.docks import PanelPlace
from gui.window.redraw import DrawnTogether, RedrawScheduler

if TYPE_CHECKING:
    from engine.training.run import EpochDone
    from gui.panels.confusion import ConfusionPanel
    from gui.panels.draw import DrawPanel
    from gui.panels.glass import GlassPanel
    from gui.panels.gradients import GradientsPanel
    from gui.panels.kernels import KernelsPanel
    from gui.presenters.draw import DrawPresenter
    from gui.presenters.glass import GlassPresenter
    from gui.presenters.weights import WeightsPresenter

    LaterPanel = ConfusionPanel | DrawPanel | GlassPanel | GradientsPanel | KernelsPanel

NO_DATA = "Feature maps will be here when there is data.\nChoose some in the training settings."
MEND = "First all blocks must fit: red text says what to mend."
CHOOSE = "First choose data in the training settings."
_LATER = {  # the panels that are made after the others, by their titles
    "Confusion matrix": "panel.confusion",
    "Draw": "panel.draw",
    "Kernels": "panel.kernels",
    "Gradients": "panel.gradients",
    "Under glass": "panel.glass",
}


class Panels(QObject):
    """Makes the panels, passes on what the session brings, and has them drawn in turn.

    A digit that is pinned in one panel is pinned in all. At first only the panels in front are
    made, so that the window is there soon; `make_rest` makes the others.
    """

    learning: "WeightsPresenter"
    glass: "GlassPresenter"
    drawing: "DrawPresenter"

    def __init__(
        self,
        document: Document,
        session: Session,
        jobs: Jobs,
        preferences: PreferencesStore,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._session, self._jobs = document, session, jobs
        self._preferences = preferences
        self.loss = LossPanel()
        self.feature_maps = FeatureMapsPanel()
        self.digits = PredictionsPresenter(document, session, self)
        self.predictions = self.digits.predictions
        for panel in (self.loss, self.feature_maps, self.predictions):
            remember_choices(panel, preferences)
        self.redraw = RedrawScheduler(self)
        self.redraw.add(self.loss)
        self.redraw.add(self.predictions)
        self._of_pinned = DrawnTogether(
            self
        )  # what is said of the pinned digit is said by one look
        self._of_pinned.add(self.feature_maps)
        self._of_pinned.add(self.predictions.pane)
        self.redraw.add(self._of_pinned)
        self.feature_maps.drawn.connect(self._of_pinned.refresh)
        self._places = {title: PanelPlace(name, title) for title, name in _LATER.items()}
        self.feature_maps.show_report(document.report)
        document.report_changed.connect(self._on_report)
        document.project_replaced.connect(self.loss.clear)
        document.path_changed.connect(self._on_path)
        session.state_changed.connect(self._on_state)
        session.epoch_done.connect(self._on_epoch)
        session.news_arrived.connect(self._on_news)
        session.data_loaded.connect(self._on_data)
        session.was_reset.connect(self.loss.start_run)  # the run before stays to be compared
        self.feature_maps.sample_chosen.connect(self.digits.pin)
        self.excitation = StrongestDigitsPresenter(self.feature_maps, document, session, jobs, self)

    def panels(self) -> dict[str, QWidget]:
        """Return all panels by their titles."""
        return {
            "Loss": self.loss,
            "Feature maps": self.feature_maps,
            "Predictions": self.predictions,
            **self._places,
        }

    def make_rest(self) -> Iterator[None]:
        """Make the panels that nobody sees at the start, one with each step."""
        yield from self._make_learning()
        yield from self._make_answers()
        yield from self._make_glass()

    def _make_learning(self) -> Iterator[None]:
        from gui.presenters.weights import WeightsPresenter

        self.learning = WeightsPresenter(self._document, self._session, self)
        self._add("Kernels", self.learning.kernels)
        self._add("Gradients", self.learning.gradients)
        yield

    def _make_answers(self) -> Iterator[None]:
        from gui.panels.confusion import ConfusionPanel

        confusion = ConfusionPanel()
        self._session.samples_changed.connect(confusion.set_samples)
        self.digits.outputs_changed.connect(confusion.set_outputs)
        confusion.cell_chosen.connect(self.digits.show_confused)
        self.digits.obstacle_changed.connect(confusion.set_obstacle)
        confusion.set_obstacle(until_it_predicts(self._document.report))
        self._add("Confusion matrix", confusion)
        yield
        from gui.presenters.draw import DrawPresenter

        self.drawing = DrawPresenter(self._document, self._session, self.digits, self)
        self._places["Draw"].fill(self.drawing.panel)
        self._of_pinned.add(self.drawing.panel)
        yield

    def _make_glass(self) -> Iterator[None]:
        from gui.presenters.glass import GlassPresenter

        self.glass = GlassPresenter(self._document, self._session, self._jobs, self)
        self._add("Under glass", self.glass.panel)
        yield

    def _add(self, title: str, panel: "LaterPanel") -> None:
        remember_choices(panel, self._preferences)
        self._places[title].fill(panel)
        self.redraw.add(panel)

    @Slot(str)
    def _on_state(self, state: str) -> None:
        self.redraw.set_busy(state == "Training")

    @Slot()
    def _on_report(self) -> None:
        self.feature_maps.show_report(self._document.report)
        self._tell_obstacle()

    @Slot(object)
    def _on_data(self, data: LoadedData) -> None:
        if data.test is None:
            self.feature_maps.show_snapshot(None, NO_DATA)
        self._tell_obstacle()

    def _tell_obstacle(self) -> None:
        """Say in the empty loss panel why Train is disabled."""
        no_data = CHOOSE if self._session.data_problem else ""
        self.loss.set_obstacle(MEND if self._document.report.problem is not None else no_data)

    @Slot(object)
    def _on_epoch(self, event: "EpochDone") -> None:
        self.loss.add_epoch(event)

    @Slot(object)
    def _on_news(self, news: News) -> None:
        if news.fresh_run:
            self.loss.start_run()
        if news.losses:
            self.loss.add_batches(np.array(news.positions), np.array(news.losses))
        if news.look is not None:
            self.feature_maps.show_snapshot(news.look)

    @Slot()
    def _on_path(self) -> None:
        self.loss.set_project(self._document.path)
