"""The weights of the best epoch: they are kept, and one can go back to them."""

from pathlib import Path

import pytest

from engine.files.naming import named_arrays
from gui.background.mailbox import BestEpoch
from tests.gui.background.headless import Arrays, assert_same, train_alone
from tests.gui.driving import FEW_UNITS, Driver

STEPS = 200  # of an epoch
RUINOUS = 30.0


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with the notebook's network opened anew, made smaller."""
    new_project.make_smaller()
    return new_project


def best_of(driver: Driver) -> BestEpoch:
    best = driver.window.session.best
    assert best is not None
    return best


def arrays(driver: Driver) -> Arrays:
    weights = best_of(driver).weights
    return dict(named_arrays(driver.window.document.stack.slots, weights))


@pytest.fixture
def ruined(driver: Driver) -> Driver:
    """Train two good epochs, then two at a rate that ruins what was learned."""
    driver.type_into("setting.epochs", "4")
    for _ in range(2):
        driver.run("step_epoch", "Paused")
    driver.type_into("setting.learning_rate", str(RUINOUS))
    driver.train()
    assert driver.window.document.trained_epochs == 4
    return driver


def test_the_best_epoch_is_kept_and_one_can_go_back_and_on(ruined: Driver, tmp_path: Path) -> None:
    driver, best = ruined, best_of(ruined)
    good = train_alone(units=FEW_UNITS, epochs=2)
    most = max(good.epochs, key=lambda epoch: (epoch.test_accuracy, -epoch.test_loss))
    assert best.done.epoch == most.epoch
    assert best.done.test_accuracy == most.test_accuracy
    assert_same(arrays(driver), train_alone(batches=most.epoch * STEPS, units=FEW_UNITS).weights)
    bad = driver.weights(tmp_path)
    driver.window.edits.go_back(best.done.epoch, best.weights, best.state, best.origin)
    driver.settle()
    assert driver.window.document.trained_epochs == best.done.epoch
    assert_same(driver.weights(tmp_path), arrays(driver))
    assert driver.action("undo").text() == f"&Undo Back to epoch {best.done.epoch}"
    driver.choose("undo")
    assert_same(driver.weights(tmp_path), bad)
    assert driver.window.document.trained_epochs == 4
    driver.choose("redo")
    driver.type_into("setting.learning_rate", "0.1")
    driver.run("step_epoch", "Paused")
    assert driver.window.document.trained_epochs == best.done.epoch + 1
    assert best_of(driver).done.test_accuracy >= most.test_accuracy


def test_it_goes_back_from_a_run_that_goes_on(ruined: Driver, tmp_path: Path) -> None:
    driver, best = ruined, best_of(ruined)
    driver.type_into("setting.epochs", "1000")
    driver.click("train")
    driver.wait_for("Training")
    driver.window.edits.go_back(best.done.epoch, best.weights, best.state, best.origin)
    driver.wait_for("Ready")
    driver.settle()
    assert_same(driver.weights(tmp_path), arrays(driver))


def test_it_is_that_of_what_was_trained_from_this_seed(ruined: Driver) -> None:
    best = best_of(ruined)
    ruined.type_into("setting.epochs", "1")
    assert best_of(ruined) is best, "how far one trains changes no loss"
    ruined.choose("reset")
    assert best_of(ruined) is best
    ruined.train()
    assert best_of(ruined).done.epoch == 1
    assert best_of(ruined).done.test_accuracy < best.done.test_accuracy


@pytest.mark.parametrize("change", ["classes", "loss", "block", "new"])
def test_it_is_forgotten_where_it_fits_no_more(driver: Driver, change: str) -> None:
    driver.type_into("setting.epochs", "1")
    driver.train()
    assert best_of(driver).done.epoch == 1
    if change == "classes":
        driver.type_into("setting.classes", "0, 2")
    elif change == "loss":
        driver.pick("setting.loss", "Mean squared error")
    elif change == "block":
        driver.click("add.relu")
    else:
        driver.choose("new")
    assert driver.window.session.best is None
