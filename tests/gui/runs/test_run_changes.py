"""What is changed of kept runs, and undone."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog, QPlainTextEdit, QToolButton, QWidget

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


def undo(widget: QWidget) -> None:
    QTest.keyClick(widget, Qt.Key.Key_Z, CONTROL)


def redo(widget: QWidget) -> None:
    """Press one of the keys of Redo, which are the same in all places."""
    keys = (Qt.Key.Key_Y, CONTROL), (Qt.Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(widget, *keys[isinstance(widget, QToolButton)])


def test_each_change_is_undone_and_the_network_is_left_alone(driver: Driver, folder: Path) -> None:
    runs, star = driver.find(RunList, "runs.list"), driver.find(QToolButton, "runs.bookmark")
    driver.blocks.setFocus()
    driver.click("add.tanh")
    network = driver.rows()
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_A, CONTROL)
    both = runs.chosen()
    assert len(both) == 2
    commands: list[Callable[[], object]] = [
        lambda: runs.runs.renamed.emit(both[0], "best"),
        lambda: note(driver, both[0], "ask Ada"),
        lambda: changes(driver).edit(both, note="two alike"),
        lambda: changes(driver).edit(both[:1], pinned=True),
        lambda: driver.choose("run_pin"),
        star.click,
    ]
    was = both[0].title
    steps = [
        f"Rename “{was}” to “best”",
        "Change note of “best”",
        "Change note of 2 runs",
        "Pin “best”",
        f"Pin “{both[1].title}”",
        "Bookmark epoch 1 of “best”",
    ]
    states = [said(folder)]
    for command in commands:
        command()
        driver.wait(lambda: said(folder) != states[-1])
        driver.wait(lambda: changes(driver).steps.index() == len(states))
        states.append(said(folder))
    for keys, step in reversed(list(enumerate(steps))):
        undo(star if keys % 2 else runs)
        driver.wait(lambda step=step: driver.message() == f"Undone: {step}.")  # type: ignore[misc]
        assert said(folder) == states[keys]
    assert not changes(driver).steps.canUndo()
    for keys, step in enumerate(steps):
        redo(star if keys % 2 else runs)
        driver.wait(lambda step=step: driver.message() == f"Redone: {step}.")  # type: ignore[misc]
        assert said(folder) == states[keys + 1]
    driver.wait(driver.action("run_pin").isChecked)
    assert driver.rows() == network
    driver.blocks.setFocus()
    undo(driver.blocks)
    assert driver.rows() == network[:-1]


def test_keys_that_come_fast_and_what_cannot_be_changed_or_made_again(
    driver: Driver, folder: Path
) -> None:
    runs, before = driver.find(RunList, "runs.list"), said(folder)
    driver.choose("run_pin")
    driver.wait(lambda: changes(driver).steps.canUndo())
    pinned = said(folder)
    undo(runs)
    redo(runs)
    driver.wait(lambda: driver.message().startswith("Redone: Pin “"))
    assert said(folder) == pinned != before
    redo(runs)
    undo(runs)
    driver.wait(lambda: said(folder) == before)
    driver.wait(lambda: driver.message().startswith("Undone: Pin “"))
    changes(driver).edit(runs.chosen(), note="ask Ada")
    driver.wait(lambda: said(folder) != before)
    driver.wait(lambda: changes(driver).steps.canUndo())
    noted = said(folder)
    redo(runs)  # which something else has followed
    driver.wait(lambda: runs.chosen()[0].note != "")
    changes(driver).edit(runs.chosen(), note="ask Ada")  # the same again is nothing to undo
    driver.settle()
    assert said(folder) == noted
    undo(runs)
    driver.wait(lambda: said(folder) == before)
    QTest.keyClick(runs, Qt.Key.Key_A, CONTROL)
    first, second = runs.chosen()
    whole = (first.folder / "run.json").read_bytes()
    (first.folder / "run.json").write_bytes(b"{")
    changes(driver).edit([first, second], pinned=True)
    driver.wait(lambda: changes(driver).steps.canUndo())
    assert str(first.folder) in driver.message()
    (first.folder / "run.json").write_bytes(whole)
    assert [pinned for _, _, pinned, *_ in said(folder)] == [True, ""], "the oldest is first"
    undo(runs)
    driver.wait(lambda: said(folder) == before)


def test_keys_and_menu_undo_what_was_done_where_the_focus_is(driver: Driver, folder: Path) -> None:
    """The button that undoes a deletion goes when something else is undone first."""
    runs, own = driver.find(RunList, "runs.list"), driver.rows()
    driver.blocks.setFocus()
    driver.click("add.tanh")
    runs.setFocus()
    (run,) = runs.chosen()
    action = driver.action("undo")
    assert action.text() == "&Undo Add Tanh", "no change of a run is there to be undone"
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    driver.wait(lambda: action.text() == f"&Undo Delete “{run.title}”")
    driver.wait(lambda: driver.message().startswith("Deleted"))
    driver.blocks.setFocus()
    assert action.text() == "&Undo Add Tanh"
    runs.setFocus()
    driver.window.document.set_locked(True)
    assert action.isEnabled(), "a training locks the network alone"
    driver.choose("undo")
    driver.window.document.set_locked(False)
    driver.wait(lambda: runs.runs.rowCount() == 2)
    assert driver.action("redo").text() == f"&Redo Delete “{run.title}”"
    undo(runs)
    assert driver.rows() == own, "there was nothing else to undo"
    runs.setFocus()
    runs.choose(run.key)
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    driver.wait(lambda: runs.runs.rowCount() == 1)
    driver.wait(lambda: driver.message().startswith("Deleted"))
    changes(driver).edit(runs.chosen(), name="other")
    driver.wait(lambda: driver.message() == "")
    undo(runs)
    driver.wait(lambda: "other" not in [each[0] for each in said(folder)])
    assert len(said(folder)) == 1
    undo(runs)
    driver.wait(lambda: len(said(folder)) == 2)
