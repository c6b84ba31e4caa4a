"""What the session tells while it trains: when, in which order, how often."""

import numpy as np
import pytest

from engine.data.sources import load
from gui.background.mailbox import Predictions
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
