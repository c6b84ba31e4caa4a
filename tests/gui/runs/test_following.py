"""File > Follow a run: a run that another program writes is shown, and listed, live."""

import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QSlider, QToolButton

from engine.model.project import Project
from engine.paths import home
from engine.runs import read_run
from engine.runs.following import Follower
from engine.runs.run_folder import Run
from engine.runs.store import RunStore
from engine.training.evaluation import evaluate
from engine.training.executor import Executor
from tests import foreign_writer
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.runs.followed_runs import (
    EPOCHS,
    add_epoch,
    banner,
    begin,
    change,
    first_row,
    follow,
    listed,
    shown_epoch,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a run, elsewhere than those of the window, after two epochs."""
    return begin(tmp_path / "elsewhere" / "cluster 7", epochs=2)


@pytest.fixture
def driver(no_runs: Driver) -> Driver:
    return no_runs


def test_a_dropped_run_is_shown_as_its_epochs_arrive_with_the_newest_weights(
    driver: Driver, folder: Path
) -> None:
    """It has no whole weights at first, and its folder is away for a while."""
    before = driver.window.document.project()
    for file in (folder / "weights").iterdir():
        file.write_bytes(file.read_bytes()[:50])
    driver.drop(folder)
    driver.wait(lambda: driver.message().startswith("“cluster 7” is followed. It has no weights"))
    assert shown_epoch(driver) is None
    add_epoch(folder, 3)
    driver.wait(lambda: shown_epoch(driver) == 3)
    driver.wait(lambda: banner(driver).endswith("live, epoch 3 of 5"))
    assert banner(driver).startswith("Epoch 3 of “cluster 7” · ")
    losses = [0.51, 1 / 3 + 0.01, 1 / 4 + 0.01]
    driver.wait(lambda: driver.curve("loss test") == ([1.0, 2.0, 3.0], losses))
    driver.wait(lambda: "⇣ live, 3 epochs" in first_row(driver))
    assert first_row(driver).startswith("cluster 7")
    away = folder.rename(folder.with_name("away"))
    driver.wait(lambda: "is not there, or cannot be reached" in driver.message())
    assert shown_epoch(driver) == 3, "what was seen of it stays"
    add_epoch(away, 4)
    away.rename(folder)
    driver.wait(lambda: shown_epoch(driver) == 4)
    driver.wait(lambda: driver.message() == "")
    add_epoch(folder, EPOCHS)
    driver.wait(lambda: driver.curve("loss test")[0][-1:] == [EPOCHS])
    driver.wait(lambda: banner(driver).endswith("live, epoch 5 of 5"))
    assert_predicts(driver, read_run(folder).project_after(EPOCHS))
    change(folder, state="finished")
    driver.wait(lambda: "live" not in banner(driver))
    driver.wait(lambda: "live" not in first_row(driver))
    driver.choose("back_to_now")
    driver.wait(lambda: banner(driver) == "")
    after = driver.window.document.project()
    assert (after.stack, after.settings) == (before.stack, before.settings)
    assert after.weights == before.weights
    assert not driver.window.isWindowModified()


def assert_predicts(driver: Driver, project: Project) -> None:
    """Wait until the window predicts what the network of a project says of the shown samples."""
    samples = not_none(driver.window.view.state.samples)
    executor = Executor(project.network(), project.settings.loss, threads=1)
    expected = evaluate(executor, samples).outputs
    executor.close()

    def is_said() -> bool:
        made = driver.window.view.state.seen.predictions
        return made is not None and np.allclose(made.outputs, expected, atol=1e-5)

    driver.window.view.look_again()
    driver.wait(is_said)


def test_who_scrubs_back_stays_until_the_newest_is_chosen_and_can_go_on_from_it(
    driver: Driver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while the disk does not answer."""
    driver.window.stage.show_panel("Runs")
    follow(driver, folder)
    slider = driver.find(QSlider, "runs.epoch")
    driver.wait(lambda: (slider.maximum(), slider.value()) == (2, 2))
    slider.setValue(1)
    driver.wait(lambda: shown_epoch(driver) == 1)
    add_epoch(folder, 3)
    driver.wait(lambda: "live, epoch 3 of 5" in banner(driver))
    driver.wait(lambda: driver.curve("loss test")[0] == [1.0, 2.0, 3.0])
    driver.wait(lambda: slider.maximum() == 3)
    assert (shown_epoch(driver), slider.value()) == (1, 1)
    slider.setValue(3)
    driver.wait(lambda: shown_epoch(driver) == 3)
    add_epoch(folder, 4)
    driver.wait(lambda: shown_epoch(driver) == 4)
    driver.click("back_to_now")
    driver.wait(lambda: banner(driver) == "")
    add_epoch(folder, 5)
    driver.wait(lambda: "⇣ live, 5 epochs" in first_row(driver))
    assert shown_epoch(driver) is None
    follow(driver, folder, epoch=5)
    asked, answers, look = threading.Event(), threading.Event(), Follower.look

    def look_late(follower: Follower) -> Run:
        asked.set()
        answers.wait()
        return look(follower)

    monkeypatch.setattr(Follower, "look", look_late)
    try:
        driver.wait(asked.is_set)
        slider.setValue(1)
        driver.wait(lambda: shown_epoch(driver) == 1)
        driver.click("back_to_now")
        driver.wait(lambda: banner(driver) == "")
    finally:
        answers.set()
    follow(driver, folder, epoch=5)
    assert "weights alone" in driver.action("continue_here").toolTip()
    driver.click("continue_here")
    driver.wait_for("Training", "Finished")
    assert banner(driver) == ""
    driver.stop()
    assert driver.window.document.trained_epochs >= 5


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_run_elsewhere_is_followed_from_its_new_start_and_taken_off_the_list_alone(
    driver: Driver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    driver.choose("follow_run")
    driver.wait(lambda: shown_epoch(driver) == 2)
    shutil.rmtree(folder)
    begin(folder, seed=4)
    add_epoch(folder, 1, seed=4)
    driver.wait(lambda: shown_epoch(driver) == 1)
    add_epoch(folder, 2, seed=4)
    driver.wait(lambda: shown_epoch(driver) == 2)
    checkpoint = not_none(driver.window.view.state.checkpoint)
    expected = foreign_writer.values("3.dense.weight", 4, 2)
    weights = checkpoint.project.weights[4]["weight"].ravel()
    assert np.array_equal(weights, np.array(expected, np.float32))
    driver.wait(lambda: driver.curve("loss test")[1] == [1 / 6 + 0.01, 1 / 7 + 0.01])
    runs, before = listed(driver, 1), files(folder)
    driver.wait(lambda: driver.text("runs.summary") == "1 run")  # which takes no room here
    assert "only taken off the list" in driver.action("run_delete").toolTip()
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    driver.wait(lambda: first_row(driver) == "")
    assert driver.message() == "“cluster 7” taken off the list; every file stays."
    assert files(folder) == before
    follow(driver, folder)
    add_epoch(folder, 3, seed=4)
    driver.wait(lambda: shown_epoch(driver) == 3)


def test_a_run_of_the_list_is_gone_along_with_and_one_elsewhere_is_never_changed(
    driver: Driver, folder: Path
) -> None:
    own = begin(home() / "runs" / "20261126-070000-own", epochs=1)
    runs = listed(driver, 1)
    driver.find(QSlider, "runs.epoch").setValue(0)
    driver.wait(lambda: shown_epoch(driver) == 0)
    driver.wait(lambda: driver.curve("loss test")[0] == [1.0])
    add_epoch(own, 2)
    driver.wait(lambda: driver.curve("loss test")[0] == [1.0, 2.0])
    driver.wait(lambda: "2 epochs" in first_row(driver))  # which is drawn a moment later
    assert shown_epoch(driver) == 0
    driver.choose("run_look")
    driver.wait(lambda: shown_epoch(driver) == 2)
    driver.window.stage.show_panel("Data")
    add_epoch(own, 3)
    driver.wait(lambda: shown_epoch(driver) == 3)
    assert driver.action("run_rename").isEnabled()
    before = files(folder)
    follow(driver, folder)
    listed(driver, 2)
    runs.choose(str(folder))
    actions = driver.window.panels.runs.panel.actions_
    driver.wait(lambda: "lies in another folder" in actions.rename.toolTip())
    for action in actions.rename, actions.note, actions.pin:
        assert not action.isEnabled()
    star = driver.find(QToolButton, "runs.bookmark")
    QTest.mouseClick(star, Qt.MouseButton.LeftButton)
    driver.wait(lambda: "lies in another folder" in driver.message())
    assert read_run(folder).bookmarks == ()
    QTest.keyClick(runs, Qt.Key.Key_F2)
    driver.wait(lambda: driver.message().startswith("No run was renamed. It lies in another"))
    assert runs.findChildren(QLineEdit, "runs.rename") == []
    runs.selectAll()
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    driver.wait(lambda: runs.runs.rowCount() == 0)
    assert files(folder) == before
    assert RunStore(home() / "runs").runs() == ()
