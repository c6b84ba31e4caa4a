"""What was refused is said until the same is done with success, or its cause is gone."""

import json
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QSlider

from engine.paths import home
from gui.runs.run_list import RunList
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.hands import type_into
from tests.gui.runs.followed_runs import add_epoch, banner, begin, first_row, listed, shown_epoch
from tests.run_folders import make_runs


def runs_of(driver: Driver, count: int) -> RunList:
    """Make so many runs, and wait until they are listed."""
    make_runs(home() / "runs", count, epochs=6)
    return listed(driver, count)


def test_an_epoch_that_cannot_be_read(no_runs: Driver) -> None:
    driver, runs = no_runs, runs_of(no_runs, 1)
    (not_none(runs.current).folder / "weights" / "epoch-0001.safetensors").write_bytes(b"damaged")
    slider = driver.find(QSlider, "runs.epoch")
    slider.setValue(1)
    driver.wait(lambda: "damaged" in driver.message())
    assert (driver.text("runs.state"), slider.value()) == ("", slider.maximum())
    slider.setValue(2)
    driver.wait(lambda: shown_epoch(driver) == 2)
    driver.wait(lambda: driver.message() == "")


def test_a_name(no_runs: Driver) -> None:
    driver, runs = no_runs, runs_of(no_runs, 2)
    driver.window.document.select(driver.window.document.stack.slots[0].id)
    driver.wait(driver.action("rename").isEnabled)  # F2 is for blocks, too
    runs.setFocus()
    runs.selectAll()
    QTest.keyClick(runs, Qt.Key.Key_F2)
    driver.wait(lambda: driver.message().startswith("No run was renamed."))
    run = runs.runs.rows[0].run
    runs.choose(run.key)
    assert driver.message() != "", "nothing was renamed yet"
    QTest.keyClick(runs, Qt.Key.Key_F2)
    type_into(driver.find(QLineEdit, "runs.rename"), "my best")
    driver.wait(lambda: first_row(driver).startswith("my best ·"))
    driver.wait(lambda: driver.message() == "")
    assert json.loads((run.folder / "run.json").read_bytes())["name"] == "my best"
    driver.settle()
    assert driver.window.view.state.checkpoint is None, "Enter was for the name alone"


def test_a_folder_that_is_no_run_a_damaged_run_and_a_file_of_nothing(
    no_runs: Driver, tmp_path: Path
) -> None:
    driver, nothing, run = no_runs, tmp_path / "nothing.txt", tmp_path / "run"
    damaged, before = begin(tmp_path / "damaged"), driver.window.document.project()
    for content, why in (("", "is damaged ("), ("[1]", "is damaged (Expected `object`")):
        (damaged / "run.json").write_text(content)
        driver.drop(damaged)
        driver.wait(lambda: driver.message().startswith(f"{damaged} {why}"))  # noqa: B023
        assert driver.message().count(". ") == 1
        assert (banner(driver), first_row(driver)) == ("", "")
        assert driver.window.document.project() == before
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
