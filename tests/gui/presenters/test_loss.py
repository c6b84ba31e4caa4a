"""What the loss panel says of weights that no shown epoch has led to, in the real window."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGraphicsItem, QToolButton

from gui.panels.loss import LossPanel
from gui.widgets.curve_plot import CurvePlot
from gui.widgets.empty_state import EmptyState
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.finding import child
from tests.gui.waiting import run_events


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


def test_after_the_way_back_it_says_which_epoch_the_weights_are_of(driver: Driver) -> None:
    ruined(driver).click("coach.action")
    assert headline(driver) == "Weights after epoch 1 · pale: the run before"
    driver.choose("undo")
    assert headline(driver) == "Weights after epoch 2 · pale: the run before"
    driver.choose("redo")
    driver.run("step_batch", "Paused")
    assert headline(driver) == "No epoch finished yet · pale: the run before"
    driver.run("step_epoch", "Paused")
    assert headline(driver).startswith("epoch 2: ")


def test_after_the_way_back_a_changed_network_has_other_weights(driver: Driver) -> None:
    ruined(driver).click("coach.action")
    driver.settle()
    driver.window.edits.add("relu", 5)
    words = "before your change: weights after epoch 1 · pale: the run before"
    assert headline(driver) == words


def test_after_reset_and_its_undo_it_says_what_the_weights_are(driver: Driver) -> None:
    driver.run("step_epoch", "Paused")
    driver.run("step_batch", "Paused")
    driver.choose("reset")
    assert headline(driver) == "No epoch finished yet · pale: the run before"
    driver.choose("undo")
    assert headline(driver) == "Weights after 1 step of epoch 2 · pale: the run before"
    driver.run("step_epoch", "Paused")
    driver.choose("reset")
    assert headline(driver) == "No epoch finished yet · pale: earlier runs"


def test_of_an_opened_network_it_says_that_no_losses_were_kept(
    open_window: OpenWindow, tmp_path: Path
) -> None:
    driver = open_window(None)
    driver.wait_for("Ready")
    driver.run("step_epoch", "Paused")
    path = tmp_path / "trained.layerscope"
    assert driver.window.files.save_path(path)
    driver.window.close()
    driver = open_window(path)
    driver.settle()
    empty = child(driver.find(LossPanel, "panel.loss"), EmptyState)
    assert empty.sentence().startswith("The weights are those after epoch 1. ")
    driver.choose("new")
    driver.settle()
    assert empty.sentence().startswith("The loss of every batch")


def test_enlarged_nothing_stays_of_the_axes_as_they_were(driver: Driver) -> None:
    driver.window.resize(940, 620)
    driver.type_into("setting.epochs", "2")
    driver.train()
    driver.settle()
    driver.window.docks.toggle_enlarged("Loss")
    driver.settle()
    plot = driver.find(LossPanel, "panel.loss").findChildren(CurvePlot)[0]

    def seen() -> QImage:
        run_events()
        shot = driver.window.screen().grabWindow(driver.window.winId()).toImage()
        return shot.copy(QRect(plot.mapTo(driver.window, QPoint()), plot.size()))

    before = seen()
    for item in plot.scene().items():  # draw all anew
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
    plot.viewport().update()
    assert seen() == before
