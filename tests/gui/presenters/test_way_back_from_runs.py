"""What there was no time to copy for the way back is read from the run that kept it."""

import shutil
import threading
from pathlib import Path

import pytest

from engine.runs import RunStore
from engine.runs.pending_writes import EpochState
from engine.runs.run_writer import RunWriter
from gui.background.training_run import TrainingRun
from tests.gui.background.headless import assert_same, train_alone
from tests.gui.driving import FEW_UNITS, Driver
from tests.gui.presenters.coaching import button, ruined, wait_for


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with the notebook's network opened anew, made smaller."""
    new_project.make_smaller()
    return new_project


def copy_nothing(patch: pytest.MonkeyPatch) -> None:
    """Let the window have no time to copy what the optimizer remembers; only runs keep it."""
    patch.setattr(TrainingRun, "_state", lambda _: None)


@pytest.mark.parametrize("runs", [1, 2])
def test_what_there_was_no_time_to_copy_is_read_from_the_run(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: int
) -> None:
    copy_nothing(monkeypatch)
    driver.window.edits.change_setting("momentum", 0.5)
    if runs == 2:  # what was good is of the run before, and not its end
        driver.type_into("setting.epochs", "1")
        driver.type_into("setting.learning_rate", "0.05")
        driver.train()
    best = ruined(driver, 0.05, 150)
    assert button(driver) == f"Back to epoch {best} with rate 0.05"
    driver.click("coach.action")
    wait_for(driver, f"Back at epoch {best}, with ")
    driver.settle()
    assert "anew" not in driver.text("progress_text")
    driver.run("step_epoch", "Paused")
    alone = train_alone(batches=(best + 1) * 200, units=FEW_UNITS, momentum=0.5, learning_rate=0.05)
    assert_same(driver.weights(tmp_path), alone.weights)


def test_what_there_was_no_time_to_copy_is_waited_for_if_its_run_is_not_written_yet(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_nothing(monkeypatch)
    driver.window.edits.change_setting("momentum", 0.5)
    go_on, begin = threading.Event(), RunWriter._begin

    def late(writer: RunWriter, start: EpochState) -> None:
        assert go_on.wait(60)
        begin(writer, start)

    monkeypatch.setattr(RunWriter, "_begin", late)
    try:
        best = ruined(driver, 0.05, 150)
        driver.wait_for("Finished")
        driver.click("coach.action")
        driver.settle()
        assert driver.window.document.trained_epochs == 3, "it is still waited for"
    finally:
        go_on.set()
    wait_for(driver, f"Back at epoch {best}, with ")
    driver.settle()
    assert "anew" not in driver.text("progress_text")


def test_a_run_that_goes_on_is_stopped_for_what_only_it_has_kept(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_nothing(monkeypatch)
    driver.window.edits.change_setting("momentum", 0.5)
    driver.type_into("setting.epochs", "1000")
    driver.type_into("setting.learning_rate", "0.05")
    for _ in range(3):
        driver.run("step_epoch", "Paused")
    best = driver.window.session.best
    assert best is not None
    driver.type_into("setting.learning_rate", "150")
    driver.click("train")
    wait_for(driver, "The test accuracy fell from ")
    driver.click("coach.action")
    wait_for(driver, f"Back at epoch {best.done.epoch}, with ")
    driver.wait_for("Ready")
    driver.settle()
    assert "anew" not in driver.text("progress_text")
    driver.run("step_epoch", "Paused")
    steps = (best.done.epoch + 1) * 200
    alone = train_alone(batches=steps, units=FEW_UNITS, momentum=0.5, learning_rate=0.05)
    assert_same(driver.weights(tmp_path), alone.weights)


def test_what_no_run_has_kept_either_is_said_to_start_anew(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_nothing(monkeypatch)
    driver.window.edits.change_setting("momentum", 0.5)
    best = ruined(driver, 0.05, 150)
    driver.wait_for("Finished")
    driver.settle()
    origin = driver.window.document.learned.origin
    assert origin is not None
    own = origin.run  # whose folder nobody may be writing to any more
    driver.wait(lambda: [r.state for r in RunStore().runs() if r.id == own] == ["finished"])
    for run in RunStore().runs():
        shutil.rmtree(run.folder)
    driver.click("coach.action")
    wait_for(driver, f"Back at epoch {best}, with ")
    driver.settle()
    assert driver.window.document.trained_epochs == best
    assert driver.text("progress_text").startswith("Momentum starts anew: nothing is remembered")
