"""The coach in the real window: what it says of real runs, and what its buttons do."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from engine.advice.coach import NOTHING_KEPT
from engine.advice.training_log import Action, Advice
from engine.blocks import Dense, ReLU, Reshape, Sigmoid
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.runs import RunStore
from engine.training.events import EpochDone
from gui.loss.panel import LossPanel
from tests.engine.training_runs import same
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.window.test_time_machine import look


def said(driver: Driver) -> str:
    return driver.find(QLabel, "coach").text()


def button(driver: Driver) -> str:
    """Read the button of the advice; empty: it has none."""
    found = driver.find(QToolButton, "coach.action")
    return found.text() if found.isVisible() else ""


def wait_for(driver: Driver, beginning: str) -> None:
    driver.wait(lambda: said(driver).startswith(beginning))


def opened(driver: Driver, stack: Stack, **settings: object) -> Driver:
    project = Project(stack, Settings().with_changes(**settings))
    driver.window.document.replace_project(project, None)
    driver.wait_for("Ready")
    driver.settle()
    return driver


def flat(*blocks: object) -> Stack:
    return Stack().appended(Reshape(), *blocks)  # type: ignore[arg-type]


def ruined(driver: Driver, rate: float, too_high: float) -> int:
    """Train two good epochs, then one that ruins them; return which was the best."""
    driver.type_into("setting.epochs", "3")
    driver.type_into("setting.learning_rate", f"{rate:g}")
    for _ in range(2):
        driver.run("step_epoch", "Paused")
    driver.type_into("setting.learning_rate", f"{too_high:g}")
    driver.train()
    wait_for(driver, "The test accuracy fell from ")
    assert f"since the learning rate was raised from {rate:g} to {too_high:g}." in said(driver)
    return not_none(driver.window.coach.log().best).number


@pytest.fixture
def small(no_runs: Driver) -> Driver:
    """Return the module's window without runs, with a small network."""
    no_runs.make_smaller()
    return no_runs


def with_values_that_grow(driver: Driver, **settings: object) -> Driver:
    stack = flat(Dense(units=20), ReLU(), Dense(units=2))
    return opened(driver, stack, **{"learning_rate": 0.05, "loss": "mse", **settings})


def explode(driver: Driver, rate: float = 900) -> None:
    driver.type_into("setting.learning_rate", f"{rate:g}")
    driver.click("train", until="Error")
    wait_for(driver, "The numbers grew without end")


def wait_for_runs(driver: Driver, *states: str) -> None:
    driver.wait(lambda: [run.state for run in RunStore().runs()] == [*states])


def test_a_run_is_compared_with_the_one_before_and_a_panel_is_offered(driver: Driver) -> None:
    driver.type_into("setting.epochs", "1")
    driver.type_into("setting.limit", "5")
    driver.settle()
    driver.train()
    wait_for(driver, "Finished: ")
    plain = said(driver)
    assert "run before" not in plain
    assert button(driver) == "Confusion matrix"
    driver.window.stage.show_panel("Confusion matrix")
    driver.wait(lambda: button(driver) == "")
    assert said(driver) == plain
    driver.window.stage.show_panel("Test image")
    driver.wait(lambda: (said(driver), button(driver)) == (plain, "Confusion matrix"))
    driver.click("coach.action")
    assert driver.find(QWidget, "panel.confusion").isVisible()
    driver.choose("reset")
    driver.settle()
    assert said(driver) == ""
    driver.train()
    wait_for(driver, "Finished: ")
    assert "the run before" in said(driver)
    driver.click("coach.dismiss")
    assert said(driver) == ""
    driver.window.edits.change_setting("classes", (3, 4))
    driver.settle()
    driver.train()
    driver.wait(lambda: said(driver) != "")
    assert "run before" not in said(driver), "its data was other"


def test_a_rate_that_explodes_in_the_first_epoch_is_lowered_by_the_button(driver: Driver) -> None:
    with_values_that_grow(driver, learning_rate=50.0, epochs=3)
    explode(driver, 50)
    document, done = driver.window.document, list[EpochDone]()
    steps = document.undo_stack.index()
    assert button(driver) == "Reset with rate 0.1"
    tip = driver.find(QLabel, "coach").toolTip()
    assert "Training stopped in epoch 1, batch " in tip
    driver.click("coach.action")
    assert (document.settings.learning_rate, document.trained) == (0.1, False)
    assert said(driver) == ""
    assert document.undo_stack.index() == steps + 1
    driver.settle()
    driver.window.session.epoch_done.connect(done.append)
    driver.train()
    driver.wait(lambda: len(done) == 3)
    assert done[-1].test_accuracy > 0.9, "the weights that the high rate has wrecked are gone"
    log = driver.window.coach.log
    assert {pace.rate for pace in log().tried} == {50.0, 0.1}, "no advice leads back to one of them"
    driver.choose("reset")
    assert {pace.rate for pace in log().tried} == {50.0, 0.1}
    driver.window.edits.add("relu", 1)
    driver.settle()
    assert not log().tried, "another network was never trained"


def test_after_an_explosion_one_click_goes_back_to_the_best_kept_epoch(no_runs: Driver) -> None:
    driver = with_values_that_grow(no_runs, epochs=9, momentum=0.5)
    for _ in range(2):
        driver.run("step_epoch", "Paused")
    explode(driver)
    best = not_none(driver.window.coach.log().best)
    assert button(driver) == f"Back to epoch {best.number} with rate 0.05"
    assert driver.message() == "", "what the coach says has no other advice over it"
    document = driver.window.document
    lost, steps = document.project(), document.undo_stack.index()
    driver.click("coach.action")
    wait_for(driver, f"Back at epoch {best.number}, with ")
    assert said(driver).endswith("Train goes on from there.")
    (run,) = RunStore().runs()
    project, expected = document.project(), run.project_after(best.number)
    assert same(project.weights, {slot: each for slot, each in expected.weights.items() if each})
    assert (project.trained_epochs, project.origin) == (best.number, expected.origin)
    assert not_none(project.state).updates == not_none(expected.state).updates
    assert project.settings == expected.settings.with_changes(learning_rate=0.05)
    assert document.undo_stack.index() == steps + 1
    driver.choose("undo")
    assert same(document.project().weights, lost.weights)
    assert document.settings.learning_rate == 900
    driver.choose("redo")
    driver.run("step_epoch", "Paused")
    assert driver.window.coach.log().before is None, "the run before led to another network"
    driver.wait(lambda: len(RunStore().runs()) == 2)
    parent = not_none(RunStore().runs()[0].parent)
    assert (parent.run, parent.epoch) == (run.id, best.number)
    explode(driver)
    assert button(driver).startswith("Back to epoch "), "the way back is known once more"
    assert button(driver).endswith(" with rate 0.05")


def test_a_ruin_leads_back_while_it_runs_and_again_from_what_was_ruined(small: Driver) -> None:
    driver, document = small, small.window.document
    best = ruined(driver, 0.1, 300)
    assert button(driver) == f"Back to epoch {best} with rate 0.1"
    driver.wait_for("Finished")
    driver.type_into("setting.learning_rate", "0.02")
    assert button(driver) == f"Back to epoch {best} with rate 0.02", "it was lowered by hand"
    driver.type_into("setting.learning_rate", "300")
    driver.type_into("setting.epochs", "1000")
    driver.click("train")
    driver.wait(lambda: driver.window.coach.log().epochs[-1].number > 4)
    assert driver.window.session.run.phase == "Training"
    driver.click("coach.action")
    wait_for(driver, f"Back at epoch {best}, with ")
    driver.wait_for("Ready")
    driver.settle()
    assert said(driver).startswith("Back at "), "not what is wrong with the ruined weights"
    assert (document.trained_epochs, document.settings.learning_rate) == (best, 0.1)
    wait_for_runs(driver, "stopped", "finished")
    ends = RunStore().runs()[0]
    driver.choose("undo")
    driver.settle()
    assert document.trained_epochs == ends.age(ends.epochs), "all that the run has led to"
    driver.type_into("setting.epochs", "1")
    driver.type_into("setting.learning_rate", "0.1")
    driver.train()
    wait_for(driver, "The test accuracy fell from ")
    assert ", since the learning rate was raised from 0.1 to 300." in said(driver)
    look(driver, ends, ends.epochs)
    driver.wait(lambda: said(driver) == "")  # it is not of the network that is seen
    driver.window.view.back_to_now()
    wait_for(driver, "The test accuracy fell from ")
    driver.click("coach.action")
    wait_for(driver, f"Back at epoch {best}, with ")
    assert document.trained_epochs == best
    driver.window.edits.add("relu", 5)
    driver.settle()
    words = f"before your change: weights after epoch {best} · pale: "
    assert driver.find(LossPanel, "panel.loss").headline.text().startswith(words)


def test_a_project_that_is_opened_goes_back_into_its_run(small: Driver, tmp_path: Path) -> None:
    driver, path = small, tmp_path / "good.layerscope"
    driver.type_into("setting.epochs", "2")
    driver.train()
    wait_for_runs(driver, "finished")
    assert driver.window.files.save_path(path)
    driver.choose("new")
    driver.open(path)
    driver.type_into("setting.learning_rate", "300")
    driver.train()
    wait_for(driver, "The test accuracy fell from ")
    assert "since the learning rate was raised from 0.1 to 300" in said(driver)
    assert button(driver) == "Back to epoch 2 with rate 0.1"
    wait_for_runs(driver, "finished", "finished")
    for run in RunStore().runs():
        shutil.rmtree(run.folder)
    driver.click("coach.action")
    driver.wait(lambda: said(driver) == NOTHING_KEPT.text)
    assert driver.window.document.trained_epochs == 4


def test_each_cause_is_told_once_where_everybody_looks_and_ends_with_what_is_taken(
    driver: Driver,
) -> None:
    deep = [block for _ in range(8) for block in (Dense(units=10), Sigmoid())]
    opened(driver, flat(*deep, Dense(units=2), Sigmoid()), initializer="glorot", epochs=2)
    driver.click("train")
    while not driver.window.session._inbox.at_rest:  # type: ignore[attr-defined]
        time.sleep(0.01)  # the window does nothing else, as on a busy machine
    wait_for(driver, "The gradient of block 2 (Dense 10) is ")
    driver.click("coach.action")
    assert driver.find(QWidget, "panel.gradients").isVisible()
    driver.click("coach.dismiss")
    driver.settle()
    assert not said(driver).startswith("The gradient of "), "each cause is told once"
    classes = tuple(range(10))
    opened(driver, flat(Dense(units=10), Sigmoid()), classes=classes, learning_rate=1e-7, epochs=5)
    driver.train()
    wait_for(driver, "After 5 epochs it still guesses")
    rate = float(button(driver).rpartition(" ")[2])
    driver.click("coach.action")
    assert driver.window.document.settings.learning_rate == rate > 1e-7
    assert not said(driver).startswith("After 5 epochs")


def test_the_card_moves_nothing_in_the_first_view_and_hides_nothing_of_others(
    driver: Driver,
) -> None:
    bar, pages = driver.find(QWidget, "coach_bar"), driver.window.stage.stage.pages
    driver.window.stage.show_panel("What it sees")
    driver.settle()
    before = pages.geometry()
    advice = Advice("test", "It says so. " * 30, Action("tour", "Go"))

    def shown() -> bool:
        """Show it again where the coach itself has just had something to say, or nothing."""
        driver.window.coach.bar.show_advice(advice)
        driver.settle()
        return bar.isVisible()

    driver.wait(shown)
    assert pages.geometry() == before
    lines = (
        driver.find(QLabel, "coach").height() / driver.find(QLabel, "coach").fontMetrics().height()
    )
    assert lines < 2.5
    driver.window.stage.show_panel("Maps")
    driver.settle()
    driver.wait(shown)
    assert pages.geometry().bottom() < bar.geometry().top()
    driver.window.coach.bar.show_advice(None)


def test_a_new_user_is_told_what_to_do_and_who_turns_the_coach_off_only_what_failed(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.window.speed_box.unattended", lambda: False)
    driver = open_window(None)
    wait_for(driver, "Click Train. The first steps run slowly")
    driver.choose("new.blank")
    driver.wait(lambda: said(driver) == "")  # a network that is not finished
    driver.choose("new")
    wait_for(driver, "Click Train. The first steps run slowly")
    driver.type_into("setting.limit", "10")
    driver.type_into("setting.epochs", "2")
    driver.run("step_batch", "Paused")
    driver.settle()
    assert not said(driver).startswith("Slow motion"), "a single batch is no slow run"
    driver.click("train")
    wait_for(driver, "Slow motion")
    driver.click("coach.action")
    assert driver.window.session.run.speed == "full"
    assert not said(driver).startswith("Slow motion")
    driver.wait_for("Finished")
    with_values_that_grow(driver, epochs=3, learning_rate=900)
    driver.choose("coach")
    driver.click("train", until="Error")
    driver.wait(lambda: driver.message().startswith("Training stopped in epoch 1, batch "))
    document = driver.window.document
    settings = document.settings.with_changes(dataset="no-such-folder")
    document.replace_project(replace(document.project(), settings=settings), None)
    driver.wait(lambda: driver.message() == driver.window.session.data_problem != "")
    other = open_window(None)
    other.window.edits.change_setting("dataset", "no-such-folder")
    other.wait(lambda: other.window.session.data_problem != "")
    bars = [each.find(QWidget, "coach_bar") for each in (driver, other)]
    assert not any(bar.isVisible() for bar in bars)
    other.find(QAction, "action.coach").trigger()
    assert bars[1].isVisible()
