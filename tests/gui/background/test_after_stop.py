"""Undo brings back all that had been learned when other weights took its place."""

import pytest

from engine.training.events import EpochDone
from gui.background.after_stop import AfterStop
from tests.gui.driving import Driver


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with the notebook's network opened anew."""
    return new_project


def test_undo_of_a_reset_while_training_brings_back_all_that_was_learned(driver: Driver) -> None:
    document, done = driver.window.document, list[EpochDone]()
    driver.window.session.epoch_done.connect(done.append)
    driver.type_into("setting.epochs", "1000")
    driver.click("train")
    driver.wait(lambda: len(done) >= 3)
    driver.choose("reset")
    driver.wait(lambda: not document.trained)
    driver.wait_for("Ready")
    driver.choose("undo")
    driver.settle()
    last = done[-1].epoch
    assert document.trained_epochs == last
    assert last <= document.project().position <= last + 1, "its test may have been cut short"
    assert document.learned.state is not None


def test_at_rest_it_is_done_at_once(driver: Driver) -> None:
    done = []
    AfterStop(driver.window.session, driver.window).do(lambda: done.append(1))
    assert done == [1]


def test_it_is_done_after_all_have_heard_of_the_stop(driver: Driver) -> None:
    order, session = list[str](), driver.window.session
    after_stop = AfterStop(session, driver.window)
    session.state_changed.connect(order.append)
    driver.type_into("setting.epochs", "1000")
    driver.click("train")
    driver.wait_for("Training")
    after_stop.do(lambda: order.append("done"))
    driver.wait(lambda: "done" in order)
    assert order[-2:] == ["Stopped", "done"]


def test_what_was_asked_for_last_is_done_once(driver: Driver) -> None:
    done: list[str] = []
    after_stop = AfterStop(driver.window.session, driver.window)
    driver.type_into("setting.epochs", "1000")
    driver.click("train")
    driver.wait_for("Training")
    after_stop.do(lambda: done.append("first"))
    after_stop.do(lambda: done.append(driver.window.session.state))
    assert done == []
    driver.wait_for("Stopped")
    driver.wait(lambda: done == ["Stopped"])
    driver.run("step_epoch", "Paused")
    driver.settle()
    assert done == ["Stopped"]
