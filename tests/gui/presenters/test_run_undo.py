"""Undo in the panel Runs takes back what was done last there, also to the network."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from engine.paths import home
from gui.document.document import LOCKED_REASON
from gui.runs.run_list import RunList
from tests.gui.driving import Driver
from tests.gui.presenters.coaching import ruined, wait_for
from tests.gui.presenters.test_time_machine import look, start
from tests.gui.recorded_runs import record

CONTROL = Qt.KeyboardModifier.ControlModifier
EPOCH = 2


@pytest.fixture
def driver(no_runs: Driver) -> Driver:
    """Return the module's window: one run is kept, of another network than the open one."""
    driver = no_runs
    driver.come_to_front()
    record(home() / "runs", start(), "my run")
    driver.blocks.setFocus()
    driver.click("add.tanh")
    driver.window.docks.show_panel("Runs")
    driver.wait(lambda: runs(driver).runs.count == 1)
    runs(driver).setFocus()
    return driver


def runs(driver: Driver) -> RunList:
    return driver.find(RunList, "runs.list")


def bookmarks(folder: Path) -> list[int]:
    described = json.loads((folder / "run.json").read_bytes())
    found: list[int] = described.get("bookmarks", [])
    return found


def mark(driver: Driver) -> Path:
    """Bookmark the epoch that is shown; return the folder of its run."""
    run = runs(driver).chosen()[0]
    changes = driver.window.panels.runs.changes
    before = len(changes.history._undos)
    driver.find(QToolButton, "runs.bookmark").click()
    driver.wait(lambda: len(changes.history._undos) == before + 1)
    assert bookmarks(run.folder) != []
    return run.folder


def go_on(driver: Driver) -> None:
    """Continue from an epoch of the run, and stop: the run of that has been begun."""
    run = runs(driver).chosen()[0]
    look(driver, run, EPOCH)
    driver.click("continue_here")
    driver.wait_for("Training")
    driver.click("stop")
    driver.wait_for("Stopped")
    driver.settle()
    runs(driver).setFocus()


def test_continue_from_here_is_taken_back_before_what_was_done_before(driver: Driver) -> None:
    own = driver.rows()
    folder = mark(driver)
    go_on(driver)
    taken = driver.rows()
    assert taken != own
    driver.press(Qt.Key.Key_Z, CONTROL)
    assert driver.rows() == own
    assert driver.message() == f"Undone: Continue from epoch {EPOCH}."
    assert bookmarks(folder) != []
    driver.press(Qt.Key.Key_Y, CONTROL)
    assert driver.rows() == taken
    assert driver.message() == f"Redone: Continue from epoch {EPOCH}."
    driver.press(Qt.Key.Key_Z, CONTROL)
    assert driver.rows() == own
    driver.press(Qt.Key.Key_Z, CONTROL)
    driver.wait(lambda: bookmarks(folder) == [])
    driver.press(Qt.Key.Key_Z, CONTROL)
    driver.settle()
    assert driver.rows() == own, "the edit before was made elsewhere"
    driver.press(Qt.Key.Key_Y, CONTROL)
    driver.wait(lambda: bookmarks(folder) != [])
    assert driver.rows() == own, "what was undone last is made again first"
    driver.press(Qt.Key.Key_Y, CONTROL)
    assert driver.rows() == taken


def test_what_was_done_after_continue_is_taken_back_before_it(driver: Driver) -> None:
    own = driver.rows()
    go_on(driver)
    taken = driver.rows()
    folder = mark(driver)
    driver.press(Qt.Key.Key_Z, CONTROL)
    driver.wait(lambda: bookmarks(folder) == [])
    assert driver.rows() == taken
    driver.press(Qt.Key.Key_Z, CONTROL)
    assert driver.rows() == own


def test_a_change_that_was_undone_is_not_made_again_after_continue(driver: Driver) -> None:
    folder = mark(driver)
    driver.press(Qt.Key.Key_Z, CONTROL)
    driver.wait(lambda: bookmarks(folder) == [])
    go_on(driver)
    taken = driver.rows()
    driver.press(Qt.Key.Key_Y, CONTROL)
    driver.settle()
    assert bookmarks(folder) == []
    driver.press(Qt.Key.Key_Z, CONTROL)
    assert driver.rows() != taken
    driver.press(Qt.Key.Key_Y, CONTROL)
    assert driver.rows() == taken


def test_the_way_back_to_the_best_epoch_is_taken_back_too(driver: Driver) -> None:
    document = driver.window.document
    driver.blocks.setFocus()
    driver.choose("undo")  # the block
    best = ruined(driver, 0.1, 300)
    driver.wait_for("Finished")
    driver.click("coach.action")
    wait_for(driver, f"Back at epoch {best}, with ")
    driver.settle()
    runs(driver).setFocus()
    driver.press(Qt.Key.Key_Z, CONTROL)
    assert (document.trained_epochs, document.settings.learning_rate) == (3, 300)
    driver.press(Qt.Key.Key_Y, CONTROL)
    assert (document.trained_epochs, document.settings.learning_rate) == (best, 0.1)
    driver.press(Qt.Key.Key_Z, CONTROL)
    assert (document.trained_epochs, document.settings.learning_rate) == (3, 300)
    driver.press(Qt.Key.Key_Z, CONTROL)
    driver.settle()
    assert document.settings.learning_rate == 300, "the rate before was set elsewhere"


def test_an_edit_after_continue_is_left_to_where_it_is_seen(driver: Driver) -> None:
    folder = mark(driver)
    go_on(driver)
    taken = driver.rows()
    driver.blocks.setFocus()
    driver.click("add.relu")
    edited = driver.rows()
    assert edited != taken
    runs(driver).setFocus()
    driver.press(Qt.Key.Key_Z, CONTROL)
    driver.wait(lambda: bookmarks(folder) == [])
    driver.press(Qt.Key.Key_Z, CONTROL)
    driver.settle()
    assert driver.rows() == edited
    driver.blocks.setFocus()
    driver.choose("undo")
    driver.choose("undo")
    own = driver.rows()
    runs(driver).setFocus()
    driver.press(Qt.Key.Key_Y, CONTROL)
    assert driver.rows() == taken != own
    driver.press(Qt.Key.Key_Y, CONTROL)
    assert driver.rows() == taken, "the edit after it was made elsewhere"


def test_while_it_trains_the_key_says_what_it_waits_for_and_takes_nothing_else(
    driver: Driver,
) -> None:
    folder = mark(driver)
    session = driver.window.session
    session.set_speed("slow")
    try:
        look(driver, runs(driver).chosen()[0], EPOCH)
        driver.click("continue_here")
        driver.wait_for("Training")
        QTest.keyClick(runs(driver), Qt.Key.Key_Z, CONTROL)
        assert driver.message() == LOCKED_REASON
        driver.click("stop")
        driver.wait_for("Stopped")
        driver.settle()
        assert bookmarks(folder) != []
    finally:
        session.set_speed("full")


def test_the_menu_undoes_what_was_done_where_the_focus_is(driver: Driver) -> None:
    undo, own = driver.action("undo"), driver.rows()
    assert (undo.text(), undo.isEnabled()) == ("&Undo", False)
    (run,) = runs(driver).chosen()
    driver.press(Qt.Key.Key_Delete)
    driver.wait(lambda: runs(driver).runs.count == 0)
    driver.wait(lambda: undo.text() == f"&Undo Delete “{run.title}”")
    assert undo.isEnabled()
    driver.choose("undo")
    driver.wait(lambda: runs(driver).runs.count == 1)
    assert (driver.rows(), undo.isEnabled()) == (own, False)
    assert driver.action("redo").text() == f"&Redo Delete “{run.title}”"
    driver.wait(runs(driver).hasFocus)
    driver.blocks.setFocus()
    assert "Tanh" in undo.text()
    driver.choose("undo")
    assert driver.rows() == own[:-1]
