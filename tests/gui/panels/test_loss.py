"""The loss panel: curves, headline and empty state."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from gui.panels.loss import LossPanel
from gui.widgets.curve_plot import BEST
from gui.widgets.empty_state import EmptyState
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.finding import child
from tests.gui.panels.losses import button, epoch, train
from tests.gui.plots import points_of
from tests.gui.showing import on_screen


@pytest.fixture
def panel(qtbot: QtBot) -> LossPanel:
    return on_screen(qtbot, LossPanel(), 480, 330)


def labels(panel: LossPanel) -> list[str]:
    return [label.text for label in panel.curves.loss.right.labels()]


def drawn(panel: LossPanel, name: str) -> list[list[float]]:
    return list(points_of(panel, name))


def ring(panel: LossPanel) -> list[list[float]]:
    """Return where the ring is in the plot of the accuracy."""
    (item,) = (each for each in panel.curves.accuracy.listDataItems() if each.name() == BEST)
    return [[] if values is None else values.tolist() for values in (item.xData, item.yData)]


def test_setters_store_and_refresh_draws(panel: LossPanel) -> None:
    panel.start_run()
    panel.add_batches(np.array([0.5, 1.0, 1.5, 2.0]), np.array([0.8, 0.6, 0.5, 0.4]))
    panel.add_epoch(epoch(1, loss=0.7))
    panel.add_epoch(epoch(2, loss=0.45))
    assert panel.dirty
    assert drawn(panel, "loss batch") == [[], []]
    panel.refresh()
    assert not panel.dirty
    assert child(panel, EmptyState).sentence() == ""
    assert drawn(panel, "loss batch") == [[0.5, 1.0, 1.5, 2.0], [0.8, 0.6, 0.5, 0.4]]
    assert drawn(panel, "loss train") == [[1, 2], [0.7, 0.45]]
    assert drawn(panel, "loss test") == [[1, 2], [0.015, 0.015]]
    assert drawn(panel, "accuracy train") == [[1, 2], [99, 99]]
    assert drawn(panel, "accuracy test") == [[1, 2], [99.5, 99.5]]


def test_the_best_epoch_is_said_and_marked(panel: LossPanel) -> None:
    train(panel, 0.5, 0.2, np.nan, 0.3, 0.2)
    assert panel.best() == "○ best by test accuracy: 99.50 % in epoch 2"
    assert ring(panel) == [[2], [99.5]]
    train(panel, 0.4)
    assert panel.best() == "○ best by test accuracy: 99.50 % in epoch 1"


def test_the_best_of_epochs_with_validation_samples_is_the_best_with_these(
    panel: LossPanel,
) -> None:
    panel.start_run()
    for number, (validated, tested) in enumerate([(0.5, 0.9), (0.75, 0.6), (0.625, 0.8)], 1):
        panel.add_epoch(epoch(number, test_accuracy=tested, validation_accuracy=validated))
    panel.refresh()
    assert panel.best() == "○ best by validation accuracy: 75.00 % in epoch 2"
    assert ring(panel) == [[2], [60]]


def test_no_finite_test_loss_is_no_best(panel: LossPanel) -> None:
    train(panel, np.nan, np.inf)
    assert panel.best() == ""
    assert ring(panel) == [[], []]


def test_the_axis_is_logarithmic_while_the_button_is_down(panel: LossPanel) -> None:
    train(panel, 0.5, 0.05)
    for log in (True, False):
        QTest.mouseClick(button(panel, "loss.log"), Qt.MouseButton.LeftButton)
        assert panel.curves.loss.is_log() == log


def test_the_axis_is_the_same_after_a_restart(open_window: OpenWindow) -> None:
    first = open_window(None)
    QTest.mouseClick(first.find(QToolButton, "loss.log"), Qt.MouseButton.LeftButton)
    second = open_window(None)
    second.run("step_batch", "Paused")
    second.wait(lambda: bool(second.curve("loss batch")[0]))
    assert second.find(LossPanel, "panel.loss").curves.loss.is_log()


def test_in_the_first_epoch_batches_are_counted(driver: Driver) -> None:
    panel = driver.find(LossPanel, "panel.loss")
    for _ in range(2):
        driver.run("step_batch", "Paused")
    driver.settle()
    plot = panel.curves.loss
    plot.read_at(2 / 200)
    assert plot.accessibleDescription().startswith("batch 2: loss batch")
    assert panel.curves.accuracy.bottom.scale == 200


def test_a_panel_that_nobody_sees_takes_the_batches_in_too(panel: LossPanel) -> None:
    panel.hide()
    for number in range(1, 1001):
        panel.add_batches(np.array([number / 100]), np.array([1.0]))
    panel.refresh()
    assert drawn(panel, "loss smoothed")[0][-1] == 10


def test_an_epoch_begun_again_within_one_portion_has_its_gap(panel: LossPanel) -> None:
    panel.add_batches(np.array([0.5, 1.0, 0.5, 1.0]), np.array([0.8, 0.7, 0.6, 0.5]))
    panel.refresh()
    assert drawn(panel, "loss batch")[0] == [0.5, 1, 1, 0.5, 1]


def test_earlier_runs_go_by_a_click(panel: LossPanel) -> None:
    train(panel, 0.5)
    train(panel, 0.4)
    QTest.mouseClick(button(panel, "loss.clear_earlier"), Qt.MouseButton.LeftButton)
    assert "earlier" not in labels(panel)
    assert not button(panel, "loss.clear_earlier").isVisible()
    assert drawn(panel, "loss test") == [[1], [0.4]]


def test_a_changed_setting_is_marked_where_it_was_changed(driver: Driver) -> None:
    panel = driver.find(LossPanel, "panel.loss")
    driver.type_into("setting.learning_rate", "0.2")
    for _ in range(2):
        driver.run("step_batch", "Paused")
    driver.type_into("setting.learning_rate", "0.05")
    driver.type_into("setting.seed", "7")
    driver.settle()
    panel.refresh()
    assert panel.curves.loss.marks() == [(2 / 200, "rate 0.2 → 0.05")]
    driver.type_into("setting.learning_rate", "0.2")
    panel.refresh()
    assert panel.curves.loss.marks() == [], "nothing differs from before any more"


def test_an_epoch_that_is_begun_again_is_marked(panel: LossPanel) -> None:
    panel.add_batches(np.array([1.5, 2.0, 2.5]), np.array([0.8, 0.7, 0.7]))
    panel.add_batches(np.array([2.25, 2.5]), np.array([0.6, 0.5]))
    panel.refresh()
    assert panel.curves.loss.marks() == [(2.0, "begun again")]
    panel.clear()
    panel.add_batches(np.array([0.5]), np.array([0.8]))
    panel.refresh()
    assert panel.curves.loss.marks() == []
