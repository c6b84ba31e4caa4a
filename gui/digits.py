"""Digits: the panels about single digits and what the network says of them, and what is pinned."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from engine.arrays import Array
from engine.data.dataset import Dataset
from gui.document import Document
from gui.mailbox import News
from gui.panels.confusion import ConfusionPanel
from gui.panels.draw import DrawPanel
from gui.panels.predictions import PredictionsPanel
from gui.session import Session

NO_NETWORK = (
    "What the network says of the drawing will be here when all blocks fit.\n"
    "Red text says what to mend."
)
NO_DATA = (
    "What the network says of the drawing will be here when there is data.\n"
    "Choose some in the training settings."
)


class Digits(QObject):
    """Makes the panels, and tells each of samples, outputs, looks, and of what is pinned.

    `panel_wanted` carries the title of a panel that is to be brought into view.
    """

    panel_wanted = Signal(str)

    def __init__(self, document: Document, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._session = document, session
        self.predictions = PredictionsPanel()
        self.confusion = ConfusionPanel()
        self.draw = DrawPanel()
        document.report_changed.connect(self._on_report)
        session.news_arrived.connect(self._on_news)
        session.samples_changed.connect(self._on_samples)
        self.predictions.sample_pinned.connect(self.pin)
        self.predictions.nothing_found.connect(self._show_answer)
        self.confusion.cell_chosen.connect(self._show_confused)
        self.draw.drawn.connect(self._pin_drawing)
        self._tell_obstacle()

    def panels(self) -> dict[str, PredictionsPanel | ConfusionPanel | DrawPanel]:
        """Give the panels by their titles."""
        return {
            "Predictions": self.predictions,
            "Confusion matrix": self.confusion,
            "Draw": self.draw,
        }

    @Slot(int)
    def pin(self, sample: int) -> None:
        """Look at a sample in all panels."""
        self._session.pin(sample)
        self._tell_pinned()

    @Slot(object)
    def _pin_drawing(self, image: NDArray[np.uint8]) -> None:
        had = self._session.pinned
        self._session.pin_drawing(image)
        if self._session.pinned != had:
            self._tell_pinned()

    def _tell_pinned(self) -> None:
        self.predictions.set_pinned(self._session.pinned)
        self.draw.set_pinned(self._session.pinned)

    @Slot(object)
    def _on_news(self, news: News) -> None:
        if news.look is not None:
            self.predictions.show_look(news.look)
            self.draw.show_look(news.look)
        if news.predictions is not None and news.predictions.samples is self._session.samples:
            self._set_outputs(news.predictions.outputs)

    @Slot(object)
    def _on_samples(self, samples: Dataset | None) -> None:
        self.predictions.set_samples(samples)
        self.confusion.set_samples(samples)
        if samples is not None:
            self.draw.set_shape(samples.images.shape[2:])
        self._tell_pinned()
        self._tell_obstacle()

    @Slot()
    def _on_report(self) -> None:
        if self._document.report.problem is not None:  # there is no network to ask
            self._set_outputs(None)
        self._tell_obstacle()

    def _set_outputs(self, outputs: Array | None) -> None:
        self.predictions.set_outputs(outputs)
        self.confusion.set_outputs(outputs)

    def _tell_obstacle(self) -> None:
        obstacle = NO_DATA if self._session.samples is None else ""
        fits = self._document.report.problem is None
        self.predictions.set_fits(fits)
        self.draw.set_obstacle(obstacle if fits else NO_NETWORK)

    @Slot(int, int)
    def _show_confused(self, true: int, predicted: int) -> None:
        """Show the digits of a cell where they can be looked at."""
        self.panel_wanted.emit("Predictions")
        self.predictions.show_confused(true, predicted)
        self.predictions.grid.setFocus()

    @Slot()
    def _show_answer(self) -> None:
        if not self.predictions.isVisible():
            self.panel_wanted.emit("Predictions")
