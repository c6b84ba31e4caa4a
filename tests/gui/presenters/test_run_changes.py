"""What is changed of kept runs, and undone."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton, QWidget

from engine.paths import home
from gui.presenters.run_changes import RunChanges
from gui.runs.run_list import RunList
from tests.gui.driving import Driver
from tests.run_folders import make_runs

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def folder(no_runs: Driver) -> Path:
    """Return the folder of two runs."""
    make_runs(home() / "runs", 2, epochs=2)
    return home() / "runs"


@pytest.fixture
def driver(folder: Path, no_runs: Driver) -> Driver:
    """Return the module's window, with the newest of the runs chosen in the panel."""
    driver = no_runs
    driver.window.docks.show_panel("Runs")
    runs = driver.find(RunList, "runs.list")
    driver.wait(lambda: runs.runs.count == 2)
    runs.setFocus()
    return driver


def changes(driver: Driver) -> RunChanges:
    return driver.window.panels.runs.changes


def said(folder: Path) -> list[tuple[object, ...]]:
    """Return what users have said of each run, by its files."""
    found = [json.loads(path.read_bytes()) for path in sorted(folder.glob("*/run.json"))]
    return [
        (
            each["name"],
            each.get("note", ""),
            each.get("pinned", False),
            each.get("colour", ""),
            each.get("bookmarks", []),
        )
        for each in found
    ]


def undo(widget: QWidget) -> None:
    QTest.keyClick(widget, Qt.Key.Key_Z, CONTROL)


def test_each_change_is_undone_and_the_network_is_left_alone(driver: Driver, folder: Path) -> None:
    runs, star = driver.find(RunList, "runs.list"), driver.find(QToolButton, "runs.bookmark")
    driver.blocks.setFocus()
    driver.click("add.tanh")
    network = driver.rows()
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_A, CONTROL)
    both = runs.chosen()
    assert len(both) == 2
    wishes: list[Callable[[], object]] = [
        lambda: runs.runs.renamed.emit(both[0], "best"),
        lambda: driver.window.panels.runs._on_note(both[0], "ask Ada"),
        lambda: driver.choose("run_colour_green"),
        lambda: changes(driver).edit(both[:1], pinned=True),
        lambda: driver.choose("run_pin"),
        star.click,
    ]
    states = [said(folder)]
    for wish in wishes:
        wish()
        driver.wait(lambda: said(folder) != states[-1])
        driver.wait(lambda: len(changes(driver)._undos) == len(states))
        states.append(said(folder))
    for keys, before in enumerate(reversed(states[:-1])):
        undo(star if keys % 2 else runs)
        driver.wait(lambda before=before: said(folder) == before)  # type: ignore[misc]
    driver.wait(lambda: not changes(driver).undoes)
    undo(runs)
    QTest.keyClick(runs, Qt.Key.Key_Y, CONTROL)
    driver.settle()
    assert driver.rows() == network, "an edit that is not seen here is not undone"
    driver.blocks.setFocus()
    undo(driver.blocks)
    assert driver.rows() == network[:-1]


def test_the_same_again_is_nothing_to_undo(driver: Driver, folder: Path) -> None:
    driver.choose("run_colour_green")
    driver.wait(lambda: changes(driver).undoes)
    before = said(folder)
    driver.wait(lambda: driver.find(RunList, "runs.list").chosen()[0].colour != "")
    driver.choose("run_colour_green")
    driver.settle()
    undo(driver.find(RunList, "runs.list"))
    driver.wait(lambda: said(folder) != before)


def test_the_button_that_undoes_a_deletion_goes_when_something_else_is_undone_first(
    driver: Driver, folder: Path
) -> None:
    runs = driver.find(RunList, "runs.list")
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    driver.wait(lambda: driver.message().startswith("Deleted"))
    driver.wait(lambda: runs.runs.count == 1)
    changes(driver).edit(runs.chosen(), name="other")
    driver.wait(lambda: driver.message() == "")
    undo(runs)
    driver.wait(lambda: "other" not in [each[0] for each in said(folder)])
    assert len(said(folder)) == 1
    undo(runs)
    driver.wait(lambda: len(said(folder)) == 2)


def test_of_several_those_are_changed_and_undone_that_can_be(driver: Driver, folder: Path) -> None:
    runs = driver.find(RunList, "runs.list")
    QTest.keyClick(runs, Qt.Key.Key_A, CONTROL)
    first, second = runs.chosen()
    whole = (first.folder / "run.json").read_bytes()
    (first.folder / "run.json").write_bytes(b"{")
    changes(driver).edit([first, second], pinned=True)
    driver.wait(lambda: changes(driver).undoes)
    assert str(first.folder) in driver.message()
    (first.folder / "run.json").write_bytes(whole)
    assert [pinned for _, _, pinned, *_ in said(folder)] == [True, False], "the oldest is first"
    undo(runs)
    driver.wait(lambda: not any(pinned for _, _, pinned, *_ in said(folder)))
