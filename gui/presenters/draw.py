"""DrawPresenter: the panel to draw a digit in, and what it is told."""

from PySide6.QtCore import QObject, Slot

from engine.data.dataset import Dataset
from gui.background.session import Session
from gui.document.document import Document
from gui.panels.draw import DrawPanel
from gui.presenters.predictions import PredictionsPresenter
from gui.widgets.empty_reasons import none_until, until_it_predicts, when_there_is_data

NO_DATA = when_there_is_data("What the network says of the drawing")


class DrawPresenter(QObject):
    """Makes the panel, has its drawing pinned, and tells it what the network says of that.

    Once the canvas is empty, the digit that was pinned before the drawing is pinned again.
    """

    def __init__(
        self,
        document: Document,
        session: Session,
        predictions: PredictionsPresenter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._session, self._predictions = document, session, predictions
        self._before = session.pinned or 0
        self.panel = DrawPanel()
        document.problem_changed.connect(self._tell_obstacle)
        session.snapshot_taken.connect(self.panel.show_snapshot)
        session.samples_changed.connect(self._on_samples)
        predictions.pinned.connect(self.panel.set_pinned)
        predictions.pinned.connect(self._note)
        predictions.other_pinned.connect(self.panel.set_pinned)
        self.panel.drawn.connect(predictions.pin_drawing)
        self.panel.emptied.connect(self._pin_before)
        self._tell_obstacle()

    @Slot(object)
    def _on_samples(self, samples: Dataset | None) -> None:
        if samples is not None:
            self.panel.set_samples(samples)
        self._tell_obstacle()

    @Slot(object)
    def _note(self, sample: int | None) -> None:
        if sample is not None:
            self._before = sample

    @Slot()
    def _pin_before(self) -> None:
        self._predictions.pin(self._before)

    @Slot()
    def _tell_obstacle(self) -> None:
        obstacle = NO_DATA if self._session.samples is None else ""
        until = until_it_predicts(self._document.report)
        self.panel.set_obstacle(none_until("prediction", until) if until else obstacle)
