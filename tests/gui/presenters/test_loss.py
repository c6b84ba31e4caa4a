"""What the loss panel says of weights that no shown epoch has led to, in the real window."""

import pytest
from PySide6.QtWidgets import QToolButton

from gui.panels.loss import LossPanel
from tests.gui.driving import Driver


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it."""
    return new_project


def headline(driver: Driver) -> str:
    driver.settle()
    return driver.find(LossPanel, "panel.loss").headline()


def ruined(driver: Driver) -> Driver:
    """Train an epoch, and then one at a rate that ruins it, so that the coach leads back."""
    driver.type_into("setting.epochs", "2")
    driver.run("step_epoch", "Paused")
    driver.type_into("setting.learning_rate", "300")
    driver.train()
    offer = driver.find(QToolButton, "coach.action")
    driver.wait(lambda: offer.isVisible() and offer.text() == "Back to epoch 1 with rate 0.1")
    return driver


def test_after_the_way_back_a_changed_network_has_other_weights(driver: Driver) -> None:
    ruined(driver).click("coach.action")
    driver.settle()
    driver.window.edits.add("relu", 5)
    words = "before your change: weights after epoch 1 · pale: the run before"
    assert headline(driver) == words
