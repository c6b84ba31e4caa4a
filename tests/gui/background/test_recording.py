"""Training in the window is kept as a run: Train, Pause, Stop, edits, the end of the program."""

import threading
from pathlib import Path

import numpy as np
import pytest

from engine.errors import RunError
from engine.machine.file_lock import is_locked
from engine.model.project import CheckpointRef
from engine.runs import Run, RunStore
from engine.runs.run_folder import RECORDING
from engine.training.run import Training
from gui.document.kernel_place import KernelPlace
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.finding import not_none


@pytest.fixture
def driver(no_runs: Driver) -> Driver:
    """Return the module's window with a small network and few images."""
    no_runs.make_smaller()
    no_runs.type_into("setting.limit", "20")
    no_runs.wait_for("Ready")
    return no_runs


def the_runs(driver: Driver, count: int) -> list[Run]:
    """Return the runs, oldest first, when there are so many and none is being written."""
    store = RunStore()

    def are_written() -> bool:
        runs = store.runs()
        locked = any(is_locked(run.folder / RECORDING) for run in runs)
        return len(runs) == count and not locked

    driver.wait(are_written)
    return list(reversed(store.runs()))


def step_epochs(driver: Driver, count: int) -> None:
    for _ in range(count):
        driver.run("step_epoch", "Paused")


def stop(driver: Driver) -> None:
    driver.click("stop", until="Stopped")
    driver.settle()


def test_a_kernel_edited_at_rest_stays_and_makes_no_other_parent(driver: Driver) -> None:
    document = driver.window.document
    place = KernelPlace(document.stack.slots[0].id, 0, 0)

    def negate() -> None:
        driver.window.kernel_edits.edit_kernel(place, -not_none(document.kernel(place)), "Negate")

    step_epochs(driver, 1)
    negate()
    for count in range(1, 4):
        step_epochs(driver, 1)
        stop(driver)
        the_runs(driver, count)  # its last epoch is written
        negate()
        if count == 2:
            document.undo_stack.undo()
    first, edited, undone = the_runs(driver, 3)
    assert first.kept_epochs == (0, 1, 2)
    assert edited.parent == CheckpointRef(first.id, 2)
    assert undone.parent == CheckpointRef(edited.id, 1)


def test_a_run_whose_weights_are_found_not_finite_has_failed_and_says_why(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ruined(training: Training) -> None:
        next(iter(training.network.arrays.values()))[:] = np.nan

    for count, step in enumerate(("step_batch", "step_epoch"), 1):
        step_epochs(driver, 1)
        with monkeypatch.context() as patch:
            patch.setattr(Training, "checkpoint", ruined)
            driver.run(step, "Error")
        run = the_runs(driver, count)[-1]
        assert run.state == "failed"
        assert run.description.reason.startswith("Training stopped at a learning rate of 0.1: ")


def test_where_no_run_can_be_written_a_sentence_says_so_and_training_goes_on(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "blocked").write_text("a file is in the way")
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "blocked"))
    said: list[str] = []
    driver.window.session.recorder_said.connect(lambda text, _runs: said.append(text))
    step_epochs(driver, 2)
    stop(driver)
    driver.wait(lambda: len(said) == 1)
    assert said[0].startswith("This training is not kept as a run.")
    assert driver.window.document.trained_epochs == 2
    assert driver.window.document.project().origin is None


def test_a_disk_that_does_not_answer_holds_up_neither_train_nor_window(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver, answers = open_window(None), threading.Event()
    driver.type_into("setting.limit", "5")
    driver.wait_for("Ready")

    def hang(*_: object) -> None:
        answers.wait()
        raise RunError("The disk is gone.")

    monkeypatch.setattr(RunStore, "new_folder", hang)
    monkeypatch.setattr("engine.runs.recorder.DISK_SECONDS", 0.01)
    said: list[str] = []
    driver.window.session.recorder_said.connect(lambda text, _runs: said.append(text))
    try:
        step_epochs(driver, 2)
        stop(driver)
        driver.wait(lambda: len(said) == 1)
        assert "does not answer" in said[0]
        assert driver.window.document.trained_epochs == 2
        assert driver.window.document.project().origin is None
        driver.window.end_threads()
        assert driver.window.session._thread.thread.isFinished()
    finally:
        answers.set()
