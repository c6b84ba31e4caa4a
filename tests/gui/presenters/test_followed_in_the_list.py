"""Runs that are or were followed, in the list of runs."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QSlider, QToolButton

from engine.paths import home
from engine.runs import read_run
from gui.runs.run_list import RunList
from tests.gui.driving import Driver
from tests.gui.presenters.followed_runs import (
    add_epoch,
    begin,
    change,
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


def test_a_run_that_is_no_longer_followed_stays_in_the_list(driver: Driver, folder: Path) -> None:
    driver.window.docks.show_panel("Runs")
    runs = driver.find(RunList, "runs.list")
    follow(driver, folder)
    driver.click("back_to_now")
    driver.wait(lambda: "no longer followed, 2 epochs" in first_row(driver))
    assert first_row(driver).startswith("cluster 7")
    assert driver.text("runs.summary") == "1 run"
    runs.choose(str(folder))
    driver.find(QSlider, "runs.epoch").setValue(1)
    driver.wait(lambda: shown_epoch(driver) == 1)
    assert driver.window.following.run is None
    driver.wait(lambda: driver.curve("loss test")[0] == [1.0, 2.0])
    driver.choose("run_follow")
    driver.wait(lambda: "followed, in progress, 2 epochs" in first_row(driver))
    assert runs.model().rowCount() == 1


def test_words_that_hide_a_run_that_is_followed_are_cleared(driver: Driver, folder: Path) -> None:
    own = begin(home() / "runs" / "20261126-070000-own")
    driver.window.docks.show_panel("Runs")
    runs, field = driver.find(RunList, "runs.list"), driver.find(QLineEdit, "runs.filter")
    driver.wait(lambda: runs.runs.count == 1)
    field.setText(own.name)
    follow(driver, folder)
    driver.wait(lambda: runs.current is not None and runs.current.folder == folder)
    driver.wait(lambda: driver.find(QSlider, "runs.epoch").value() == 2)
    assert field.text() == ""
    assert len(runs.runs.rows) == 2


def test_runs_that_are_or_were_followed_are_sorted_by_their_time(
    driver: Driver, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other place" / "next"
    begin(other)
    add_epoch(other, 1)
    own = home() / "runs" / "20261126-070000-own"
    begin(own)
    times = {
        folder: "2026-11-25T07:00:00",
        own: "2026-11-26T07:00:00",
        other: "2026-11-27T07:00:00",
    }
    for run, time in times.items():
        change(run, started=time)
    driver.window.docks.show_panel("Runs")
    runs = driver.find(RunList, "runs.list").runs
    follow(driver, folder)
    follow(driver, other, epoch=1)
    driver.wait(lambda: [row.run.folder for row in runs.rows] == [other, own, folder])
    assert [(row.followed, row.left) for row in runs.rows] == [
        (True, False),
        (False, False),
        (False, True),
    ]
    change(other, state="finished")
    driver.wait(lambda: "followed, finished" in first_row(driver))
    driver.click("back_to_now")
    driver.wait(lambda: not runs.rows[0].followed)
    assert [row.run.folder for row in runs.rows] == [other, own, folder]
    assert [row.state for row in runs.rows] == ["finished", "in progress", "no longer followed"]


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_run_that_was_followed_is_taken_off_the_list_and_comes_back(
    driver: Driver, folder: Path
) -> None:
    driver.window.docks.show_panel("Runs")
    runs, before = driver.find(RunList, "runs.list"), files(folder)
    follow(driver, folder)
    driver.click("back_to_now")
    driver.wait(lambda: "no longer followed" in first_row(driver))
    delete = driver.action("run_delete")
    assert delete.text().startswith("Take off the &list")
    assert "leave its folder alone" in delete.toolTip()
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    driver.wait(lambda: first_row(driver) == "")
    said = "“cluster 7” was taken off the list. Its folder stays as it is."
    driver.wait(lambda: driver.message() == said)
    assert files(folder) == before
    driver.click("message.offer")
    driver.wait(lambda: "no longer followed" in first_row(driver))
    driver.choose("run_delete")
    driver.wait(lambda: first_row(driver) == "")
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    driver.wait(lambda: "no longer followed" in first_row(driver))
    driver.wait(lambda: driver.message() == "Undone: Take “cluster 7” off the list.")
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    driver.wait(lambda: first_row(driver) == "")
    driver.wait(lambda: driver.message() == "Redone: Take “cluster 7” off the list.")
    QTest.keyClick(runs, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    driver.wait(lambda: "no longer followed" in first_row(driver))
    driver.choose("run_delete")
    driver.wait(lambda: first_row(driver) == "")
    follow(driver, folder)
    driver.wait(lambda: "followed, in progress" in first_row(driver))
    assert files(folder) == before


def test_a_run_that_is_followed_is_taken_off_the_list_and_followed_again_by_undo(
    driver: Driver, folder: Path
) -> None:
    driver.window.docks.show_panel("Runs")
    follow(driver, folder)
    driver.wait(lambda: "followed, in progress" in first_row(driver))
    driver.choose("run_delete")
    driver.wait(lambda: first_row(driver) == "")
    assert driver.window.following.run is None
    driver.click("message.offer")
    driver.wait(lambda: "followed, in progress" in first_row(driver))
    add_epoch(folder, 3)
    driver.wait(lambda: shown_epoch(driver) == 3)


def test_own_and_other_runs_are_not_deleted_in_one_go(driver: Driver, folder: Path) -> None:
    own = home() / "runs" / "20261126-070000-own"
    begin(own)
    driver.window.docks.show_panel("Runs")
    follow(driver, folder)
    runs = driver.find(RunList, "runs.list")
    driver.wait(lambda: runs.model().rowCount() == 2)
    runs.selectAll()
    assert "Choose only those" in driver.action("run_delete").toolTip()
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    driver.wait(lambda: driver.message().startswith("No run was deleted. Some of these"))
    assert runs.model().rowCount() == 2


def test_runs_of_one_name_in_other_folders_are_both_listed_with_where_they_lie(
    driver: Driver, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "monday" / folder.name
    begin(other)
    add_epoch(other, 1)
    driver.window.docks.show_panel("Runs")
    runs = driver.find(RunList, "runs.list").runs
    follow(driver, folder)
    follow(driver, other, epoch=1)
    driver.wait(lambda: len(runs.rows) == 2)
    assert {row.place for row in runs.rows} == {"…/monday/cluster 7", "…/elsewhere/cluster 7"}
    assert {row.run.folder for row in runs.rows if row.followed} == {other}


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


def test_a_run_elsewhere_is_not_renamed_or_pinned(driver: Driver, folder: Path) -> None:
    driver.window.docks.show_panel("Runs")
    follow(driver, folder)
    actions = driver.window.panels.runs.panel.actions_
    driver.wait(lambda: "lies in another folder" in actions.rename.toolTip())
    for action in actions.rename, actions.note, actions.pin:
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
