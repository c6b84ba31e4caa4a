"""What the session tells while it trains: when, in which order, how often."""

import dataclasses

import numpy as np
from pytestqt.qtbot import QtBot

from engine.data.sources import load
from engine.inspection.snapshot import Sample, take_snapshot
from engine.inspection.unit_health import UnitHealth
from engine.training.step_statistics import StepStatistics
from gui.background.session import Session
from gui.document.document import Document
from gui.state import Predictions, RunProgress, Seen
from tests.gui.driving import Driver


def test_predictions_of_new_data_wait_until_the_window_has_heard_of_it(driver: Driver) -> None:
    """As when the timer fires before the worker's signal is delivered."""
    session = driver.window.session
    data = session.data
    assert data is not None
    few = load("mnist", (0, 1), 1)[1].take(np.arange(3))
    outputs = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], np.float32)
    session._outbox.count_state()  # as the signal does in the worker's thread
    session._outbox.show(predictions=Predictions(few, outputs))
    session._poll()
    made = session.store.state.now.predictions
    assert made is None or made.samples is not few
    assert "→ ?" not in "".join(driver.captions())  # the old samples keep what was said of them
    session._on_data(dataclasses.replace(data, test=few))
    driver.wait(lambda: driver.captions() != [] and "→ ?" not in "".join(driver.captions()))
    assert len(driver.captions()) == 3


def test_of_what_was_fetched_at_one_time_the_start_of_the_run_comes_first(qtbot: QtBot) -> None:
    session, told = Session(Document()), list[str]()
    samples = load("mnist", (0, 1), 1)[1].take(np.arange(1))
    session._set_samples(samples)
    store = session.store
    store.flush()
    health, steps = UnitHealth(0.1, 1, ()), (0.1, StepStatistics((), 0.0))
    predictions = Predictions(samples, np.array([[0.9, 0.1]]))
    snapshot = take_snapshot(None, Sample.of(samples, 0))
    progress = RunProgress(1, 1, 0.1, 9.0, 1.0, 9.0)
    store.watch(lambda s: (s.now, s.run), lambda: told.append("state"))
    for name in ("steps_observed", "losses_added", "run_started"):
        getattr(session, name).connect(lambda *_, name=name: told.append(name))
    session._outbox.start_generation(session._generation)
    session._outbox.show(health=health, predictions=predictions, snapshot=snapshot)
    session._outbox.start_run()
    session._outbox.add_losses([0.1], [0.7], progress)
    session._outbox.add_step(*steps)
    session._poll()
    assert told == ["run_started", "losses_added", "steps_observed", "state"]
    assert store.state.now == Seen(snapshot, snapshot, predictions, [steps], health)
    assert store.state.run.progress == progress
    session._poll()
    assert len(told) == 4, "there is nothing new"
