"""File > Follow a run: a run that another program writes is shown live."""

import argparse
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QSlider, QToolButton, QWidget

from engine.array_types import Array
from engine.paths import home
from engine.runs import read_run
from engine.runs.following import Follower
from engine.training.evaluation import evaluate
from engine.training.executor import Executor
from gui.presenters import following
from gui.runs.run_list import RunList
from tests import foreign_writer
from tests.gui.driving import Driver
from tests.paths import ROOT

EPOCHS = 5


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a run, elsewhere than those of the window, after two epochs."""
    made = tmp_path / "elsewhere" / "cluster 7"
    begin(made)
    for epoch in range(1, 3):
        add_epoch(made, epoch)
    return made


@pytest.fixture
def driver(no_runs: Driver) -> Driver:
    """Return the module's window, in which nothing is followed."""
    return no_runs


def options_for(folder: Path, seed: int = 0) -> argparse.Namespace:
    return argparse.Namespace(folder=folder, epochs=EPOCHS, seed=seed, pause=0.0, plain=False)


def begin(folder: Path, seed: int = 0) -> None:
    (folder / "weights").mkdir(parents=True)
    (folder / "run.json").write_bytes(
        foreign_writer.described(options_for(folder, seed), "training")
    )
    add_epoch(folder, 0, seed)


def add_epoch(folder: Path, epoch: int, seed: int = 0) -> None:
    foreign_writer.write_epoch(folder, epoch, options_for(folder, seed))


def change(folder: Path, **changes: object) -> None:
    path = folder / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **changes}))


def shown_epoch(driver: Driver) -> int | None:
    moment = driver.window.view.moment
    return None if moment is None else moment.epoch


def banner(driver: Driver) -> str:
    bar = driver.find(QWidget, "moment_bar")
    return driver.find(QWidget, "moment").accessibleName() if bar.isVisible() else ""


def follow(driver: Driver, folder: Path, epoch: int = 2) -> None:
    driver.drop(folder)
    driver.wait(lambda: shown_epoch(driver) == epoch)
    driver.wait(lambda: "Following" in banner(driver))


def wait_for_epoch(driver: Driver, epoch: int) -> None:
    driver.wait(lambda: shown_epoch(driver) == epoch)


def has_curve_to(driver: Driver, epoch: int) -> bool:
    return driver.curve("loss test")[0][-1:] == [epoch]


def first_row(driver: Driver) -> str:
    runs = driver.find(RunList, "runs.list")
    return str(runs.model().index(0, 0).data()) if runs.model().rowCount() else ""


def test_a_dropped_run_is_shown_as_its_epochs_arrive(driver: Driver, folder: Path) -> None:
    before = driver.window.document.project()
    follow(driver, folder)
    assert banner(driver).startswith("Following “cluster 7”: epoch 2 of 5")
    driver.wait(lambda: driver.curve("loss test") == ([1.0, 2.0], [0.51, 1 / 3 + 0.01]))
    driver.wait(lambda: "followed, training, 2 epochs" in first_row(driver))
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


def test_a_run_that_is_no_longer_followed_stays_in_the_list(driver: Driver, folder: Path) -> None:
    driver.window.docks.show_panel("Runs")
    runs = driver.find(RunList, "runs.list")
    follow(driver, folder)
    driver.click("back_to_now")
    driver.wait(lambda: "no longer followed, 2 epochs" in first_row(driver))
    assert first_row(driver).startswith("cluster 7")
    assert driver.text("runs.summary") == "1 run"
    runs.choose(folder.name)
    driver.find(QSlider, "runs.epoch").setValue(1)
    driver.wait(lambda: shown_epoch(driver) == 1)
    assert driver.window.following.run is None
    driver.wait(lambda: driver.curve("loss test")[0] == [1.0, 2.0])
    assert not driver.action("run_delete").isEnabled()
    driver.choose("run_follow")
    driver.wait(lambda: "followed, training, 2 epochs" in first_row(driver))
    assert runs.model().rowCount() == 1


def test_of_runs_that_were_followed_the_last_one_is_the_first(
    driver: Driver, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other place" / "next"
    begin(other)
    add_epoch(other, 1)
    driver.window.docks.show_panel("Runs")
    runs = driver.find(RunList, "runs.list").runs
    follow(driver, folder)
    follow(driver, other, epoch=1)
    driver.wait(lambda: [row.run.id for row in runs.rows] == ["next", "cluster 7"])
    assert [(row.followed, row.left) for row in runs.rows] == [(True, False), (False, True)]
    change(other, state="finished")
    driver.wait(lambda: "followed, finished" in first_row(driver))
    driver.click("back_to_now")
    driver.wait(lambda: not runs.rows[0].followed)
    assert [row.run.id for row in runs.rows] == ["next", "cluster 7"]
    assert [row.state for row in runs.rows] == ["finished", "no longer followed"]


def test_a_run_of_the_list_that_was_followed_can_be_deleted(driver: Driver) -> None:
    folder = home() / "runs" / "20261126-070000-other"
    begin(folder)
    add_epoch(folder, 1)
    driver.window.docks.show_panel("Runs")
    driver.wait(lambda: first_row(driver) != "")
    driver.choose("run_follow")
    driver.wait(lambda: "followed" in first_row(driver))
    driver.click("back_to_now")
    driver.wait(lambda: "followed" not in first_row(driver))
    driver.choose("run_delete")
    driver.wait(lambda: first_row(driver) == "")
    driver.wait(lambda: driver.message().startswith("Deleted"))


def test_the_menu_asks_for_a_folder(
    driver: Driver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    driver.choose("follow_run")
    driver.wait(lambda: shown_epoch(driver) == 2)


def test_a_folder_without_a_run_is_refused(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    driver.choose("follow_run")
    driver.wait(lambda: "is no run: it has no run.json" in driver.message())
    assert banner(driver) == ""


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "is no run: it has no run.json. Choose the folder of one run, whole."),
        ("", "is damaged ("),
        ("[1]", "is damaged (Expected `object`"),
    ],
    ids=["none", "empty", "other"],
)
def test_a_damaged_run_that_is_dropped_is_refused_in_a_sentence(
    driver: Driver, folder: Path, content: str | None, why: str
) -> None:
    if content is None:
        (folder / "run.json").unlink()
    else:
        (folder / "run.json").write_text(content)
    before = driver.window.document.project()
    driver.drop(folder)
    driver.wait(lambda: driver.message().startswith(f"{folder} {why}"))
    assert driver.message().count(". ") == 1
    assert (banner(driver), first_row(driver)) == ("", "")
    assert driver.window.document.project() == before


def cut(folder: Path) -> None:
    for file in (folder / "weights").iterdir():
        file.write_bytes(file.read_bytes()[:50])


def write_nonsense(folder: Path) -> None:
    for file in (folder / "weights").iterdir():
        content = file.read_bytes()
        file.write_bytes(content[:8] + b"x" * (len(content) - 8))


def leave_the_description_alone(folder: Path) -> None:
    shutil.rmtree(folder / "weights")
    (folder / "metrics.jsonl").unlink()


DAMAGES = {
    "none": lambda folder: shutil.rmtree(folder / "weights"),
    "cut": cut,
    "nonsense": write_nonsense,
    "description alone": leave_the_description_alone,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_of_a_run_without_weights_nothing_is_said_to_be_shown(
    driver: Driver, folder: Path, damage: Callable[[Path], None]
) -> None:
    damage(folder)
    driver.drop(folder)
    says = "Following “cluster 7”: no weights of it can be read · "
    driver.wait(lambda: banner(driver).startswith(says))
    assert banner(driver).endswith(" · the panels show the open network")
    assert shown_epoch(driver) is None
    assert "show this moment" not in driver.find(QWidget, "moment").toolTip()
    if not (folder / "weights").exists():
        (folder / "weights").mkdir()
    add_epoch(folder, 3)
    driver.wait(lambda: shown_epoch(driver) == 3)
    driver.wait(lambda: banner(driver).startswith("Following “cluster 7”: epoch 3 of 5"))
    assert "no weights" not in banner(driver)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_the_run_that_was_followed_before_has_its_own_name_as_long_as_it_is_shown(
    driver: Driver, folder: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    other = tmp_path / "other place" / "next"
    begin(other)
    add_epoch(other, 1)
    damage(other)
    follow(driver, folder)
    driver.drop(other)
    driver.wait(lambda: "following “next”" in banner(driver))
    driver.wait(lambda: "no weights of it can be read" in banner(driver))
    assert banner(driver).startswith("Epoch 2 of “cluster 7”")
    assert shown_epoch(driver) == 2


def test_a_folder_that_vanishes_loses_nothing(driver: Driver, folder: Path) -> None:
    follow(driver, folder)
    away = folder.with_name("away")
    folder.rename(away)
    driver.wait(lambda: "is not there, or cannot be reached" in driver.message())
    assert "it cannot be read now" in banner(driver)
    assert shown_epoch(driver) == 2
    add_epoch(away, 3)
    away.rename(folder)
    driver.wait(lambda: shown_epoch(driver) == 3)
    driver.wait(lambda: "cannot be read" not in banner(driver))
    assert driver.message() == ""


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
    driver.click("train")
    driver.wait_for("Training")
    follow(driver, folder)
    add_epoch(folder, 3)
    driver.wait(lambda: shown_epoch(driver) == 3)
    assert driver.text("status") == "Training"
    driver.click("back_to_now")
    driver.choose("stop")
    driver.wait_for("Stopped")


def test_a_run_elsewhere_is_not_renamed_or_deleted(driver: Driver, folder: Path) -> None:
    driver.window.docks.show_panel("Runs")
    follow(driver, folder)
    actions = driver.window.panels.runs.panel.actions_
    driver.wait(lambda: "lies in another folder" in actions.rename.toolTip())
    for action in actions.rename, actions.note, actions.pin, actions.delete:
        assert not action.isEnabled()
    star = driver.find(QToolButton, "runs.bookmark")
    QTest.mouseClick(star, Qt.MouseButton.LeftButton)
    driver.wait(lambda: "lies in another folder" in driver.message())
    assert read_run(folder).bookmarks == ()
    runs = driver.find(RunList, "runs.list")
    QTest.keyClick(runs, Qt.Key.Key_F2)
    driver.wait(lambda: driver.message().startswith("No run was renamed. It lies in another"))
    assert runs.findChildren(QLineEdit, "runs.rename") == []
    driver.wait(lambda: driver.text("runs.summary") == "1 run")  # which takes no room here


def test_a_disk_that_does_not_answer_holds_nothing_up(
    driver: Driver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(driver, folder)
    monkeypatch.setattr(following, "PATIENCE", 0.3)
    answers, look = threading.Event(), Follower.look
    monkeypatch.setattr(Follower, "look", lambda self: (answers.wait(), look(self))[1])
    try:
        driver.wait(lambda: "its disk does not answer" in banner(driver))
        driver.window.docks.show_panel("Runs")
        slider = driver.find(QSlider, "runs.epoch")
        driver.wait(lambda: slider.maximum() == 2)
        slider.setValue(1)
        driver.wait(lambda: shown_epoch(driver) == 1)
        driver.click("back_to_now")
        driver.wait(lambda: banner(driver) == "")
        driver.drop(folder)
        driver.wait(lambda: "was not followed: its disk does not answer" in driver.message())
    finally:
        answers.set()


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


def test_a_run_of_the_list_is_followed_by_its_menu(driver: Driver) -> None:
    folder = home() / "runs" / "20261126-070000-other"
    begin(folder)
    add_epoch(folder, 1)
    driver.window.docks.show_panel("Runs")
    driver.wait(lambda: first_row(driver).startswith("20261126-070000-other"))
    driver.choose("run_follow")
    driver.wait(lambda: "followed" in first_row(driver))
    assert driver.find(RunList, "runs.list").model().rowCount() == 1
    add_epoch(folder, 2)
    driver.wait(lambda: shown_epoch(driver) == 2)
    assert driver.action("run_rename").isEnabled()
    change(folder, state="finished")
    driver.wait(lambda: "has ended" in driver.action("run_follow").toolTip())


def test_the_curves_of_a_run_grow_though_it_is_not_followed(driver: Driver) -> None:
    folder = home() / "runs" / "20261126-070000-other"
    begin(folder)
    add_epoch(folder, 1)
    driver.window.docks.show_panel("Runs")
    driver.wait(lambda: first_row(driver).startswith("20261126-070000-other"))
    driver.find(QSlider, "runs.epoch").setValue(0)
    driver.wait(lambda: shown_epoch(driver) == 0)
    driver.wait(lambda: driver.curve("loss test")[0] == [1.0])
    add_epoch(folder, 2)
    driver.wait(lambda: driver.curve("loss test")[0] == [1.0, 2.0])
    assert shown_epoch(driver) == 0
