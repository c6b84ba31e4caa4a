"""The coach compares with epochs of the same network: exchanged for another, it knows none."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.advice.facts import Epoch, Fall, Pace
from engine.model.run_moment import RunMoment
from engine.model.templates import notebook
from engine.training.events import EpochDone
from gui.presenters.epoch_memory import EpochMemory
from gui.presenters.run_start import RunStart, Trained
from tests.gui.driving import Driver
from tests.gui.presenters.coaching import said, wait_for
from tests.gui.presenters.test_time_machine import look
from tests.gui.recorded_runs import record

HARDLY = 1e-6  # a learning rate with which hardly anything is learned


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with the notebook's network opened anew."""
    new_project.window.view.back_to_now()
    return new_project


def ends(driver: Driver) -> list[float]:
    """Return the list that the test accuracies of the window's epochs will be added to."""
    found: list[float] = []
    driver.window.session.epoch_done.connect(lambda event: found.append(accuracy(event)))
    return found


def accuracy(event: EpochDone) -> float:
    return event.test_accuracy


def test_what_ruined_is_known_however_long_it_is_ago() -> None:
    memory = EpochMemory()
    good = Epoch(1, 0.1, 0.9, 0.1, 0.9, rate=1.0)
    memory.add(good)
    for number in range(2, 500):
        rate = 300.0 if number < 10 else 1.0
        memory.add(Epoch(number, 9.0, 0.1, 9.0, 0.1, rate=rate))
    assert memory.best is good
    raised = "the learning rate was raised from 1 to 300"
    assert memory.falls.fall == Fall(Pace(300, 0, "sgd"), raised, good)
    memory.go_back(good)
    assert memory.falls.fall is None
    memory.add(Epoch(2, 9.0, 0.1, 9.0, 0.1, rate=5.0))
    assert memory.falls.fall == Fall(Pace(5, 0, "sgd"), raised.replace("300", "5"), good)
    memory.forget()
    assert memory.falls.fall is None


def test_epochs_that_guess_make_no_explosion_good() -> None:
    memory, exploded = EpochMemory(), Pace(900, 0, "sgd")
    memory.begin_run(900, 0, 0.2)
    memory.falls.note(exploded)
    memory.begin_run(0.1, 0, 0.2)
    memory.add(Epoch(1, 2.0, 0.1, 2.0, 0.2, rate=0.1))
    assert memory.falls.fall == Fall(exploded, "", None)
    memory.add(Epoch(2, 1.0, 0.3, 1.0, 0.3, rate=0.1))
    assert memory.falls.fall is None


def test_an_explosion_stays_known_when_a_better_epoch_before_is_found() -> None:
    memory, good = EpochMemory(), Epoch(6, 0.1, 0.9, 0.1, 0.9, rate=0.1)
    memory.falls.note(Pace(900, 0, "sgd"))
    memory.begin_before(RunStart(good, Trained({}, None, None)), ())
    raised = "the learning rate was raised from 0.1 to 900"
    assert memory.falls.fall == Fall(Pace(900, 0, "sgd"), raised, good)


def test_a_copy_knows_what_it_did_and_keeps_its_best_epoch() -> None:
    memory = EpochMemory()
    good = Epoch(1, 0.1, 0.9, 0.1, 0.9, rate=1.0)
    ruined = Epoch(2, 9.0, 0.1, 9.0, 0.1, rate=300.0)
    memory.add(good)
    memory.add(ruined)
    trained = Trained({}, None, None)
    copied = memory.with_best(trained)
    memory.go_back(good)
    memory.clear()
    assert list(copied.epochs) == [good, ruined]
    assert copied.falls.fall is not None
    assert copied.best is good
    assert copied.best_of(None) is trained
    copied.add(Epoch(3, 0.1, 0.95, 0.1, 0.95, rate=1.0))
    assert copied.best_of(None) is None
    assert memory.with_best(trained).best_of(None) is None, "it knows no epoch"


def test_the_best_has_the_highest_test_accuracy_and_of_equal_ones_the_lowest_loss() -> None:
    memory = EpochMemory()
    tested = (0.4, 0.81), (0.5, 0.94), (0.6, 0.96), (0.55, 0.96)
    for number, (loss, share) in enumerate(tested, 1):
        memory.add(Epoch(number, loss, share, loss, share, rate=0.1))
    memory.add(Epoch(5, 0.3, 0.2, 0.3, 0.2, rate=9.0))
    assert memory.best is not None
    assert memory.best.number == 4
    raised = "the learning rate was raised from 0.1 to 9"
    assert memory.falls.fall == Fall(Pace(9, 0, "sgd"), raised, memory.best)


def test_where_samples_are_held_out_the_best_epoch_is_the_best_with_these() -> None:
    memory = EpochMemory()
    for number, (tested, validated) in enumerate([(0.96, 0.8), (0.9, 0.9), (0.95, 0.85)], 1):
        memory.add(
            Epoch(
                *(number, 0.1, 0.9, 0.2, tested),
                rate=0.1,
                validation_loss=0.3,
                validation_accuracy=validated,
            )
        )
    assert memory.best is not None
    assert memory.best.number == 2


def test_a_better_epoch_before_is_the_first_and_what_came_since_is_laid_to_its_steps() -> None:
    memory = EpochMemory()
    start = Epoch(9, 9.0, 0.1, 9.0, 0.1, rate=0.1)  # with what the run before began with
    memory.begin_from(RunStart(start, Trained({}, None, RunMoment("before", 9))))
    ruined = Epoch(10, 3.0, 0.1, 3.0, 0.1, rate=0.1)
    memory.add(ruined)
    good = Epoch(6, 0.1, 0.9, 0.1, 0.9, rate=0.1)
    since = tuple(Epoch(number, 9.0, 0.1, 9.0, 0.1, rate=300.0) for number in (7, 8, 9))
    weights = {1: {"weight": np.ones(3, np.float32)}}
    trained = Trained(weights, None, RunMoment("before", 6))
    memory.begin_before(RunStart(good, trained), since)
    assert tuple(memory.epochs) == (good, *since, ruined)
    assert memory.best_of(None) is trained
    raised = "the learning rate was raised from 0.1 to 300"
    assert memory.falls.fall == Fall(Pace(300, 0, "sgd"), raised, good)
    worse = Epoch(3, 0.2, 0.8, 0.2, 0.8, rate=0.1)
    memory.begin_before(RunStart(worse, trained), ())
    assert memory.best is good


def test_an_epoch_of_a_run_before_is_compared_with_once_it_is_back() -> None:
    memory = EpochMemory()
    memory.add(Epoch(9, 9.0, 0.1, 9.0, 0.1, rate=300.0))
    memory.go_back(Epoch(4, 0.1, 0.9, 0.1, 0.9, rate=0.1))
    memory.begin_run(0.1, 4, 0.2)
    assert (memory.before, memory.before_name) == (0.9, "epoch 4")


def test_after_continue_no_epoch_of_another_network_is_compared_with(
    driver: Driver, tmp_path: Path
) -> None:
    project = notebook()
    slow = replace(project, settings=project.settings.with_changes(epochs=2, learning_rate=HARDLY))
    run, done = record(tmp_path, slow), ends(driver)
    driver.type_into("setting.epochs", "1")
    driver.train()
    driver.settle()
    look(driver, run, 1)
    driver.click("continue_here")
    driver.wait_for("Finished")
    wait_for(driver, "Finished: ")
    driver.settle()
    assert done[0] - done[1] > 0.15, "as if it had fallen"
    assert said(driver).startswith("Finished: ")
    assert "in the run before" not in said(driver), "that was one of another network"


def test_after_undo_no_epoch_of_another_network_is_compared_with(driver: Driver) -> None:
    done = ends(driver)
    driver.type_into("setting.epochs", "1")
    driver.type_into("setting.learning_rate", f"{HARDLY:g}")
    driver.train()
    driver.settle()
    driver.choose("reset")
    driver.type_into("setting.learning_rate", "0.1")
    driver.train()
    driver.settle()
    for _ in range(2):  # the rate, then the Reset
        driver.choose("undo")
    driver.train()
    driver.wait(lambda: len(done) == 3)
    wait_for(driver, "Finished: ")
    driver.settle()
    assert done[1] - done[2] > 0.15, "as if it had fallen"
    assert said(driver).startswith("Finished: ")
    assert "in the run before" not in said(driver), "that was one of another network"
