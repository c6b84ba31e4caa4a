"""Stop, then Train: the run goes on as if it had not been stopped. Reset: it starts over."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSpinBox, QToolButton

from engine.training.run import Training
from gui.document.kernel_place import KernelPlace
from tests.gui.background.headless import assert_same, train_alone
from tests.gui.driving import FEW_UNITS, Driver
from tests.gui.finding import not_none
from tests.gui.waiting import SECONDS

ADAM: dict[str, Any] = {"optimizer": "adam", "learning_rate": 0.01, "limit": 20}  # 40 images


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with the notebook's network opened anew, made smaller."""
    new_project.make_smaller()
    return new_project


def choose(driver: Driver, settings: dict[str, Any]) -> None:
    for name, value in settings.items():
        driver.window.edits.change_setting(name, value)
    driver.wait_for("Ready")


def stop_after(driver: Driver, batches: int) -> None:
    """Train, and stop in the epoch after so many batches."""
    step, numbers, done, stopped = Training._step, count(1), Event(), Event()

    def step_and_wait(training: Training, *which: Any) -> Any:
        result = step(training, *which)
        if next(numbers) == batches:
            done.set()
            stopped.wait(SECONDS)
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Training, "_step", step_and_wait)
        driver.click("train")
        driver.wait(done.is_set)
        driver.wait_for("Training")
        driver.click("stop")
        stopped.set()
        driver.wait_for("Stopped")
    driver.settle()
    assert driver.window.document.learned.state is not None


def step_into(driver: Driver, batches: int, epochs: int = 0) -> None:
    """Train some whole epochs and then so many batches, and stop."""
    for name, times in (("step_epoch", epochs), ("step_batch", batches)):
        for _ in range(times):
            driver.run(name, "Paused")
    driver.click("stop", until="Stopped")


def after_five_steps(patch: pytest.MonkeyPatch, act: Callable[[Training], None]) -> None:
    """Do something right after the fifth step from now on."""
    step, numbers = Training._step, count(1)

    def watched(training: Training, *which: Any) -> Any:
        result = step(training, *which)
        if next(numbers) == 5:
            act(training)
        return result

    patch.setattr(Training, "_step", watched)


def test_a_stopped_run_goes_on_exactly(driver: Driver, tmp_path: Path) -> None:
    settings = ADAM | {"schedule": "cosine", "validation_split": 20.0, "epochs": 3}
    right = train_alone(units=FEW_UNITS, **settings)
    choose(driver, settings)
    stop_after(driver, 40)
    assert "Train goes on with epoch " in driver.text("progress_text")
    driver.train()
    driver.settle()
    assert_same(driver.weights(tmp_path), right.weights)
    assert driver.batch_losses(tmp_path) == right.losses
    assert driver.curve("loss train")[1] == [event.loss for event in right.epochs]
    assert driver.text("figure.epoch") == "3 / 3"
    assert driver.progress() == 1


def test_it_goes_on_after_saving_and_opening_also_from_before_the_test_of_an_epoch(
    driver: Driver, tmp_path: Path
) -> None:
    settings, path = ADAM | {"epochs": 2, "schedule": "cosine"}, tmp_path / "p.layerscope"
    choose(driver, settings)
    step_into(driver, 3, epochs=1)
    driver.project(path)
    driver.choose("new.blank")
    assert driver.window.files.open_path(path)
    driver.wait(lambda: driver.text("progress_text") == "Train goes on with epoch 2 of 2.")
    driver.train()
    assert_same(driver.weights(tmp_path), train_alone(units=FEW_UNITS, **settings).weights)
    document = driver.window.document
    choose(driver, {"epochs": 2, "batch_size": 20})
    step_into(driver, 2, epochs=1)
    assert document.project().trained_part == 1
    driver.train()
    assert document.project().position == 4, "the epoch counts once"


def test_edits_that_void_nothing_let_it_go_on_and_one_that_voids_the_memories_says_so(
    driver: Driver, tmp_path: Path
) -> None:
    choose(driver, ADAM | {"epochs": 3})
    step_into(driver, 2, epochs=1)

    def says(text: str) -> None:
        driver.wait(lambda: driver.text("progress_text") == text)

    document, edits = driver.window.document, driver.window.edits
    kernel_edits, slot_id = driver.window.kernel_edits, document.stack.slots[0].id
    edits.rename(slot_id, "Edges")
    kernel_edits.lock([slot_id], True)
    edits.change_setting("learning_rate", 0.5)
    edits.change_setting("nesterov", True)
    kernel = np.full((3, 3), 0.5, np.float32)
    kernel_edits.edit_kernel(KernelPlace(slot_id, 0, 0), kernel, "Fill kernel")
    says("Train goes on with epoch 2 of 3.")
    driver.run("step_batch", "Paused")
    state = not_none(document.learned.state)
    assert (state.part.steps, state.updates) == (3, 43)
    weight = document.learned.store.fitting(document.report)[slot_id]["weight"]
    assert (weight[0, 0] == kernel).all()  # the block is locked
    driver.click("stop", until="Stopped")
    choose(driver, {"batch_size": 5})
    says("Epoch 2 begins again: the batch size was changed. Train goes on with epoch 2 of 3.")
    choose(driver, {"epochs": 5})
    says("Epoch 2 begins again: the batch size was changed. Train goes on with epoch 2 of 5.")
    choose(driver, {"batch_size": 1, "epochs": 3})
    says("Train goes on with epoch 2 of 3.")
    choose(driver, {"optimizer": "adamw"})
    says(
        "AdamW knows nothing of earlier steps, for the optimizer was changed: the loss may rise at "
        "first. Next: 3 more epochs on 40 images"
    )
    assert driver.project(tmp_path / "p.layerscope").state is None
    driver.run("step_batch", "Paused")
    driver.click("stop", until="Stopped")
    assert "Train goes on with epoch 2 of 4." in driver.text("progress_text")


def test_an_explosion_names_the_block_and_begins_anew(driver: Driver, tmp_path: Path) -> None:
    choose(driver, {"momentum": 0.9, "epochs": 3, "limit": 20})
    driver.run("step_epoch", "Paused")
    driver.click("stop", until="Stopped")
    document = driver.window.document
    for row in (6, 4, 1):  # without sigmoids nothing holds the values
        driver.select(row)
        driver.press(Qt.Key.Key_Delete)
    choose(driver, {"loss": "mse"})
    driver.type_into("setting.learning_rate", "1000")
    assert driver.problem() == ""
    assert document.learned.state is not None
    driver.click("train", until="Error")
    assert document.learned.state is None
    words = "Momentum knows nothing of earlier steps, for they were not kept: "
    assert words in driver.text("progress_text")
    coach = driver.find(QLabel, "coach")
    driver.wait(lambda: "became infinite or not a number" in coach.toolTip())
    assert "(Conv 5, 3×3)" in coach.toolTip() or "(Dense" in coach.toolTip()
    assert all(np.isfinite(array).all() for array in driver.weights(tmp_path).values())
    driver.settle()
    assert all(np.isfinite(driver.curve("loss batch")[1]))
    driver.click("reset", until="Ready")
    assert driver.message() == ""
    choose(driver, {"learning_rate": 0.001, "epochs": 1})
    driver.train()


def test_after_a_failure_it_goes_on_from_what_the_window_knows_but_not_with_infinite_weights(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ADAM | {"epochs": 3}
    choose(driver, settings)
    driver.run("step_epoch", "Paused")

    def fail(_training: Training) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        after_five_steps(patch, fail)
        driver.click("train", until="Error")
        driver.wait(lambda: "not enough memory" in driver.message())
        driver.train()
    assert_same(driver.weights(tmp_path), train_alone(units=FEW_UNITS, **settings).weights)
    monkeypatch.setattr("engine.machine.throttle.Throttle.due", lambda _: True)
    monkeypatch.setattr("gui.background.worker.MOMENT", 0.0)  # they are kept after each step

    def explode(training: Training) -> None:  # the loss was finite, the update is not
        next(iter(training.network.arrays.values()))[:] = np.nan

    after_five_steps(monkeypatch, explode)
    driver.click("train", until="Error")
    document = driver.window.document
    assert document.learned.state is None
    assert document.learned.epochs == 3
    words = "Adam knows nothing of earlier steps, for they were not kept: "
    assert words in driver.text("progress_text")
    weights = document.project().network().arrays.values()
    assert all(np.isfinite(array).all() for array in weights)


def test_reset_and_a_new_seed_start_over_and_undo_brings_the_last_weights_back(
    driver: Driver, tmp_path: Path
) -> None:
    document, before = driver.window.document, [tile.copy() for tile in driver.tiles()]
    driver.choose("new_seed")
    driver.wait(lambda: not np.array_equal(driver.tiles(), before))
    driver.choose("undo")
    driver.wait(lambda: np.array_equal(driver.tiles(), before))
    driver.type_into("setting.limit", "20")
    driver.type_into("setting.epochs", "500")
    driver.click("train")
    driver.wait(lambda: len(driver.curve("loss batch")[0]) > 100)
    driver.click("reset", until="Ready")
    driver.settle()
    assert driver.curve("loss batch")[0] == []
    assert driver.text("progress_text") == "Next: 500 epochs on 40 images"
    assert not document.trained
    driver.choose("undo")
    assert not_none(document.learned.state).updates >= 100
    driver.choose("redo")
    driver.type_into("setting.epochs", "1")
    driver.train()
    old, alone = driver.weights(tmp_path), {"units": FEW_UNITS, "epochs": 1, "limit": 20}
    assert_same(old, train_alone(**alone).weights)
    (beside,) = (
        button
        for button in driver.window.settings.more.findChildren(QToolButton)
        if button.defaultAction() is driver.action("new_seed")
    )
    assert beside.accessibleName() == "New seed"
    beside.click()
    driver.wait_for("Ready")
    driver.settle()
    seed = driver.find(QSpinBox, "setting.seed").value()
    assert seed != 0
    assert driver.curve("loss batch")[0] == []
    assert not driver.action("export").isEnabled()
    driver.train()
    assert_same(driver.weights(tmp_path), train_alone(**alone, seed=seed).weights)
    driver.choose("undo", until="Ready")
    assert driver.find(QSpinBox, "setting.seed").value() == 0
    assert_same(driver.weights(tmp_path), old)
