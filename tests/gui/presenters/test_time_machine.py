"""The bar over the panels says which moment they show, and leads back, or on from there."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from engine.files.project_file import open_project
from engine.model.project import Project
from engine.model.templates import notebook
from engine.model.training_state import TrainingState
from engine.runs.run_folder import Run
from engine.runs.store import RunStore
from engine.training.events import EpochDone
from engine.training.run import Training
from engine.training.samples import load_samples
from gui.document.document import LOCKED_REASON
from gui.theme import DARK, LIGHT, apply_theme, contrast
from tests.engine.cli.console import write_data, write_project
from tests.engine.training_runs import same
from tests.gui.driving import Driver
from tests.gui.recorded_runs import record, without_data

EPOCHS, MOMENT = 4, 2
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
    driver.wait(lambda: view.moment is not None and view.moment.epoch == epoch)


def bar(driver: Driver) -> QWidget:
    return driver.find(QWidget, "moment_bar")


def test_the_bar_names_the_moment_and_is_gone_in_the_present(driver: Driver, run: Run) -> None:
    assert not bar(driver).isVisible()
    look(driver, run, MOMENT)
    assert bar(driver).isVisible()
    text = driver.text("moment")
    assert text.startswith(f"Epoch {MOMENT} of “my run”")
    assert f"{100 * run.metrics[MOMENT - 1].test_accuracy:.2f} % of test images right" in text
    assert text.endswith("· edits change the present")
    look(driver, run, 0)
    assert driver.text("moment").startswith("Before the first epoch of “my run”")
    driver.click("back_to_now")
    assert not bar(driver).isVisible()
    assert not driver.action("back_to_now").isEnabled()


@pytest.mark.parametrize("focus", ["block_list", "panel.feature_maps", "panel.predictions"])
def test_escape_leads_back_to_now(driver: Driver, run: Run, focus: str) -> None:
    look(driver, run, MOMENT)
    driver.settle()
    where = driver.find(QWidget, focus)
    target = driver.samples if focus == "panel.predictions" else where
    target.setFocus()
    driver.window.document.select(None)
    if not target.hasFocus():
        driver.window.setFocus()
    driver.press(Qt.Key.Key_Escape)
    assert driver.window.view.moment is None


def test_escape_first_takes_a_filter_away(driver: Driver, run: Run) -> None:
    look(driver, run, MOMENT)
    driver.settle()
    driver.window.panels.predictions.show_confused(0, 0)
    driver.press(Qt.Key.Key_Escape)
    assert driver.window.view.moment is not None
    driver.press(Qt.Key.Key_Escape)
    assert driver.window.view.moment is None


def uninterrupted() -> tuple[Project, TrainingState]:
    """Train without a stop; return what was learned."""
    project = start()
    training = Training(project.check(), project.settings, *load_samples(project))
    try:
        for event in training.run():
            if isinstance(event, EpochDone):
                continue
        state = training.state()
        assert state is not None
        return replace(project, weights=training.weights()), state
    finally:
        training.close()


def test_continue_takes_the_moment_in_one_step_and_trains_on_exactly(
    driver: Driver, run: Run
) -> None:
    document = driver.window.document
    driver.select(0)
    driver.type_into("option.depth", "3")
    before, steps = document.project(), document.undo_stack.index()
    look(driver, run, MOMENT)
    driver.click("continue_here")
    assert driver.window.view.moment is None
    driver.wait_for("Finished")
    driver.settle()
    project, state = uninterrupted()
    now = document.project()
    assert now.stack == project.stack
    assert now.settings == project.settings
    assert now.trained_epochs == EPOCHS
    assert now.state is not None
    assert now.state.updates == state.updates
    assert same(now.weights, project.weights)
    assert document.undo_stack.index() == steps + 1
    assert document.undo_stack.undoText() == f"Continue from epoch {MOMENT}"
    driver.choose("undo")
    driver.settle()
    after = document.project()
    assert (after.stack, after.settings, after.weights) == (before.stack, before.settings, {})
    assert driver.rows()[0].startswith("Conv 3")
    driver.choose("redo")
    driver.settle()
    assert same(document.project().weights, project.weights)


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
    driver.window.exchange.imports.take_moment(newest, 0)
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
    look(driver, gone, MOMENT)
    driver.wait(lambda: driver.action("find_data").isVisible())
    other = "Its own images are not here: training goes on with the open ones."
    driver.wait(lambda: other in driver.action("continue_here").toolTip())
    driver.click("continue_here")
    driver.wait(lambda: driver.message() == other)
    assert driver.window.document.settings.dataset == dataset
    driver.wait_for("Finished")


def test_nothing_is_continued_while_training_runs(driver: Driver, run: Run) -> None:
    driver.click("train")
    driver.wait_for("Training")
    look(driver, run, MOMENT)
    action = driver.action("continue_here")
    assert not action.isEnabled()
    assert LOCKED_REASON in action.toolTip()
    assert "training goes on" in driver.text("moment")
    driver.click("stop")
    driver.wait_for("Stopped")
    assert action.isEnabled()
    driver.choose("back_to_now")


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_the_bar_stands_out_and_can_be_read(
    driver: Driver, run: Run, qapp: QApplication, colours: object
) -> None:
    apply_theme(qapp, "dark" if colours is DARK else "light")
    look(driver, run, MOMENT)
    palette = bar(driver).palette()
    ground, text = palette.window().color(), palette.windowText().color()
    around = driver.window.palette().window().color()
    assert contrast(ground, text) >= 4.5
    assert contrast(ground, around) >= 3
    assert driver.find(QLabel, "moment").palette().windowText().color() == text


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
