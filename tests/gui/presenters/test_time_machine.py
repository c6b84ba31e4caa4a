"""The bar over the panels says which moment they show, and leads back, or on from there."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from engine.files.project_file import open_project
from engine.model.project import Project
from engine.model.templates import notebook
from engine.runs.run_folder import Run
from engine.runs.store import RunStore
from tests.engine.cli.console import write_data, write_project
from tests.gui.driving import Driver
from tests.gui.recorded_runs import record, without_data

EPOCHS, CHECKPOINT = 4, 2
SAVE = "Save it to keep it."


def start(epochs: int = EPOCHS) -> Project:
    """Return what was trained: the notebook's network, with a momentum to be remembered."""
    project = notebook()
    settings = project.settings.with_changes(epochs=epochs, momentum=0.5, learning_rate=0.05)
    return replace(project, settings=settings)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return record(tmp_path_factory.mktemp("runs"), start(), "my run")


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    new_project.window.view.back_to_now()
    return new_project


def look(driver: Driver, run: Run, epoch: int) -> None:
    view = driver.window.view
    view.show(run, epoch)
    driver.wait(lambda: view.checkpoint is not None and view.checkpoint.epoch == epoch)


def bar(driver: Driver) -> QWidget:
    return driver.find(QWidget, "moment_bar")


@pytest.mark.parametrize("focus", ["block_list", "panel.feature_maps", "panel.predictions"])
def test_escape_leads_back_to_now(driver: Driver, run: Run, focus: str) -> None:
    look(driver, run, CHECKPOINT)
    driver.settle()
    where = driver.find(QWidget, focus)
    target = driver.samples if focus == "panel.predictions" else where
    target.setFocus()
    driver.window.document.select(None)
    if not target.hasFocus():
        driver.window.setFocus()
    driver.press(Qt.Key.Key_Escape)
    assert driver.window.view.checkpoint is None


def test_escape_first_takes_a_filter_away(driver: Driver, run: Run) -> None:
    look(driver, run, CHECKPOINT)
    driver.settle()
    driver.window.panels.predictions.show_confused(0, 0)
    driver.press(Qt.Key.Key_Escape)
    assert driver.window.view.checkpoint is not None
    driver.press(Qt.Key.Key_Escape)
    assert driver.window.view.checkpoint is None


def test_a_start_within_an_epoch_is_called_so(no_runs: Driver) -> None:
    driver = no_runs
    driver.make_smaller()
    for _ in range(2):
        driver.run("step_epoch", "Paused")
        driver.run("step_batch", "Paused")
        driver.click("stop")
        driver.wait_for("Stopped")
    driver.wait(lambda: len(RunStore().runs()) == 2 and not _is_recording())
    newest = RunStore().runs()[0]
    driver.window.imports.take_checkpoint(newest, 0)
    driver.wait(lambda: driver.message() == f"{newest.title} after 1 step of epoch 2. {SAVE}")
    look(driver, newest, 0)
    assert driver.text("moment").startswith("Within epoch 2 of “")
    driver.click("continue_here")
    driver.wait_for("Training", "Finished")
    assert driver.window.document.undo_stack.undoText() == "Continue within epoch 2"
    driver.click("stop")


def _is_recording() -> bool:
    return any(run.state == "training" for run in RunStore().runs())


def test_it_is_said_that_other_images_are_trained_on(
    driver: Driver, run: Run, tmp_path: Path
) -> None:
    gone = without_data(run, tmp_path / "gone")
    dataset = driver.window.document.settings.dataset
    look(driver, gone, CHECKPOINT)
    driver.wait(lambda: driver.action("find_data").isVisible())
    other = "Its own images are not here: training goes on with the open ones."
    driver.wait(lambda: other in driver.action("continue_here").toolTip())
    driver.click("continue_here")
    driver.wait(lambda: driver.message() == other)
    assert driver.window.document.settings.dataset == dataset
    driver.wait_for("Finished")


def test_training_goes_on_with_the_data_that_was_found(driver: Driver, tmp_path: Path) -> None:
    first = write_data(tmp_path / "first")
    project = open_project(write_project(tmp_path / "p.layerscope", first))
    run = record(tmp_path / "runs", project)
    found = first.rename(tmp_path / "found")
    look(driver, run, 1)
    driver.wait(lambda: driver.action("find_data").isVisible())
    driver.window.time_machine.find_data.take(str(found))
    driver.wait(lambda: driver.window.view.samples is not None)
    driver.click("continue_here")
    driver.wait_for("Finished")
    assert driver.window.document.settings.dataset == str(found)
