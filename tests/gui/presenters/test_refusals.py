"""What was refused is said until the same is done with success, or its cause is gone."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QSlider

from engine.paths import home
from gui.runs.run_list import RunList
from gui.runs.run_model import MOST_TICKED
from tests.gui.driving import Driver
from tests.gui.presenters.followed_runs import add_epoch, begin, shown_epoch
from tests.run_folders import make_runs


@pytest.fixture
def driver(no_runs: Driver) -> Driver:
    """Return the module's window, with the panel Runs in front."""
    no_runs.window.docks.show_panel("Runs")
    return no_runs


def runs_of(driver: Driver, count: int) -> RunList:
    """Make so many runs, and wait until they are listed."""
    make_runs(home() / "runs", count, epochs=6)
    runs = driver.find(RunList, "runs.list")
    driver.wait(lambda: runs.model().rowCount() == count)
    runs.setFocus()
    return runs


def test_an_epoch_that_cannot_be_read(driver: Driver) -> None:
    runs = runs_of(driver, 1)
    assert runs.current is not None
    (runs.current.folder / "weights" / "epoch-0001.safetensors").write_bytes(b"damaged")
    slider = driver.find(QSlider, "runs.epoch")
    slider.setValue(1)
    driver.wait(lambda: "damaged" in driver.message())
    slider.setValue(2)
    driver.wait(lambda: shown_epoch(driver) == 2)
    driver.wait(lambda: driver.message() == "")


def test_a_name(driver: Driver) -> None:
    runs = runs_of(driver, 2)
    runs.selectAll()
    QTest.keyClick(runs, Qt.Key.Key_F2)
    driver.wait(lambda: driver.message().startswith("No run was renamed."))
    runs.choose(runs.runs.rows[0].run.key)
    assert driver.message() != "", "nothing was renamed yet"
    QTest.keyClick(runs, Qt.Key.Key_F2)
    field = driver.find(QLineEdit, "runs.rename")
    field.selectAll()
    QTest.keyClicks(field, "best")
    QTest.keyClick(field, Qt.Key.Key_Return)
    driver.wait(lambda: str(runs.model().index(0, 0).data()).startswith("best"))
    driver.wait(lambda: driver.message() == "")


def test_one_tick_too_many(driver: Driver) -> None:
    runs = runs_of(driver, MOST_TICKED + 1)
    runs.selectAll()
    QTest.keyClick(runs, Qt.Key.Key_Space)
    assert driver.message().startswith(f"{MOST_TICKED} runs can be compared at a time.")
    runs.runs.tick([runs.runs.rows[0].run], on=False)
    assert driver.message() == ""


def test_a_folder_that_is_no_run_and_a_file_of_nothing(driver: Driver, tmp_path: Path) -> None:
    nothing, run = tmp_path / "nothing.txt", tmp_path / "run"
    nothing.write_text("nothing")
    begin(run)
    add_epoch(run, 1)
    driver.drop(nothing)
    driver.wait(lambda: "cannot be opened here" in driver.message())
    driver.drop(run)
    driver.wait(lambda: shown_epoch(driver) == 1)
    assert driver.message() == ""
    driver.window.panels.follow(tmp_path)
    driver.wait(lambda: "has no run.json" in driver.message())
    driver.window.panels.follow(run)
    driver.wait(lambda: driver.message() == "")


def test_blocks_that_cannot_be_pasted(driver: Driver) -> None:
    driver.blocks.setFocus()
    QApplication.clipboard().setText("no blocks")
    driver.choose("paste")
    driver.wait(lambda: driver.message() != "")
    driver.click("add.tanh")
    driver.wait(lambda: driver.message() == "")
