"""Folders that cannot be followed, and what is said where nothing of a run can be shown."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QSlider, QWidget

from engine.runs.following import Follower
from gui.presenters import following
from tests.gui.driving import Driver
from tests.gui.presenters.followed_runs import (
    add_epoch,
    banner,
    begin,
    first_row,
    follow,
    shown_epoch,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a run, elsewhere than those of the window, after two epochs."""
    return begin(tmp_path / "elsewhere" / "cluster 7", epochs=2)


@pytest.fixture
def driver(no_runs: Driver) -> Driver:
    """Return the module's window, in which nothing is followed."""
    return no_runs


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
