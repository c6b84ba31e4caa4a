"""An explosion offers the best epoch that its runs have kept, with the rate that did learn."""

import math
import shutil
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton

from engine.blocks import Dense, ReLU
from engine.runs import RunStore
from engine.runs.run_writer import RunWriter
from engine.training.events import EpochDone
from gui.background.mailbox import Predictions
from gui.runs.run_list import RunList
from gui.runs.run_model import LOOK_ROLE
from gui.runs.run_rows import rows_of
from tests.engine.training_runs import same
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.presenters.coaching import flat, offered, opened, said, wait_for
from tests.gui.presenters.followed_runs import banner


@pytest.fixture
def driver(no_runs: Driver) -> Driver:
    """Return the module's window with a network whose values can grow."""
    return with_network(no_runs)


def with_network(driver: Driver) -> Driver:
    stack = flat(Dense(units=20), ReLU(), Dense(units=2))
    opened(driver, stack, learning_rate=0.05, loss="mse", epochs=9, momentum=0.5)
    return driver


def train_well(driver: Driver, epochs: int) -> int:
    """Train for some epochs; return which was the best."""
    done: list[EpochDone] = []
    driver.window.session.epoch_done.connect(done.append)
    for _ in range(epochs):
        driver.run("step_epoch", "Paused")
    return max(done, key=lambda each: (each.test_accuracy, -each.test_loss)).epoch


def explode(driver: Driver) -> None:
    """Train at a rate that is far too high."""
    driver.type_into("setting.learning_rate", "900")
    driver.click("train")
    driver.wait_for("Error")


def test_one_click_goes_back_in_one_step(driver: Driver) -> None:
    document, best = driver.window.document, train_well(driver, 2)
    explode(driver)
    wait_for(driver, "The numbers grew without end")
    driver.wait(lambda: offered(driver) == f"Back to epoch {best} with rate 0.05")
    (run,) = RunStore().runs()
    ruined, steps = document.project(), document.undo_stack.index()
    told, offer = said(driver), offered(driver)
    driver.click("coach.action")
    driver.settle()
    project, expected = document.project(), run.project_after(best)
    learned = {slot: arrays for slot, arrays in expected.weights.items() if arrays}
    assert same(project.weights, learned)
    assert project.trained_epochs == best
    assert project.origin == expected.origin
    assert project.state is not None
    assert expected.state is not None
    assert project.state.updates == expected.state.updates
    assert project.settings == expected.settings.with_changes(learning_rate=0.05)
    assert said(driver).startswith(f"Back at epoch {best}, with a learning rate of 0.05.")
    assert document.undo_stack.index() == steps + 1
    driver.choose("undo")
    driver.settle()
    assert same(document.project().weights, ruined.weights)
    assert document.settings.learning_rate == 900
    assert (said(driver), offered(driver)) == (told, offer), "it leads back again"
    driver.click("coach.action")
    driver.settle()
    assert same(document.project().weights, learned)


def test_an_explosion_has_one_advice_which_is_whole_in_a_small_window(
    open_window: OpenWindow,
) -> None:
    driver = with_network(open_window(None))
    driver.window.resize(940, 620)
    best = train_well(driver, 2)
    explode(driver)
    button = driver.find(QToolButton, "coach.action")
    driver.wait(lambda: button.text() == f"Back to epoch {best} with rate 0.05")
    driver.wait(lambda: button.fontMetrics().horizontalAdvance(button.text()) < button.width())
    assert driver.window.rect().contains(button.mapTo(driver.window, button.rect().bottomRight()))
    assert driver.message() == "", "what the coach says has no other advice over it"
    tip = driver.find(QLabel, "coach").toolTip()
    assert "Training stopped in epoch 3, batch " in tip
    assert "became infinite or not a number" in tip


def test_without_the_coach_the_message_has_the_button(open_window: OpenWindow) -> None:
    driver = with_network(open_window(None))
    driver.choose("coach")
    best = train_well(driver, 2)
    explode(driver)
    button = driver.find(QToolButton, "message.offer")
    driver.wait(button.isVisible)
    assert button.text() == f"Back to epoch {best} with rate 0.05"
    assert driver.message().startswith("The numbers grew without end: a learning rate of 900")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    driver.settle()
    assert driver.window.document.trained_epochs == best
    assert driver.window.document.settings.learning_rate == 0.05
    assert driver.message() == ""


def test_nothing_is_offered_while_a_later_epoch_may_still_be_written(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, end = threading.Event(), RunWriter._end

    def late(writer: RunWriter, state: str, reason: str) -> None:
        assert go_on.wait(60)
        end(writer, state, reason)

    monkeypatch.setattr(RunWriter, "_end", late)
    best = train_well(driver, 2)
    explode(driver)
    try:
        wait_for(driver, "The numbers grew without end")
        driver.wait(lambda: [2 in run.kept_epochs for run in RunStore().runs()] == [True])
        driver.settle()
        assert offered(driver).startswith("Set the rate to")
    finally:
        go_on.set()
    driver.wait(lambda: offered(driver) == f"Back to epoch {best} with rate 0.05")


def test_what_goes_on_from_there_is_a_child_of_that_epoch(driver: Driver) -> None:
    train_well(driver, 1)
    explode(driver)
    driver.wait(lambda: offered(driver) == "Back to epoch 1 with rate 0.05")
    (run,) = RunStore().runs()
    driver.click("coach.action")
    driver.run("step_epoch", "Paused")
    driver.wait(lambda: len(RunStore().runs()) == 2)
    child = RunStore().runs()[0]
    assert child.parent is not None
    assert (child.parent.run, child.parent.epoch) == (run.id, 1)
    assert not child.description.edited


@pytest.fixture
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an explosion go back to the last pause, however slow the machine is."""
    monkeypatch.setattr("engine.training.run.CHECKPOINT_SECONDS", math.inf)


def wreck(driver: Driver, folder: Path | None) -> None:
    """Train, save and open the project if there is a folder for that, and ruin its weights."""
    driver.type_into("setting.epochs", "1")
    driver.train()
    if folder is not None:
        assert driver.window.files.save_path(folder / "good.layerscope")
        driver.choose("new")
        told: list[Predictions] = []
        driver.window.session.predictions_made.connect(told.append)
        driver.open(folder / "good.layerscope")
        driver.wait(lambda: [each.position for each in told[-1:]] == [1])
        driver.settle()
    driver.type_into("setting.learning_rate", "900")
    driver.run("step_batch", "Paused")  # after which the weights are large, but finite
    explode(driver)
    driver.wait(lambda: offered(driver) == "Back to epoch 1 with rate 0.05")
    driver.settle()


def end_of_run(driver: Driver, rate: float) -> str:
    """Train on at a rate; return in which state that ends."""
    driver.type_into("setting.learning_rate", f"{rate:g}")
    states: list[str] = []
    driver.window.session.state_changed.connect(states.append)
    driver.click("train")
    driver.wait(lambda: states[-1:] in (["Finished"], ["Error"]))
    driver.settle()
    return states[-1]


@pytest.mark.usefixtures("no_time")
def test_what_ruined_another_network_is_not_blamed(driver: Driver) -> None:
    wreck(driver, None)
    driver.click("add.relu")
    end_of_run(driver, 700)
    assert "900" not in said(driver)


@pytest.mark.usefixtures("no_time")
@pytest.mark.parametrize("is_opened", [False, True])
def test_an_explosion_that_was_answered_by_hand_is_laid_to_the_rate_that_ruined(
    driver: Driver, tmp_path: Path, is_opened: bool
) -> None:
    wreck(driver, tmp_path if is_opened else None)
    exploded = end_of_run(driver, 0.05) == "Error"
    wait_for(driver, "The numbers grew without end" if exploded else "The test accuracy fell from ")
    driver.wait(lambda: offered(driver) == "Back to epoch 1 with rate 0.05")
    cause = "a learning rate of 900 had ruined" if exploded else "was raised from 0.05 to 900."
    assert cause in said(driver)
    driver.click("coach.action")
    driver.settle()
    assert driver.window.document.trained_epochs == 1
    assert driver.window.document.settings.learning_rate == 0.05


def explode_within(driver: Driver) -> None:
    """Explode some steps after an epoch, at a checkpoint between, and wait for the way back."""
    driver.run("step_epoch", "Paused")
    driver.run("step_batch", "Paused")
    explode(driver)
    driver.wait(lambda: offered(driver) == "Back to epoch 1 with rate 0.05")


def test_what_goes_on_from_wrecked_weights_is_a_child_of_no_whole_epoch(driver: Driver) -> None:
    explode_within(driver)
    assert 1 < driver.window.document.project().position < 2
    driver.type_into("setting.learning_rate", "0.05")
    driver.run("step_epoch", "Paused")
    driver.click("stop")
    driver.wait(lambda: [run.state for run in RunStore().runs()] == ["stopped", "failed"])
    row, other = rows_of(RunStore().runs(), lambda _one, _other: ())
    assert row.about == f"continues {other.run.short_title} from within epoch 2"
    assert 1 < row.run.project_after(0).position < 2
    assert row.run.project_after(1).position == 2


def test_of_a_moment_within_an_epoch_list_slider_and_banner_say_the_same(driver: Driver) -> None:
    explode_within(driver)
    driver.type_into("setting.learning_rate", "0.05")
    driver.window.docks.show_panel("Runs")
    driver.run("step_epoch", "Paused")
    driver.click("stop")
    driver.wait(lambda: [run.state for run in RunStore().runs()] == ["stopped", "failed"])
    runs, (newest, _) = driver.find(RunList, "runs.list").runs, RunStore().runs()
    driver.wait(lambda: runs.count == 2)
    driver.window.view.show(newest, 0)
    driver.wait(lambda: driver.window.view.moment is not None)
    assert banner(driver).startswith("Within epoch 2 of")
    assert runs.index_of(newest.key).data(LOOK_ROLE) == "within epoch 2"
    assert driver.text("runs.state").endswith(", within epoch 2")


def test_wrecked_weights_are_not_said_to_be_those_of_an_epoch(driver: Driver) -> None:
    told: list[Predictions] = []
    driver.window.session.predictions_made.connect(told.append)
    explode_within(driver)
    driver.settle()
    wrecked = told[-1]
    assert wrecked.position == driver.window.document.project().position
    driver.click("coach.action")
    driver.settle()
    assert told[-1].position == 1
    driver.choose("undo")
    driver.settle()
    assert same({0: {"": told[-1].outputs}}, {0: {"": wrecked.outputs}})
    assert told[-1].position == wrecked.position
    assert wrecked.position is not None
    assert 1 < wrecked.position < 2


def test_where_nothing_is_kept_a_reset_is_offered(driver: Driver) -> None:
    explode(driver)
    wait_for(driver, "The numbers grew without end")
    driver.settle()
    assert offered(driver).startswith("Reset with rate ")


def test_a_run_that_was_deleted_meanwhile_is_not_offered(driver: Driver) -> None:
    best = train_well(driver, 2)
    driver.click("stop")
    driver.wait_for("Stopped")
    driver.wait(lambda: [run.state for run in RunStore().runs()] == ["stopped"])
    shutil.rmtree(RunStore().runs()[0].folder)
    explode(driver)
    wait_for(driver, "The numbers grew without end")
    driver.wait(lambda: offered(driver) == f"Back to epoch {best} with rate 0.05")
    assert said(driver).endswith(" was the best by test accuracy."), "memory has it, no run"
    driver.click("coach.action")
    driver.settle()
    assert driver.window.document.trained_epochs == best
    assert driver.window.document.settings.learning_rate == 0.05


def test_what_goes_on_from_a_ruined_moment_goes_back_into_the_run_before(driver: Driver) -> None:
    best = train_well(driver, 2)
    explode(driver)
    offer = f"Back to epoch {best} with rate 0.05"
    driver.wait(lambda: offered(driver) == offer)
    driver.click("coach.action")
    driver.settle()
    driver.choose("undo")  # what is ruined is back
    driver.settle()
    driver.type_into("setting.learning_rate", "900")
    explode(driver)
    driver.wait(lambda: offered(driver) == offer)
    driver.click("coach.action")
    driver.settle()
    assert driver.window.document.trained_epochs == best
    assert driver.window.document.settings.learning_rate == 0.05
