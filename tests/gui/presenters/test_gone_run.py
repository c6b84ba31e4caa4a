"""A run that is shown and leaves the list."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider, QToolButton

from engine.paths import home
from engine.runs.store import RunStore
from gui.runs.run_list import RunList
from gui.widgets.elision import ElidedLabel
from tests.gui.driving import Driver
from tests.gui.presenters.followed_runs import banner
from tests.run_folders import make_runs

GONE = "its run is gone from the list"
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def driver(no_runs: Driver) -> Driver:
    """Return the module's window, which shows epoch 2 of the newest of three runs."""
    driver = no_runs
    make_runs(home() / "runs", 3, epochs=4)
    driver.window.docks.show_panel("Runs")
    driver.wait(lambda: driver.find(RunList, "runs.list").runs.count == 3)
    driver.find(QSlider, "runs.epoch").setValue(2)
    driver.wait(lambda: driver.window.view.checkpoint is not None)
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
    checkpoint = driver.window.view.checkpoint
    assert checkpoint is not None
    aside = Path(shutil.move(checkpoint.run.folder, home() / "elsewhere"))
    driver.wait(lambda: GONE in banner(driver))
    assert banner(driver).startswith(f"Epoch {checkpoint.age} of")
    driver.wait(lambda: runs.runs.count == 2)
    driver.wait(lambda: steps(driver) == [False, False, False])
    shutil.move(aside, checkpoint.run.folder)
    driver.wait(lambda: GONE not in banner(driver))
    driver.wait(lambda: runs.runs.count == 3)


def test_in_little_room_the_name_is_cut_and_not_that_the_run_is_gone(driver: Driver) -> None:
    checkpoint, text = driver.window.view.checkpoint, driver.find(ElidedLabel, "moment")
    assert checkpoint is not None
    RunStore().edit(checkpoint.run, name="a name of many words " * 12)
    driver.wait(lambda: "of “a name of many" in banner(driver))
    assert "…" in text.written()
    RunStore().delete(checkpoint.run)
    driver.wait(lambda: GONE in banner(driver))
    assert text.written().startswith(f"Epoch {checkpoint.age} of “a name")
    assert text.written().endswith(f"” · {GONE}")
