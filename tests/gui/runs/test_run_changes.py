"""What is changed of kept runs, and brought back."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QPlainTextEdit, QToolButton

from engine.paths import home
from engine.runs.run_folder import Run
from gui.runs.run_changes import RunChanges
from gui.runs.run_list import RunList
from tests.gui.driving import Driver
from tests.gui.runs.followed_runs import listed
from tests.run_folders import make_runs

CONTROL = Qt.KeyboardModifier.ControlModifier
SAID = "name", "note", "pinned", "colour", "bookmarks"


@pytest.fixture
def folder(no_runs: Driver) -> Path:
    """Return the folder of two runs, of which the newest is chosen in the panel."""
    make_runs(home() / "runs", 2, epochs=2)
    listed(no_runs, 2)
    return home() / "runs"


def changes(driver: Driver) -> RunChanges:
    return driver.window.panels.runs.changes


def said(folder: Path) -> list[list[object]]:
    """Return what users have said of each run, by its files."""
    found = [json.loads(path.read_bytes()) for path in sorted(folder.glob("*/run.json"))]
    return [[each.get(name) or "" for name in SAID] for each in found]


def note(driver: Driver, run: Run, text: str) -> None:
    """Write a note in the window for that; of several runs there is none."""
    runs = driver.find(RunList, "runs.list")
    runs.choose(run.key)
    driver.choose("run_note")
    driver.find(QPlainTextEdit, "run_note.text").setPlainText(text)
    driver.find(QInputDialog, "run_note").accept()
    driver.come_to_front()
    runs.selectAll()
    runs.setFocus()


def test_each_change_is_written_and_the_network_is_left_alone(driver: Driver, folder: Path) -> None:
    runs, star = driver.find(RunList, "runs.list"), driver.find(QToolButton, "runs.bookmark")
    driver.blocks.setFocus()
    driver.click("add.tanh")
    network = driver.rows()
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_A, CONTROL)
    newest, _ = runs.chosen()
    runs.runs.renamed.emit(newest, "best")
    driver.wait(lambda: runs.chosen()[0].title == "best")
    note(driver, newest, "ask Ada")
    driver.choose("run_pin")
    star.click()
    all_said = [["try 0", "", True, "", ""], ["best", "ask Ada", True, "", [1]]]
    driver.wait(lambda: said(folder) == all_said)
    driver.wait(driver.action("run_pin").isChecked)
    assert driver.rows() == network


def test_what_cannot_be_changed_is_said(driver: Driver, folder: Path) -> None:
    runs = driver.find(RunList, "runs.list")
    QTest.keyClick(runs, Qt.Key.Key_A, CONTROL)
    first, second = runs.chosen()
    whole = (first.folder / "run.json").read_bytes()
    (first.folder / "run.json").write_bytes(b"{")
    changes(driver).edit([first, second], pinned=True)
    driver.wait(lambda: str(first.folder) in driver.message())
    (first.folder / "run.json").write_bytes(whole)
    assert [pinned for _, _, pinned, *_ in said(folder)] == [True, ""], "the oldest is first"


def test_the_key_of_undo_is_about_runs_where_the_focus_is_among_them(
    driver: Driver, folder: Path
) -> None:
    runs, star = driver.find(RunList, "runs.list"), driver.find(QToolButton, "runs.bookmark")
    driver.blocks.setFocus()
    driver.click("add.tanh")
    network = driver.rows()
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_Z, CONTROL)
    assert driver.message() == "No run was deleted that can be brought back."
    QTest.keyClick(runs, Qt.Key.Key_A, CONTROL)
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    driver.wait(lambda: runs.runs.rowCount() == 0)
    QTest.keyClick(driver.window.panels.runs.panel, Qt.Key.Key_Z, CONTROL)
    driver.wait(lambda: runs.runs.rowCount() == 2)
    driver.wait(lambda: driver.message() == "Brought back 2 runs.")
    star.setFocus()
    QTest.keyClick(star, Qt.Key.Key_Z, CONTROL)
    assert driver.rows() == network
    driver.blocks.setFocus()
    QTest.keyClick(driver.blocks, Qt.Key.Key_Z, CONTROL)
    assert driver.rows() == network[:-1]
