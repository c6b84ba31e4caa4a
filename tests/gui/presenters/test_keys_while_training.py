"""Keys of what waits for the end of training say so."""

import pytest
from PySide6.QtCore import Qt

from engine.runs.run_folder import Run
from gui.document.document import LOCKED_REASON
from tests.gui.driving import Driver
from tests.gui.presenters.test_time_machine import CHECKPOINT, EPOCHS, look, start
from tests.gui.recorded_runs import record

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return record(tmp_path_factory.mktemp("runs"), start(), "my run")


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    new_project.window.view.back_to_now()
    new_project.come_to_front()
    return new_project


def test_undo_after_continue_says_what_it_waits_for_and_works_then(
    driver: Driver, run: Run
) -> None:
    document, session = driver.window.document, driver.window.session
    session.set_speed("slow")
    try:
        look(driver, run, CHECKPOINT)
        driver.click("continue_here")
        driver.wait_for("Training")
        driver.press(Qt.Key.Key_Z, CONTROL)
        assert driver.message() == LOCKED_REASON
        assert session.state == "Training"
        driver.click("stop")
        driver.wait_for("Stopped")
        assert driver.message() == "", "it is true no longer"
        assert CHECKPOINT <= document.trained_epochs <= EPOCHS
        driver.press(Qt.Key.Key_Z, CONTROL)
        driver.settle()
        assert document.trained_epochs == 0
        assert driver.message() == ""
    finally:
        session.set_speed("full")
