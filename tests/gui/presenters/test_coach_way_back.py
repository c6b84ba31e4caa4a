"""Of a ruined run the coach offers its best epoch: what was learned up to it, all of it."""

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QToolButton

from engine.model.run_moment import RunMoment
from engine.runs import RunStore
from engine.training.events import EpochDone
from gui.background.failures import AFTER_EXPLOSION
from gui.background.mailbox import BestEpoch
from gui.background.training_run import TrainingRun
from gui.presenters.coach_facts import CoachFacts
from tests.gui.background.headless import assert_same, train_alone
from tests.gui.conftest import OpenWindow
from tests.gui.driving import FEW_UNITS, Driver
from tests.gui.presenters.coaching import button, ruined, said, wait_for
from tests.gui.presenters.test_time_machine import look


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with the notebook's network opened anew, made smaller."""
    new_project.make_smaller()
    return new_project


def test_a_ruined_run_goes_back_to_its_best_epoch_with_the_rate_of_then(driver: Driver) -> None:
    best = ruined(driver, 0.1, 300)
    document, done = driver.window.document, list[EpochDone]()
    steps = document.undo_stack.index()
    assert button(driver) == f"Back to epoch {best} with rate 0.1"
    driver.click("coach.action")
    wait_for(driver, f"Back at epoch {best}, with ")
    assert said(driver).endswith("at the lower learning rate of 0.1.")
    assert (document.trained_epochs, document.settings.learning_rate) == (best, 0.1)
    assert document.undo_stack.index() == steps + 1
    driver.window.session.epoch_done.connect(done.append)
    driver.train()
    wait_for(driver, "Finished: ")
    assert f" in epoch {best}" in said(driver)
    assert min(each.test_accuracy for each in done) > 0.9, "Train does not ruin it again"
    driver.choose("undo")
    assert (document.trained_epochs, document.settings.learning_rate) == (3, 300)


def test_a_rate_that_was_raised_before_an_epoch_was_told_is_not_that_of_its_steps(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.type_into("setting.epochs", "4")
    driver.run("step_epoch", "Paused")
    done, best = threading.Event(), TrainingRun.best

    def ends(run: TrainingRun, event: EpochDone) -> BestEpoch | None:
        done.set()
        return best(run, event)

    monkeypatch.setattr(TrainingRun, "best", ends)
    driver.click("step_epoch")
    assert done.wait(60), "without a turn of the window, which does not know of it yet"
    driver.window.edits.change_setting("learning_rate", 300.0)
    driver.wait_for("Paused")
    driver.train()
    wait_for(driver, "The test accuracy fell from ")
    assert ", since the learning rate was raised from 0.1 to 300." in said(driver)
    assert button(driver).endswith(" with rate 0.1")


def test_an_explosion_after_a_rate_was_lowered_in_haste_is_laid_to_the_higher_one(
    driver: Driver,
) -> None:
    session, edits = driver.window.session, driver.window.edits
    driver.type_into("setting.epochs", "1000")
    driver.run("step_epoch", "Paused")
    edits.change_setting("learning_rate", 1000.0)  # that makes no step
    edits.change_setting("learning_rate", 0.1)
    session.set_speed("slow")  # the epoch does not end before it is stopped
    driver.click("train")
    driver.wait(lambda: session.state == "Training")
    for rate in (900.0, 0.1):  # the weights may be lost by then
        edits.change_setting("learning_rate", rate)
    session.failed.emit(f"Training stopped in epoch 2, batch 3. {AFTER_EXPLOSION}")
    wait_for(driver, "The numbers grew without end: a learning rate of 900 had ruined the weights")
    driver.click("stop")
    driver.wait_for("Stopped")
    session.set_speed("full")
    driver.wait(lambda: button(driver).endswith(" with rate 0.1"))


def test_a_rate_that_is_changed_while_the_way_back_is_looked_for_does_not_take_it_away(
    driver: Driver,
) -> None:
    session = driver.window.session
    driver.type_into("setting.epochs", "1000")
    driver.run("step_epoch", "Paused")
    session.set_speed("slow")  # the epoch does not end before it is stopped
    driver.click("train")
    driver.wait(lambda: session.state == "Training")
    session.failed.emit(f"Training stopped in epoch 2, batch 3. {AFTER_EXPLOSION}")
    assert button(driver).startswith("Set the rate to "), "its run goes on, and is not whole yet"
    driver.window.edits.change_setting("learning_rate", 0.05)
    assert said(driver).startswith("The numbers grew without end")
    driver.click("stop")
    session.set_speed("full")
    driver.wait(lambda: button(driver).startswith("Back to epoch "))


def test_a_rate_that_was_lowered_by_hand_is_not_raised_by_the_way_back(driver: Driver) -> None:
    best = ruined(driver, 0.1, 300)
    driver.type_into("setting.learning_rate", "0.02")
    assert button(driver) == f"Back to epoch {best}"
    driver.type_into("setting.learning_rate", "300")
    assert button(driver) == f"Back to epoch {best} with rate 0.1"
    driver.type_into("setting.learning_rate", "0.02")
    driver.click("coach.action")
    wait_for(driver, f"Back at epoch {best}, with ")
    assert driver.window.document.settings.learning_rate == 0.02


def test_a_ruin_that_was_answered_by_hand_is_laid_to_the_rate_that_ruined(driver: Driver) -> None:
    best = ruined(driver, 0.1, 300)
    driver.wait_for("Finished")
    driver.type_into("setting.learning_rate", "0.1")
    driver.type_into("setting.epochs", "2")
    driver.train()
    wait_for(driver, "The test accuracy fell from ")
    driver.wait(lambda: driver.window.document.trained_epochs == 5)
    assert said(driver).endswith(", since the learning rate was raised from 0.1 to 300.")
    assert button(driver) == f"Back to epoch {best} with rate 0.1"
    driver.click("coach.action")
    wait_for(driver, f"Back at epoch {best}, with ")
    assert said(driver).endswith("at the lower learning rate of 0.1.")
    driver.train()
    wait_for(driver, "Finished: ")


def test_without_the_coach_the_message_tells_of_a_ruin_once(open_window: OpenWindow) -> None:
    driver = open_window(None)
    driver.make_smaller()
    driver.choose("coach")
    driver.type_into("setting.epochs", "3")
    for _ in range(2):
        driver.run("step_epoch", "Paused")
    best = driver.window.session.best
    assert best is not None
    assert driver.message() == ""
    driver.type_into("setting.learning_rate", "300")
    driver.train()
    offer = driver.find(QToolButton, "message.offer")
    driver.wait(offer.isVisible)
    assert driver.message().startswith("The test accuracy fell from ")
    assert "since the learning rate was raised from 0.1 to 300" in driver.message()
    assert offer.text() == f"Back to epoch {best.done.epoch} with rate 0.1"
    driver.click("message.close")
    driver.settle()
    assert driver.message() == ""
    driver.choose("reset")
    for _ in range(2):
        driver.type_into("setting.learning_rate", "0.1")
        driver.run("step_epoch", "Paused")
    driver.type_into("setting.learning_rate", "300")
    driver.train()
    driver.wait(offer.isVisible)
    driver.click("message.offer")
    driver.settle()
    document = driver.window.document
    assert document.trained_epochs in (1, 2)
    assert document.settings.learning_rate == 0.1
    assert driver.message() == ""
    assert said(driver) == ""


def test_the_way_back_leads_out_of_a_moment_that_is_looked_at(driver: Driver) -> None:
    best = ruined(driver, 0.1, 300)
    driver.wait_for("Finished")
    origin, view = driver.window.document.learned.origin, driver.window.view
    assert origin is not None
    ended = {(origin.run, "finished")}
    driver.wait(lambda: ended <= {(run.id, run.state) for run in RunStore().runs()})
    look(driver, RunStore().find(origin.run), 3)
    driver.click("coach.action")
    wait_for(driver, f"Back at epoch {best}, with ")
    driver.settle()
    assert view.moment is None
    assert view.project().trained_epochs == best


def test_from_the_best_epoch_training_goes_on_exactly(driver: Driver, tmp_path: Path) -> None:
    driver.window.edits.change_setting("momentum", 0.5)
    best = ruined(driver, 0.05, 150)
    driver.click("coach.action")
    driver.wait_for("Ready")
    driver.settle()
    assert driver.text("progress_text") == f"Train goes on with epoch {best + 1} of 3."
    driver.run("step_epoch", "Paused")
    steps = (best + 1) * 200
    alone = train_alone(batches=steps, units=FEW_UNITS, momentum=0.5, learning_rate=0.05)
    assert_same(driver.weights(tmp_path), alone.weights)


@pytest.mark.parametrize("ruins", [1, 2])
def test_what_goes_on_from_the_best_epoch_of_a_run_before_is_a_child_of_that_run(
    no_runs: Driver, ruins: int
) -> None:
    driver = no_runs
    driver.make_smaller()
    driver.type_into("setting.epochs", "2")
    driver.train()
    driver.wait(lambda: [run.state for run in RunStore().runs()] == ["finished"])
    (good,) = RunStore().runs()
    best = max(good.metrics, key=lambda each: (each.test_accuracy, -each.test_loss)).epoch
    driver.type_into("setting.epochs", "1")
    driver.type_into("setting.learning_rate", "300")
    for _ in range(ruins):
        driver.train()
    wait_for(driver, "The test accuracy fell from ")
    driver.click("coach.action")
    wait_for(driver, f"Back at epoch {best}, with ")
    driver.train()
    driver.wait(lambda: [run.state for run in RunStore().runs()] == ["finished"] * (2 + ruins))
    parent = RunStore().runs()[0].parent
    assert parent is not None
    assert (parent.run, parent.epoch) == (good.id, best)
    assert not RunStore().runs()[0].description.edited


@pytest.mark.parametrize("way", ["undo", "continue"])
def test_what_goes_on_from_a_ruined_moment_goes_back_into_the_run_before(
    no_runs: Driver, tmp_path: Path, way: str
) -> None:
    driver, document = no_runs, no_runs.window.document
    driver.make_smaller()
    best = ruined(driver, 0.1, 300)
    driver.wait(lambda: [run.state for run in RunStore().runs()] == ["finished"])
    (run,) = RunStore().runs()
    driver.click("coach.action")
    wait_for(driver, f"Back at epoch {best}, with ")
    good = driver.weights(tmp_path)
    driver.type_into("setting.epochs", "2")
    if way == "undo":
        for _ in range(2):  # the number of epochs, and the way back
            driver.choose("undo")
        driver.type_into("setting.learning_rate", "0.1")
        driver.train()
    else:
        look(driver, run, 3)
        driver.click("continue_here")
    wait_for(driver, "The test accuracy fell from ")
    driver.wait_for("Finished")
    assert ", since the learning rate was raised from 0.1 to 300." in said(driver)
    assert button(driver) == f"Back to epoch {best} with rate 0.1"
    driver.click("coach.action")
    wait_for(driver, f"Back at epoch {best}, with ")
    driver.settle()
    assert document.trained_epochs == best
    assert document.settings.learning_rate == 0.1
    assert_same(driver.weights(tmp_path), good)
    assert document.learned.origin == RunMoment(run.id, best)


def test_undo_comes_back_to_all_that_was_learned_when_the_button_was_pressed(
    driver: Driver,
) -> None:
    document, done = driver.window.document, list[EpochDone]()
    driver.window.session.epoch_done.connect(done.append)
    driver.type_into("setting.epochs", "1000")
    for _ in range(2):
        driver.run("step_epoch", "Paused")
    driver.type_into("setting.learning_rate", "300")
    driver.click("train")
    wait_for(driver, "The test accuracy fell from ")
    driver.click("coach.action")
    wait_for(driver, "Back at epoch ")
    driver.settle()
    driver.choose("undo")
    driver.settle()
    last = done[-1].epoch
    assert document.trained_epochs == last > 2
    assert last <= document.project().position <= last + 1, "its test may have been cut short"


def test_what_was_wrong_with_the_ruined_weights_is_not_said_of_those_that_are_back(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.advice.coach.GOOD", 2.0)  # however much is right
    driver.type_into("setting.epochs", "1000")
    for _ in range(2):
        driver.run("step_epoch", "Paused")
    driver.type_into("setting.learning_rate", "300")
    driver.click("train")
    wait_for(driver, "The test accuracy fell from ")
    facts = driver.window.findChild(CoachFacts)
    assert facts is not None
    driver.wait(lambda: facts.symptoms.now() is not None)
    driver.click("coach.action")
    wait_for(driver, "Back at epoch ")
    driver.wait_for("Ready")
    driver.settle()
    assert said(driver).startswith("Back at epoch ")
    assert facts.symptoms.now() is None


def test_after_undo_of_the_way_back_it_says_of_the_ruined_weights_what_it_said(
    driver: Driver,
) -> None:
    document = driver.window.document
    best = ruined(driver, 0.1, 300)
    driver.wait_for("Finished")
    before, offered = said(driver), button(driver)
    for keys in range(2):
        driver.click("coach.action")
        wait_for(driver, f"Back at epoch {best}, with ")
        driver.settle()
        if keys:  # the best of the run from there is another one
            driver.run("step_epoch", "Paused")
            driver.settle()
            driver.choose("undo")
        driver.choose("undo")
        driver.settle()
        assert document.trained_epochs == 3
        assert (said(driver), button(driver)) == (before, offered)
    driver.click("coach.action")
    wait_for(driver, f"Back at epoch {best}, with ")
    assert document.trained_epochs == best
    driver.choose("undo")
    driver.choose("redo")
    assert said(driver) == "", "these are no ruined weights"
    driver.choose("undo")
    assert said(driver) == before


def test_after_a_way_back_and_a_reset_no_epoch_is_compared_with(driver: Driver) -> None:
    best = ruined(driver, 0.1, 300)
    driver.click("coach.action")
    wait_for(driver, f"Back at epoch {best}, with ")
    driver.choose("reset")
    driver.train()
    wait_for(driver, "Finished: ")
    assert "in the run before" in said(driver)


@pytest.mark.parametrize("is_within", [False, True])
def test_a_ruined_run_goes_back_to_the_project_that_was_opened(
    driver: Driver, tmp_path: Path, is_within: bool
) -> None:
    driver.type_into("setting.epochs", "2")
    driver.train()
    if is_within:
        driver.run("step_batch", "Paused")
        driver.click("stop")
        driver.wait_for("Stopped")
    position = driver.window.document.project().position
    path = tmp_path / "good.layerscope"
    assert driver.window.files.save_path(path)
    good = driver.weights(tmp_path)
    driver.choose("new")
    driver.open(path)
    driver.wait_for_panels()  # how good the opened network is counts as an epoch
    driver.type_into("setting.learning_rate", "300")
    driver.settle()
    driver.train()
    wait_for(driver, "The test accuracy fell from ")
    assert "since the learning rate was raised from 0.1 to 300" in said(driver)
    place = "into epoch 3" if is_within else "to epoch 2"
    assert button(driver) == f"Back {place} with rate 0.1"
    driver.click("coach.action")
    driver.settle()
    assert said(driver).startswith("Back within epoch 3, " if is_within else "Back at epoch 2, ")
    assert driver.window.document.trained_epochs == 2
    assert driver.window.document.project().position == position
    assert driver.window.document.project().state is not None
    assert_same(driver.weights(tmp_path), good)
