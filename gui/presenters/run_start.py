"""The weights that a run goes on from, told as an epoch, so that one can go back to them."""

from typing import NamedTuple

from PySide6.QtCore import QObject, Slot

from engine.advice.facts import Epoch, pace_of
from engine.model.project import Project
from engine.model.run_moment import RunMoment
from engine.model.settings import Settings
from engine.model.training_state import TrainingState
from engine.model.weights import Weights
from gui.background.mailbox import Predictions
from gui.background.session import Session
from gui.document.document import Document

_SAME = 1e-6  # epochs


class Trained(NamedTuple):
    """What was learned up to an epoch, or to a `part` of the one after it.

    `origin` is the kept run and the epoch of it that the weights are of, or go on from.
    """

    weights: Weights
    state: TrainingState | None
    origin: RunMoment | None
    part: float = 0.0


class RunStart(NamedTuple):
    """What a run begins with, told as an epoch."""

    epoch: Epoch
    trained: Trained


class RunStarts(QObject):
    """Knows how good the present weights are, as they were last predicted with.

    A run that begins may predict before the window hears of it: what it says of its own weights
    does not displace what was said of those that it begins with.
    """

    def __init__(self, document: Document, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._session = document, session
        self._told: tuple[Predictions, ...] = ()  # of the present weights, and newer ones
        session.predictions_made.connect(self._on_predictions)
        session.was_reset.connect(self.forget)

    def now(self) -> RunStart | None:
        """Return what a run would begin with; None if it is not trained, or not predicted with."""
        document, predictions = self._document, self._of_present()
        if not document.project().position or predictions is None:
            return None
        state = document.learned.state
        settings = document.settings if state is None else state.settings  # of the run before
        return _run_start(document.project(), settings, predictions)

    def loss(self) -> float | None:
        """Return the test loss that a run would begin with; None if it is not known."""
        predictions = self._of_present()
        return None if predictions is None else _loss(predictions, self._document.settings)

    @Slot()
    def forget(self) -> None:
        """Forget what another network predicted."""
        self._told = ()

    @Slot(object)
    def _on_predictions(self, predictions: Predictions) -> None:
        """Take what is said of all test samples at one time."""
        data, is_whole = self._session.data, predictions.watched_position is None
        if is_whole and data and predictions.samples is data.test:
            present = self._of_present()
            self._told = (predictions,) if present is None else (present, predictions)

    def _of_present(self) -> Predictions | None:
        """Return the newest predictions of the present weights."""
        position = self._document.trained_epochs + self._document.learned.part
        return next((each for each in self._told[::-1] if _is_at(each, position)), None)


def _run_start(project: Project, settings: Settings, predictions: Predictions) -> RunStart:
    """Return what a run of a trained project begins with.

    `settings` are those that it was trained with. The training accuracy and loss were never
    measured, so those of the test stand for them.
    """
    from engine.training.confusion import Confusion  # brings the engine

    accuracy = Confusion.of(predictions.samples.labels, predictions.outputs).accuracy
    loss = _loss(predictions, project.settings)
    measured = loss, accuracy, loss, accuracy
    pace, is_within = pace_of(settings), project.trained_part > 0
    epoch = Epoch(project.trained_epochs, *measured, *pace, is_within=is_within)
    learned = project.weights, project.state, project.origin, project.trained_part
    return RunStart(epoch, Trained(*learned))


def _is_at(predictions: Predictions, position: float) -> bool:
    """Return whether predictions are those of weights that were trained for so many epochs."""
    return predictions.position is not None and abs(predictions.position - position) <= _SAME


def _loss(predictions: Predictions, settings: Settings) -> float:
    from engine.model.losses import LOSSES  # brings the engine

    outputs = predictions.outputs
    targets = predictions.samples.batch_targets(slice(None), outputs.dtype)
    return float(LOSSES[settings.loss].values(outputs, targets).mean())
