"""The bar over the panels says which moment they show, and leads back, or on from there."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from engine.paths import home
from engine.runs.run_folder import Run
from engine.runs.store import RunStore
from gui.document.document import LOCKED_REASON
from tests.gui.driving import Driver
from tests.gui.recorded_runs import record, without_data
from tests.gui.recorded_series import quick_project
from tests.gui.runs.followed_runs import banner, listed

EPOCHS, CHECKPOINT = 4, 2
SAVE = "Save it to keep it."
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Record a run, with a momentum to be remembered."""
    project = quick_project(epochs=EPOCHS, batch_size=1, momentum=0.5)
    return record(tmp_path_factory.mktemp("runs"), project, "my run")


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    new_project.window.view.back_to_now()
    new_project.come_to_front()
    return new_project


def look(driver: Driver, run: Run, epoch: int) -> None:
    view = driver.window.view
    view.show(run, epoch)
    driver.wait(lambda: view.state.checkpoint is not None and view.state.checkpoint.epoch == epoch)


def test_escape_leads_back_to_now_once_no_filter_is_left(driver: Driver, run: Run) -> None:
    view = driver.window.view
    for name in ("block_list", "panel.feature_maps", "panel.predictions"):
        look(driver, run, CHECKPOINT)
        driver.settle()
        driver.window.document.select(None)
        target = driver.find(QWidget, name)
        if name == "panel.predictions":
            driver.window.panels.predictions.show_confused(0, 0)
            driver.press(Qt.Key.Key_Escape)
            assert view.state.checkpoint is not None
            target = driver.samples
        target.setFocus()
        if not target.hasFocus():
            driver.window.setFocus()
        driver.press(Qt.Key.Key_Escape)
        assert view.state.checkpoint is None, name


def test_a_start_within_an_epoch_is_called_so(no_runs: Driver) -> None:
    driver = no_runs
    driver.type_into("setting.limit", "5")
    for _ in range(2):
        driver.run("step_epoch", "Paused")
        driver.run("step_batch", "Paused")
        driver.click("stop", until="Stopped")
    driver.wait(lambda: [run.state for run in RunStore().runs()] == ["stopped"] * 2)
    newest = RunStore().runs()[0]
    driver.window.imports.take_checkpoint(newest, 0)
    driver.wait(lambda: driver.message() == f"{newest.title} after 1 step of epoch 2. {SAVE}")
    look(driver, newest, 0)
    assert driver.text("moment").startswith("Within epoch 2 of “")
    driver.click("continue_here")
    driver.wait_for("Training", "Finished")
    assert driver.window.document.undo_stack.undoText() == "Continue within epoch 2"
    driver.stop()


def test_continue_trains_on_the_open_images_and_undo_says_what_it_waits_for(
    driver: Driver, run: Run, tmp_path: Path
) -> None:
    document, session = driver.window.document, driver.window.session
    session.set_speed("slow")
    try:
        look(driver, run, CHECKPOINT)
        driver.click("continue_here", until="Training")
        driver.press(Qt.Key.Key_Z, CONTROL)
        assert driver.message() == LOCKED_REASON
        assert session.run.phase == "Training"
        driver.click("stop", until="Stopped")
        assert driver.message() == "", "it is true no longer"
        assert CHECKPOINT <= document.trained_epochs <= EPOCHS
        driver.press(Qt.Key.Key_Z, CONTROL)
        driver.settle()
        assert (document.trained_epochs, driver.message()) == (0, "")
    finally:
        session.set_speed("full")
    dataset, gone = document.settings.dataset, without_data(run, tmp_path / "gone")
    look(driver, gone, CHECKPOINT)
    driver.wait(lambda: banner(driver).endswith("with the open images, for its own are not here"))
    other = "Its own images are not here: training goes on with the open ones."
    driver.wait(lambda: other in driver.action("continue_here").toolTip())
    driver.click("continue_here")
    assert document.settings.dataset == dataset
    driver.wait_for("Finished")


def test_another_network_than_that_of_the_open_file_is_not_saved_over_it(
    driver: Driver, run: Run, tmp_path: Path
) -> None:
    document, first = driver.window.document, tmp_path / "first.layerscope"
    document.mark_saved(first)
    for path in (None, first):  # the second time, the file has that network
        look(driver, run, CHECKPOINT)
        driver.click("continue_here", until="Training")
        driver.stop()
        assert document.path == path
        driver.choose("undo")
        assert document.path == first
        driver.choose("redo")
        document.mark_saved(first)


def test_the_curves_of_the_present_run_stay_while_it_grows_behind_its_past(
    no_runs: Driver, tmp_path: Path
) -> None:
    driver, view = no_runs, no_runs.window.view
    driver.window.stage.show_panel("Runs")
    driver.make_smaller()
    for epochs in (1, 2):
        driver.choose("step_epoch", until="Training")
        driver.wait(
            lambda: bool(view.state.listed_runs) and bool(view.state.listed_runs[0].kept_epochs)
        )
        look(driver, view.state.listed_runs[0], 0)
        driver.wait_for("Paused")
        driver.wait(lambda: view.state.listed_runs[0].epochs == epochs)  # noqa: B023
        driver.settle()
    assert driver.batch_losses(tmp_path), "those of a kept run are of whole epochs"
    driver.choose("back_to_now")


def test_curves_of_where_a_network_comes_from_stay_away_once_they_are_cleared(
    no_runs: Driver,
) -> None:
    driver, loss = no_runs, no_runs.window.panels.loss
    kept = record(home() / "runs", quick_project())
    driver.window.document.replace_project(kept.project_after(1), None)
    listed(driver, 1)
    loss.refresh()
    clear = driver.find(QToolButton, "loss.clear_earlier")
    assert not clear.isHidden()
    clear.click()
    record(home() / "runs", quick_project())
    driver.window.panels.runs.read()
    listed(driver, 2)
    loss.refresh()
    assert clear.isHidden()
