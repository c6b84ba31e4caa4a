"""The coach in the real window: what it says of real runs, and what its buttons do."""

import time
from dataclasses import replace

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QScrollArea, QWidget

from engine.blocks import Conv, Dense, ReLU, Reshape, Sigmoid
from engine.model.stack import Stack
from engine.training.events import EpochDone
from gui.panels.draw import DrawPanel
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.presenters.coaching import button, flat, opened, said, wait_for
from tests.gui.presenters.test_predictions import draw_a_line, open_draw


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with the notebook's network opened anew."""
    return new_project


def test_it_says_how_a_run_ended_and_compares_it_with_the_one_before(driver: Driver) -> None:
    assert (said(driver), button(driver)) == ("", "")
    driver.type_into("setting.epochs", "1")
    driver.type_into("setting.limit", "5")
    driver.settle()
    driver.train()
    wait_for(driver, "Finished: ")
    assert "run before" not in said(driver)
    assert button(driver) == "Confusion matrix"
    driver.click("coach.action")
    assert driver.find(QWidget, "panel.confusion").isVisible()
    driver.train()
    wait_for(driver, "Finished: ")
    assert "the run before" in said(driver)


def test_a_run_with_other_data_is_compared_with_none_before(driver: Driver) -> None:
    opened(driver, flat(Dense(units=2), Sigmoid()), limit=5, epochs=1)
    driver.train()
    wait_for(driver, "Finished: ")
    driver.click("coach.dismiss")
    driver.window.edits.change_setting("classes", (3, 4))
    driver.settle()
    driver.train()
    driver.wait(lambda: said(driver) != "")
    assert "run before" not in said(driver)


def test_it_says_why_a_run_ended_early(driver: Driver) -> None:
    opened(driver, flat(Dense(units=2), Sigmoid()), target_accuracy=60.0, epochs=5)
    driver.train()
    wait_for(driver, "Finished early. The test accuracy of ")
    assert "reached the target in epoch " in said(driver)
    driver.window.edits.change_setting("target_accuracy", 0.0)
    driver.settle()
    driver.train()
    wait_for(driver, "Finished: ")


def test_a_rate_that_explodes_is_lowered_by_the_button(driver: Driver) -> None:
    stack = flat(Dense(units=20), ReLU(), Dense(units=2))
    opened(driver, stack, learning_rate=50.0, loss="mse", epochs=3)
    driver.train("Error")
    wait_for(driver, "The numbers grew without end: a learning rate of 50 is too high here.")
    document = driver.window.document
    steps = document.undo_stack.index()
    assert button(driver) == "Reset with rate 0.1"
    told = said(driver)
    driver.click("coach.action")
    driver.choose("undo")
    driver.settle()
    assert (said(driver), button(driver)) == (told, "Reset with rate 0.1"), "they are there again"
    driver.click("coach.action")
    assert document.settings.learning_rate == 0.1
    assert said(driver) == ""
    assert not document.trained
    assert document.undo_stack.index() == steps + 1
    driver.settle()
    done: list[EpochDone] = []
    driver.window.session.epoch_done.connect(done.append)
    driver.train()
    driver.wait(lambda: len(done) == 3)
    assert done[-1].test_accuracy > 0.9, "the weights that the high rate has wrecked are gone"


@pytest.mark.parametrize(
    ("steps", "status", "beginning"),
    [
        (1, "Paused", "No gradient reaches block 2"),
        (2, "Error", "The numbers grew without end: a learning rate of 50 had ruined the weights"),
    ],
)
def test_what_a_rate_has_ruined_in_the_first_epoch_is_not_laid_to_a_lower_one(
    driver: Driver, steps: int, status: str, beginning: str
) -> None:
    stack = flat(Dense(units=20), ReLU(), Dense(units=2))
    opened(driver, stack, learning_rate=50.0, loss="mse", epochs=3)
    for _ in range(steps):
        driver.run("step_batch", "Paused")
    driver.train("Error")
    wait_for(driver, "The numbers grew without end")
    assert button(driver).startswith("Reset with rate ")
    driver.type_into("setting.learning_rate", "0.1")  # and no Reset
    assert button(driver) == "Reset with rate 0.1", "it does not raise the rate again"
    driver.click("step_epoch")
    driver.wait_for(status)
    wait_for(driver, beginning)
    assert button(driver) == "Reset with rate 0.1"


def test_a_rate_that_ruins_the_first_epoch_is_lowered_by_the_button(driver: Driver) -> None:
    hidden = (Dense(units=30), Sigmoid(), Dense(units=10), Sigmoid())
    stack, ten = Stack().appended(Conv(depth=4), Sigmoid(), Reshape(), *hidden), tuple(range(10))
    opened(driver, stack, classes=ten, learning_rate=100.0, batch_size=32, epochs=2)
    done: list[EpochDone] = []
    driver.window.session.epoch_done.connect(done.append)
    driver.train()
    wait_for(driver, "A learning rate of 100 is too high here: the answers are worse than guesses.")
    driver.wait(lambda: button(driver) == "Reset with rate 1")
    driver.click("coach.action")
    driver.settle()
    assert not driver.window.document.trained
    driver.type_into("setting.epochs", "12")
    driver.train()
    driver.wait(lambda: len(done) == 14)
    assert done[-1].test_loss < done[2].test_loss < done[1].test_loss / 2
    assert done[-1].test_accuracy > 0.35, "at 0.1 it would still guess"


def open_sigmoids(driver: Driver) -> None:
    deep = [block for _ in range(8) for block in (Dense(units=10), Sigmoid())]
    opened(driver, flat(*deep, Dense(units=2), Sigmoid()), initializer="glorot", epochs=2)


VANISHES = "The gradient vanishes on its way back to block 2 (Dense 10)"


def test_a_gradient_that_vanishes_is_said_where_everybody_looks(driver: Driver) -> None:
    open_sigmoids(driver)
    driver.train()
    wait_for(driver, VANISHES)
    driver.click("coach.action")
    assert driver.find(QWidget, "panel.gradients").isVisible()
    driver.click("coach.dismiss")
    driver.settle()
    assert not said(driver).startswith("The gradient"), "each cause is told once"


def test_a_run_that_is_over_before_the_window_looks_is_judged(driver: Driver) -> None:
    open_sigmoids(driver)
    driver.click("train")
    while not driver.window.session._inbox.at_rest:  # type: ignore[attr-defined]
        time.sleep(0.01)  # the window does nothing else, as on a busy machine
    wait_for(driver, VANISHES)


def test_units_that_are_stuck_are_said_though_no_panel_shows_them(driver: Driver) -> None:
    stack = flat(Dense(units=30), ReLU(), Dense(units=10), Sigmoid())
    classes = tuple(range(10))
    opened(driver, stack, classes=classes, learning_rate=20.0, epochs=2, batch_size=10)
    driver.train()
    units = ("Most units of block 3 (ReLU) are dead", "No gradient reaches block 2 (Dense 30)")
    driver.wait(lambda: said(driver).startswith(units))


def test_a_panel_that_is_in_view_is_not_offered(driver: Driver) -> None:
    driver.type_into("setting.epochs", "1")
    driver.type_into("setting.limit", "5")
    driver.settle()
    driver.train()
    wait_for(driver, "Finished: ")
    plain = said(driver)
    assert button(driver) == "Confusion matrix"
    driver.window.docks.show_panel("Confusion matrix")
    assert button(driver) == ""
    assert said(driver) == f"{plain} A click in the confusion matrix shows the images of a cell."
    driver.window.docks.show_panel("Predictions")
    assert (said(driver), button(driver)) == (plain, "Confusion matrix")
    driver.window.docks.toggle_enlarged("Confusion matrix")
    driver.wait(lambda: button(driver) == "")
    driver.window.docks.toggle_enlarged()
    driver.wait(lambda: button(driver) == "Confusion matrix")
    driver.click("coach.action")
    assert driver.find(QWidget, "panel.confusion").isVisible()
    driver.wait(lambda: button(driver) == "")


def test_what_asks_for_other_data_leads_to_the_field(driver: Driver) -> None:
    open_draw(driver)
    draw_a_line(driver, (0.3, 0.2), (0.3, 0.8))
    wait_for(driver, "This network knows only 0 and 1")
    areas = driver.window.findChildren(QScrollArea)
    page = driver.window.settings.more
    bar = next(area for area in areas if area.widget() is page).verticalScrollBar()
    bar.setValue(bar.maximum())
    driver.click("coach.action")
    classes = driver.find(QWidget, "setting.classes")
    assert classes.hasFocus()
    assert not classes.visibleRegion().isEmpty()


def test_a_run_is_compared_with_the_last_one_before_it(driver: Driver) -> None:
    ends: list[float] = []
    driver.window.session.epoch_done.connect(lambda event: ends.append(event.test_accuracy))
    driver.type_into("setting.epochs", "1")
    driver.type_into("setting.learning_rate", "0.0001")
    driver.train()
    driver.type_into("setting.learning_rate", "0.1")
    driver.train()
    wait_for(driver, "Finished: ")
    driver.choose("reset")
    driver.type_into("setting.learning_rate", "0.0001")
    driver.train()
    wait_for(driver, "Finished: ")
    first, second, third = ends
    assert first != second
    points = f"{abs(round(100 * (third - second), 1)):g} points fewer than in the run before."
    assert third < second
    assert points in said(driver)


def test_a_drawing_is_told_once_which_classes_the_network_knows(driver: Driver) -> None:
    open_draw(driver)
    draw_a_line(driver, (0.3, 0.2), (0.3, 0.8))
    wait_for(driver, "This network knows only 0 and 1")
    driver.click("coach.dismiss")
    driver.wait(lambda: said(driver) == "")
    driver.find(DrawPanel, "panel.draw").tools.clear.click()
    driver.wait(lambda: driver.pinned() is not None)
    driver.settle()  # what is drawn next is another drawing
    draw_a_line(driver, (0.3, 0.2), (0.3, 0.8))
    driver.settle()
    assert said(driver) == ""


def test_it_stays_off_once_it_is_turned_off(open_window: OpenWindow) -> None:
    driver = open_window(None)
    bar = driver.find(QWidget, "coach_bar")
    assert bar.isVisible()
    action = driver.find(QAction, "action.coach")
    action.trigger()
    driver.type_into("setting.epochs", "1")
    driver.train()
    driver.settle()
    assert not bar.isVisible()
    assert said(driver) == ""
    other = open_window(None)
    assert not other.find(QWidget, "coach_bar").isVisible()
    other.find(QAction, "action.coach").trigger()
    assert other.find(QWidget, "coach_bar").isVisible()


def test_a_first_run_says_that_it_is_slow_and_how_to_go_faster(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.window.speed_box.unattended", lambda: False)
    driver = open_window(None)
    wait_for(driver, "Click Train: the first steps are shown one by one")
    driver.type_into("setting.epochs", "2")
    driver.click("train")
    wait_for(driver, "Slow motion")
    driver.click("coach.action")
    assert driver.window.session.speed == "full"
    assert not said(driver).startswith("Slow motion")
    driver.wait_for("Finished")


def test_after_a_stop_nothing_is_said_of_slow_steps(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.window.speed_box.unattended", lambda: False)
    driver = open_window(None)
    driver.settle()
    driver.click("train")
    wait_for(driver, "Slow motion")
    driver.click("stop")
    driver.wait_for("Stopped")
    assert not said(driver).startswith("Slow motion")
    assert button(driver) != "Full speed now"


def test_a_single_batch_is_no_slow_run(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.window.speed_box.unattended", lambda: False)
    driver = open_window(None)
    wait_for(driver, "Click Train: ")
    driver.type_into("setting.epochs", "2")
    driver.run("step_batch", "Paused")
    driver.settle()
    assert not said(driver).startswith("Slow motion")
    driver.click("train")
    wait_for(driver, "Slow motion")
    driver.click("coach.action")
    driver.wait_for("Finished")


def test_with_the_coach_turned_off_the_message_bar_says_what_the_data_lacks(
    driver: Driver,
) -> None:
    driver.find(QAction, "action.coach").trigger()
    document = driver.window.document
    settings = document.settings.with_changes(dataset="no-such-folder")
    document.replace_project(replace(document.project(), settings=settings), None)
    driver.wait(lambda: bool(driver.message()))
    assert driver.message() == driver.window.session.data_problem
    driver.find(QAction, "action.coach").trigger()


def test_what_the_data_lacks_is_said(driver: Driver) -> None:
    document = driver.window.document
    settings = document.settings.with_changes(dataset="no-such-folder")
    document.replace_project(replace(document.project(), settings=settings), None)
    driver.wait(lambda: bool(said(driver)))
    assert said(driver) == driver.window.session.data_problem
    assert button(driver) == "Choose data"
    driver.settle()
    assert not driver.message(), "it is said once"
    assert driver.text("progress_text") == "Training waits until there is data."
    driver.window.edits.change_setting("dataset", "mnist")
    driver.wait(lambda: said(driver) == "")


def test_a_class_that_the_data_lacks_is_said_until_it_is_taken_back(driver: Driver) -> None:
    driver.type_into("setting.classes", "0, 12")
    wait_for(driver, "Class 12 does not occur")
    driver.choose("undo")
    driver.wait(lambda: said(driver) == "")


def test_that_a_network_still_guesses_is_not_said_of_one_that_has_learned_since(
    driver: Driver,
) -> None:
    session, done = driver.window.session, list[EpochDone]()
    session.epoch_done.connect(done.append)
    driver.type_into("setting.learning_rate", "1e-6")
    for _ in range(5):
        driver.run("step_epoch", "Paused")
    wait_for(driver, "After 5 epochs it still guesses")
    session.epoch_done.emit(replace(done[-1], epoch=6, test_accuracy=0.5))
    session.state_changed.emit("Paused")
    assert said(driver).startswith("After 6 epochs it still guesses")
    session.epoch_done.emit(replace(done[-1], epoch=7, test_accuracy=0.75))
    session.state_changed.emit("Paused")
    assert said(driver) == ""
