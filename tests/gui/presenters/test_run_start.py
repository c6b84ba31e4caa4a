"""What a run begins with is known, whatever of its own weights is told before it begins here."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from engine.data.dataset import Dataset
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.templates import notebook
from engine.training.samples import data_key
from gui.background.mailbox import LoadedData, Predictions
from gui.background.session import Session
from gui.document.document import Document
from gui.presenters.run_start import RunStarts

SETTINGS = Settings().with_changes(loss="mse", classes=(0, 1))
TEST = Dataset(np.zeros((4, 1, 28, 28), np.uint8), np.array([0, 1, 0, 1]), (0, 1))
RIGHT = np.eye(2, dtype=np.float32)[[0, 1, 0, 1]]
HALF = np.eye(2, dtype=np.float32)[[0, 0, 0, 0]]  # the right answers, and as many wrong ones


@pytest.fixture
def session(document: Document) -> Iterator[Session]:
    document.replace_project(replace(notebook(), settings=SETTINGS, trained_epochs=3), None)
    made = Session(document)
    made.data = LoadedData(data_key(SETTINGS), TEST, TEST)
    yield made
    made.close()


def begun(starts: RunStarts) -> tuple[int, bool, float] | None:
    """Return after how many epochs a run would begin, whether within one, and how good."""
    start = starts.now()
    if start is None:
        return None
    return start.epoch.number, start.epoch.is_within, start.epoch.test_accuracy


def tell(
    session: Session, outputs: np.ndarray, position: float, in_view: float | None = None
) -> None:
    session.predictions_made.emit(Predictions(TEST, outputs, position, in_view))


def learn(document: Document, epochs: int, part: float) -> None:
    document.keep_learned(notebook().network().copy_weights(), epochs, part=part)


def test_what_comes_of_a_run_before_its_begin_does_not_hide_what_it_begins_with(
    document: Document, session: Session
) -> None:
    starts = RunStarts(document, session)
    assert starts.now() is None
    tell(session, RIGHT, 3.0)
    assert begun(starts) == (3, False, 1.0)
    for early in (3.25, 3.5):  # told before the window knows of these steps
        tell(session, HALF, early)
        assert begun(starts) == (3, False, 1.0)
    learn(document, 3, 0.5)
    assert begun(starts) == (3, True, 0.5)
    learn(document, 4, 0.0)
    assert starts.now() is None


def test_a_run_that_was_stopped_in_its_first_epoch_is_gone_on_from(
    document: Document, session: Session
) -> None:
    learn(document, 0, 0.25)
    starts = RunStarts(document, session)
    tell(session, HALF, 0.25)
    assert begun(starts) == (0, True, 0.5)


def test_newer_predictions_of_the_same_time_count(document: Document, session: Session) -> None:
    starts = RunStarts(document, session)
    tell(session, RIGHT, 3.0)
    tell(session, HALF, 3.0)  # a kernel was edited
    assert begun(starts) == (3, False, 0.5)


def test_what_mixes_two_times_or_is_of_other_samples_says_nothing(
    document: Document, session: Session
) -> None:
    starts = RunStarts(document, session)
    tell(session, RIGHT, 3.0, in_view=3.25)
    others = replace(TEST, name="others")
    session.predictions_made.emit(Predictions(others, RIGHT, 3.0))
    session.predictions_made.emit(Predictions(TEST, RIGHT, None))
    assert starts.now() is None


def test_the_first_loss_is_that_of_the_weights_of_the_seed(
    document: Document, session: Session
) -> None:
    document.replace_project(Project(notebook().stack, SETTINGS), None)
    starts = RunStarts(document, session)
    tell(session, RIGHT, 0.0)
    tell(session, HALF, 0.25)
    assert (starts.now(), starts.loss()) == (None, 0.0)
    starts.forget()
    assert starts.loss() is None
