"""A run that is shown and leaves the list."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSlider, QToolButton

from engine.paths import home
from gui.presenters.gone_run import GoneRun
from gui.runs.run_list import RunList
from tests.gui.driving import Driver
from tests.gui.presenters.followed_runs import banner
from tests.gui.runs.made_rows import rows, run
from tests.run_folders import make_runs

GONE = "its run is gone from the list"
CONTROL = Qt.KeyboardModifier.ControlModifier


def test_a_run_is_gone_once_it_was_listed() -> None:
    shown, other, gone = run("a"), run("b"), GoneRun()
    assert not gone.is_gone(shown.folder, rows(other)), "it is not read yet"
    assert not gone.is_gone(shown.folder, rows(other, shown))
    assert gone.is_gone(shown.folder, rows(other))
    assert not gone.is_gone(None, rows(other))
    assert not gone.is_gone(shown.folder, rows(shown)), "it is back"


@pytest.fixture
def driver(no_runs: Driver) -> Driver:
    """Return the module's window, which shows epoch 2 of the newest of three runs."""
    driver = no_runs
    make_runs(home() / "runs", 3, epochs=4)
    driver.window.docks.show_panel("Runs")
    driver.wait(lambda: driver.find(RunList, "runs.list").runs.count == 3)
    driver.find(QSlider, "runs.epoch").setValue(2)
    driver.wait(lambda: driver.window.view.moment is not None)
    return driver


def steps(driver: Driver) -> list[bool]:
    return [
        driver.find(QToolButton, f"runs.{name}").isEnabled() for name in ("back", "play", "next")
    ]


def test_the_banner_says_that_another_program_deleted_it_and_no_step_leads_to_another(
    driver: Driver,
) -> None:
    runs = driver.find(RunList, "runs.list")
    assert steps(driver) == [True, True, True]
    assert GONE not in banner(driver)
    moment = driver.window.view.moment
    assert moment is not None
    aside = Path(shutil.move(moment.run.folder, home() / "elsewhere"))
    driver.wait(lambda: GONE in banner(driver))
    assert banner(driver).startswith(f"Epoch {moment.age} of")
    driver.wait(lambda: runs.runs.count == 2)
    driver.wait(lambda: steps(driver) == [False, False, False])
    shutil.move(aside, moment.run.folder)
    driver.wait(lambda: GONE not in banner(driver))
    driver.wait(lambda: runs.runs.count == 3)


def test_the_present_has_steps_again(driver: Driver) -> None:
    runs = driver.find(RunList, "runs.list")
    runs.setFocus()
    QTest.keyClick(runs, Qt.Key.Key_Delete)
    driver.wait(lambda: GONE in banner(driver))
    driver.click("back_to_now")
    assert banner(driver) == ""
    assert steps(driver)[:2] == [True, True]
