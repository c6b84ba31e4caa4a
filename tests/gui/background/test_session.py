"""Training seen from the window: train, pause, step, stop, reset, and what is shown of it."""

import dataclasses
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

from engine.data.sources import load
from engine.inspection.snapshot import Sample, take_snapshot
from engine.inspection.unit_health import UnitHealth
from engine.training.step_statistics import StepStatistics
from gui.background.session import Session
from gui.document.document import Document
from gui.state import Predictions, RunProgress, Seen
from tests.gui.background.headless import assert_same, train_alone
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver

CTRL = Qt.KeyboardModifier.ControlModifier


def test_the_notebook_learns_the_same_as_without_a_window(driver: Driver, tmp_path: Path) -> None:
    driver.type_into("setting.epochs", "3")
    driver.select(0)
    driver.press(Qt.Key.Key_Space)
    driver.wait_for("Training")
    driver.press(Qt.Key.Key_Space)
    driver.wait_for("Paused")
    driver.train()
    driver.settle()
    alone = train_alone(epochs=3)
    assert_same(driver.weights(tmp_path), alone.weights)
    wrong = sum("→" in caption for caption in driver.captions())
    right = alone.epochs[-1].test_accuracy
    assert 1 - wrong / len(driver.captions()) == pytest.approx(right)
    assert right > 0.9
    assert len(alone.losses) == 3 * 200
    assert driver.batch_losses(tmp_path) == alone.losses
    drawn = list(zip(*driver.curve("loss batch"), strict=True))
    assert set(drawn) <= set(alone.losses)
    assert len(drawn) > 200
    assert driver.curve("loss test") == ([1, 2, 3], [event.test_loss for event in alone.epochs])
    assert driver.curve("loss train")[1] == [event.loss for event in alone.epochs]
    assert driver.curve("accuracy test")[1] == [e.test_accuracy * 100 for e in alone.epochs]
    assert driver.progress() == 1
    assert driver.text("figure.epoch") == "3 / 3"


def test_the_learning_rate_is_live_and_edits_in_a_pause_keep_the_weights_that_still_fit(
    driver: Driver, tmp_path: Path
) -> None:
    driver.make_smaller()
    driver.type_into("setting.limit", "20")
    driver.type_into("setting.epochs", "500")
    driver.click("train")
    driver.wait(lambda: len(driver.curve("loss train")[0]) >= 1)
    for name in ("batch_size", "epochs", "seed", "loss", "classes", "limit", "dataset"):
        field = driver.find(QWidget, f"setting.{name}")
        assert not field.isEnabled(), name
        assert field.toolTip() == "Pause training first."
    assert not driver.find(QWidget, "add.conv").isEnabled()
    assert not driver.action("undo").isEnabled()
    driver.type_into("setting.learning_rate", "1e-8")
    driver.settle()
    driver.click("train", until="Paused")
    frozen = driver.weights(tmp_path)
    driver.run("step_epoch", "Paused")
    before = driver.weights(tmp_path)
    moved = max(np.abs(before[name] - frozen[name]).max() for name in frozen)
    assert moved < 1e-4  # an epoch at 0.1 moves them by some hundredths
    driver.choose("undo")  # the epochs, typed before
    assert driver.find(QAbstractSpinBox, "setting.epochs").text() == "20"
    assert driver.project(tmp_path / "p.layerscope").settings.learning_rate == 1e-8
    driver.wait_for_panels()
    maps = [tile.copy() for tile in driver.tiles()]
    driver.select(0)
    driver.press(Qt.Key.Key_Delete)
    assert len(driver.rows()) == 6
    driver.press(Qt.Key.Key_Z, CTRL)
    driver.wait_for_panels()
    assert_same(driver.weights(tmp_path), before)
    np.testing.assert_array_equal(driver.tiles(), maps)
    driver.select(3)
    driver.type_into("option.units", "50")
    driver.wait_for("Ready")
    driver.run("step_batch", "Paused")
    after = driver.weights(tmp_path)
    np.testing.assert_allclose(after["0.conv.weight"], before["0.conv.weight"], atol=1e-6)
    assert after["3.dense.weight"].shape == (50, 3380)
    assert after["5.dense.weight"].shape == (2, 50)


@pytest.mark.timing
def test_closing_the_window_while_it_trains_is_clean(open_window: OpenWindow) -> None:
    driver = open_window(None)  # its own, for the module's window is used again
    driver.wait_for_first_looks()
    driver.type_into("setting.epochs", "500")
    driver.click("train", until="Training")
    asked = time.perf_counter()
    assert driver.window.close()  # the fixture looks for threads that are left
    assert time.perf_counter() - asked < 1


@pytest.mark.timing
def test_stop_answers_in_the_middle_of_a_large_step(driver: Driver) -> None:
    driver.choose("new.blank")
    for kind in ("conv", "sigmoid", "conv", "sigmoid", "reshape", "dense", "sigmoid"):
        driver.click(f"add.{kind}")
    for row in (0, 2):
        driver.select(row)
        driver.type_into("option.depth", "32")
    driver.select(5)
    driver.type_into("option.units", "2")
    driver.type_into("setting.limit", "0")
    driver.type_into("setting.batch_size", "2000")
    driver.click("train", until="Training")
    driver.settle()
    asked = time.perf_counter()
    driver.click("stop", until="Stopped")
    assert time.perf_counter() - asked < 1


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


def test_of_what_was_fetched_at_one_time_the_start_of_the_run_comes_first() -> None:
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
