"""A run that is shown and leaves the list."""

import shutil
from pathlib import Path

from PySide6.QtWidgets import QSlider

from engine.paths import home
from engine.runs.store import RunStore
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.runs.followed_runs import banner, listed, shown_epoch
from tests.run_folders import make_runs

GONE = "its run is gone from the list"


def test_the_banner_says_that_another_program_deleted_it(no_runs: Driver) -> None:
    driver = no_runs
    make_runs(home() / "runs", 3, epochs=4)
    runs = listed(driver, 3)
    driver.find(QSlider, "runs.epoch").setValue(2)
    driver.wait(lambda: shown_epoch(driver) == 2)
    assert GONE not in banner(driver)
    checkpoint = not_none(driver.window.view.state.checkpoint)
    aside = Path(shutil.move(checkpoint.run.folder, home() / "elsewhere"))
    driver.wait(lambda: GONE in banner(driver))
    assert banner(driver).startswith(f"Epoch {checkpoint.age} of")
    driver.wait(lambda: runs.runs.count == 2)
    shutil.move(aside, checkpoint.run.folder)
    driver.wait(lambda: GONE not in banner(driver))
    driver.wait(lambda: runs.runs.count == 3)
    RunStore().edit(checkpoint.run, name="a new name")
    driver.wait(lambda: "of “a new name”" in banner(driver))
    assert driver.text("runs.state") == f"a new name, epoch {checkpoint.age}"
