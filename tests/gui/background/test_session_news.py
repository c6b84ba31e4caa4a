"""What the session tells while it trains: when, in which order, how often."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.data.sources import load
from engine.inspection.snapshot import Sample, take_snapshot
from engine.inspection.unit_health import UnitHealth
from engine.training.step_statistics import StepStatistics
from gui.background.mailbox import Predictions, RunProgress
from gui.background.session import Session
from gui.document.document import Document
from tests.gui.driving import Driver


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it."""
    return new_project


def test_predictions_that_overtake_their_samples_are_not_lost(driver: Driver) -> None:
    session = driver.window.session
    samples = load("mnist", (0, 1), 1)[1].take(np.arange(3))
    outputs = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], np.float32)
    arrived: list[Predictions] = []
    session.predictions_made.connect(arrived.append)
    session._outbox.show(predictions=Predictions(samples, outputs))
    session._poll()  # as when the timer fires before the worker's signal is delivered
    assert all(one.samples is not samples for one in arrived)
    assert "→ ?" not in "".join(driver.captions())  # the old samples keep what was said of them
    session._set_samples(samples)
    driver.wait(lambda: driver.captions() != [] and "→ ?" not in "".join(driver.captions()))
    assert len(driver.captions()) == 3


def test_what_was_fetched_at_one_time_is_told_in_a_fixed_order(qtbot: QtBot) -> None:
    session, told = Session(Document()), list[str]()
    session.samples = load("mnist", (0, 1), 1)[1].take(np.arange(1))
    names = (
        "run_started",
        "losses_added",
        "progress_made",
        "steps_observed",
        "snapshot_taken",
        "predictions_made",
        "health_checked",
    )
    for name in reversed(names):
        getattr(session, name).connect(lambda *_, name=name: told.append(name))
    session._outbox.start_generation(session._generation)
    session._outbox.show(health=UnitHealth(0.1, 1, ()))
    session._outbox.show(predictions=Predictions(session.samples, np.array([[0.9, 0.1]])))
    session._outbox.show(snapshot=take_snapshot(None, Sample.of(session.samples, 0)))
    session._outbox.start_run()
    session._outbox.add_losses([0.1], [0.7], RunProgress(1, 1, 0.1, 9.0, 1.0, 9.0))
    session._outbox.add_step(0.1, StepStatistics((), 0.0))
    session._poll()
    assert told == list(names)
    session._poll()
    assert told == list(names), "there is nothing new"
