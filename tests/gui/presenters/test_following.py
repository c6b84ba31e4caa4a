"""File > Follow a run: a run that another program writes is shown live."""

import json
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QSlider

from engine.array_types import Array
from engine.runs import read_run
from engine.training.evaluation import evaluate
from engine.training.executor import Executor
from tests import foreign_writer
from tests.gui.driving import Driver
from tests.gui.presenters.followed_runs import (
    EPOCHS,
    add_epoch,
    banner,
    begin,
    change,
    first_row,
    follow,
    has_curve_to,
    shown_epoch,
    wait_for_epoch,
)
from tests.paths import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a run, elsewhere than those of the window, after two epochs."""
    return begin(tmp_path / "elsewhere" / "cluster 7", epochs=2)


@pytest.fixture
def driver(no_runs: Driver) -> Driver:
    """Return the module's window, in which nothing is followed."""
    return no_runs


def test_a_dropped_run_is_shown_as_its_epochs_arrive(driver: Driver, folder: Path) -> None:
    before = driver.window.document.project()
    follow(driver, folder)
    assert banner(driver).startswith("Following “cluster 7”: epoch 2 of 5")
    driver.wait(lambda: driver.curve("loss test") == ([1.0, 2.0], [0.51, 1 / 3 + 0.01]))
    driver.wait(lambda: "followed, in progress, 2 epochs" in first_row(driver))
    assert first_row(driver).startswith("cluster 7")
    for epoch in range(3, EPOCHS + 1):
        add_epoch(folder, epoch)
        wait_for_epoch(driver, epoch)
        driver.wait(partial(has_curve_to, driver, epoch))
    driver.wait(lambda: banner(driver).startswith("Following “cluster 7”: epoch 5 of 5"))
    change(folder, state="finished")
    driver.wait(lambda: "“cluster 7”: finished, epoch 5" in banner(driver))
    driver.choose("back_to_now")
    driver.wait(lambda: banner(driver) == "")
    after = driver.window.document.project()
    assert (after.stack, after.settings, after.weights) == (
        before.stack,
        before.settings,
        before.weights,
    )
    assert not driver.window.isWindowModified()


def test_the_predictions_are_those_of_the_newest_weights(driver: Driver, folder: Path) -> None:
    follow(driver, folder)
    add_epoch(folder, 3)
    driver.wait(lambda: shown_epoch(driver) == 3)
    project = read_run(folder).project_after(3)
    samples = driver.window.view.samples
    assert samples is not None
    executor = Executor(project.network(), project.settings.loss, threads=1)
    expected = evaluate(executor, samples).outputs
    executor.close()
    given: list[Array] = []
    driver.window.view.predictions_made.connect(lambda made: given.append(made.outputs))
    driver.window.following.go_along()
    driver.wait(lambda: any(np.allclose(outputs, expected, atol=1e-5) for outputs in given))


def test_who_scrubs_back_stays_there_until_newest(driver: Driver, folder: Path) -> None:
    driver.window.docks.show_panel("Runs")
    follow(driver, folder)
    slider = driver.find(QSlider, "runs.epoch")
    driver.wait(lambda: (slider.maximum(), slider.value()) == (2, 2))
    slider.setValue(1)
    driver.wait(lambda: shown_epoch(driver) == 1)
    assert banner(driver).startswith("Epoch 1 of “cluster 7”")
    newest = driver.button("newest_epoch")
    assert newest.isVisible()
    add_epoch(folder, 3)
    driver.wait(lambda: "followed: epoch 3 of 5" in banner(driver))
    driver.wait(lambda: driver.curve("loss test")[0] == [1.0, 2.0, 3.0])
    driver.wait(lambda: slider.maximum() == 3)
    assert (shown_epoch(driver), slider.value()) == (1, 1)
    driver.click("newest_epoch")
    driver.wait(lambda: shown_epoch(driver) == 3)
    driver.wait(lambda: not newest.isVisible())
    add_epoch(folder, 4)
    driver.wait(lambda: shown_epoch(driver) == 4)
    driver.wait(lambda: slider.maximum() == 4)
    slider.setValue(2)
    driver.wait(lambda: shown_epoch(driver) == 2)
    slider.setValue(4)  # the newest goes on, too
    driver.wait(lambda: shown_epoch(driver) == 4)
    add_epoch(folder, 5)
    driver.wait(lambda: shown_epoch(driver) == 5)


def test_back_to_now_ends_it_and_it_can_be_followed_again(driver: Driver, folder: Path) -> None:
    follow(driver, folder)
    driver.click("back_to_now")
    driver.wait(lambda: banner(driver) == "")
    add_epoch(folder, 3)
    assert shown_epoch(driver) is None
    assert driver.window.following.run is None
    follow(driver, folder, epoch=3)
    driver.window.setFocus()
    QTest.keyClick(driver.window, Qt.Key.Key_Escape)
    driver.wait(lambda: banner(driver) == "")


def test_the_menu_asks_for_a_folder(
    driver: Driver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    driver.choose("follow_run")
    driver.wait(lambda: shown_epoch(driver) == 2)


def test_a_run_that_begins_anew_is_followed_from_its_start(driver: Driver, folder: Path) -> None:
    follow(driver, folder)
    shutil.rmtree(folder)
    begin(folder, seed=4)
    add_epoch(folder, 1, seed=4)
    driver.wait(lambda: "began anew" in driver.message())
    driver.wait(lambda: shown_epoch(driver) == 1)
    add_epoch(folder, 2, seed=4)
    driver.wait(lambda: shown_epoch(driver) == 2)
    moment = driver.window.view.moment
    assert moment is not None
    expected = foreign_writer.values("3.dense.weight", 4, 2)
    weights = moment.project.weights[4]["weight"].ravel()
    assert np.array_equal(weights, np.array(expected, np.float32))
    driver.wait(lambda: driver.curve("loss test")[1] == [1 / 6 + 0.01, 1 / 7 + 0.01])


def test_without_its_own_images_the_open_ones_stand_in(driver: Driver, folder: Path) -> None:
    settings = json.loads((folder / "run.json").read_bytes())["settings"]
    change(folder, settings={**settings, "dataset": "/cluster/images"})
    follow(driver, folder)
    driver.wait(lambda: "its own are not here" in banner(driver))
    driver.wait(lambda: driver.window.view.samples is not None)
    assert driver.window.view.samples is driver.window.session.samples


def test_it_goes_on_from_a_followed_run_without_a_state(driver: Driver, folder: Path) -> None:
    follow(driver, folder)
    driver.click("continue_here")
    driver.wait_for("Training", "Finished")
    assert banner(driver) == ""
    assert driver.window.following.run is None
    driver.wait(lambda: "weights alone" in driver.message())
    if driver.action("stop").isEnabled():  # it may have finished by now
        driver.choose("stop")
    driver.wait_for("Stopped", "Finished")
    assert driver.window.document.trained_epochs >= 2


def test_it_is_followed_while_one_trains_oneself(driver: Driver, folder: Path) -> None:
    driver.type_into("setting.epochs", "1000")
    driver.click("train")
    driver.wait_for("Training")
    follow(driver, folder)
    add_epoch(folder, 3)
    driver.wait(lambda: shown_epoch(driver) == 3)
    assert driver.text("status") == "Training"
    driver.click("back_to_now")
    driver.choose("stop")
    driver.wait_for("Stopped")


def test_a_writer_in_another_process_is_killed_and_goes_on(driver: Driver, tmp_path: Path) -> None:
    folder = tmp_path / "by a program"
    command = [sys.executable, str(ROOT / "tests" / "foreign_writer.py"), str(folder)]
    with subprocess.Popen([*command, "--epochs", "300", "--pause", "0.1"]) as writer:
        driver.wait(lambda: (folder / "weights" / "epoch-0001.safetensors").exists())
        driver.drop(folder)
        driver.wait(lambda: (shown_epoch(driver) or 0) >= 2)
        writer.kill()
    done = read_run(folder).epochs
    driver.wait(lambda: (shown_epoch(driver) or 0) >= done)
    with subprocess.Popen([*command, "--epochs", str(done + 2), "--resume"]):
        driver.wait(lambda: shown_epoch(driver) == done + 2)
        driver.wait(lambda: "finished" in banner(driver))
    assert driver.message() == ""
    driver.wait(partial(has_curve_to, driver, done + 2))
    assert driver.curve("loss test")[0] == [float(epoch) for epoch in range(1, done + 3)]
