"""The loss panel: curves, headline and empty state."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from gui.panels.loss import LossPanel
from gui.panels.loss_runs import KEPT, SMOOTHING
from gui.theme import LIGHT
from gui.widgets.curve_plot import BEST
from gui.widgets.empty_state import EmptyState
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.finding import child
from tests.gui.panels.losses import button, epoch, train
from tests.gui.plots import is_near, points_of, spot
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


def test_it_has_its_names(panel: LossPanel) -> None:
    assert panel.objectName() == "panel.loss"
    assert panel.accessibleName() == "Loss and accuracy"
    assert panel.minimumWidth() <= 400
    assert panel.minimumHeight() <= 280


def test_it_says_what_will_be_here(panel: LossPanel) -> None:
    assert "Click Train" in child(panel, EmptyState).sentence()


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


def test_the_headline_has_the_last_numbers(panel: LossPanel) -> None:
    panel.add_batches(np.array([0.5]), np.array([0.8]))
    panel.refresh()
    assert panel.headline() == "No epoch finished yet"
    panel.add_epoch(epoch(7))
    panel.refresh()
    assert panel.headline() == "epoch 7: loss 0.01230, test 0.01500, test accuracy 99.50 %"


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


def test_the_smoothed_loss_lags_the_batches(panel: LossPanel) -> None:
    times = np.arange(1, 201) / 50
    panel.add_batches(times, np.where(times < 2, 1.0, 0.0))
    panel.refresh()
    x, y = drawn(panel, "loss smoothed")
    assert x == times.tolist()
    assert y[:99] == pytest.approx([1.0] * 99)
    # A step down is followed by e^(-t / SMOOTHING).
    assert y[120] == pytest.approx(np.exp(-(x[120] - 1.98) / SMOOTHING), rel=0.01)


def test_a_run_that_begins_its_epoch_again_has_a_gap(panel: LossPanel) -> None:
    panel.add_batches(np.array([0.25, 0.5]), np.array([0.8, 0.7]))
    panel.add_batches(np.array([0.25, 0.5]), np.array([0.6, 0.5]))
    panel.refresh()
    for name in ("loss batch", "loss smoothed"):
        assert np.isnan(drawn(panel, name)[1]).tolist() == [False, False, True, False, False]


def test_the_loss_axis_is_logarithmic_by_a_click(panel: LossPanel) -> None:
    train(panel, 0.5, 0.05)
    assert not panel.curves.loss.is_log()
    QTest.mouseClick(button(panel, "loss.log"), Qt.MouseButton.LeftButton)
    assert panel.curves.loss.is_log()
    QTest.keyClick(button(panel, "loss.log"), Qt.Key.Key_Space)
    assert not panel.curves.loss.is_log()


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


def test_colour_says_which_data(panel: LossPanel) -> None:
    train(panel, 0.5, 0.4, 0.3)
    image = panel.curves.loss.grab().toImage()
    assert is_near(image, spot(panel.curves.loss, 1, 0.5), LIGHT.test)
    assert is_near(image, spot(panel.curves.loss, 3, 0.0123), LIGHT.train)
    image = panel.curves.accuracy.grab().toImage()
    assert is_near(image, spot(panel.curves.accuracy, 2.5, 99.5), LIGHT.test)


def test_loss_and_accuracy_have_one_time(panel: LossPanel, qtbot: QtBot) -> None:
    train(panel, *[0.5] * 12)
    loss, accuracy = panel.curves.plots
    assert loss.plot_area().left() == accuracy.plot_area().left()
    assert loss.plot_area().right() == accuracy.plot_area().right()
    loss.view.setXRange(3, 6, padding=0)
    assert accuracy.view.viewRange()[0] == pytest.approx([3, 6])
    loss.fit()
    for plot in (loss, accuracy):
        assert plot.view.viewRange()[0][1] > 12
    QTest.mouseMove(loss.viewport(), spot(loss, 4, 0.4))
    assert [plot.accessibleDescription().split(":")[0] for plot in panel.curves.plots] == [
        "epoch 4",
        "epoch 4",
    ]


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


def test_without_earlier_runs_there_is_no_word_of_them(panel: LossPanel) -> None:
    train(panel, 0.5)
    assert not button(panel, "loss.clear_earlier").isVisible()
    assert "earlier" not in labels(panel)


def test_a_new_run_keeps_the_means_of_the_last(panel: LossPanel) -> None:
    train(panel, 0.5, 0.4)
    panel.start_run()
    panel.refresh()
    assert panel.headline() == "No epoch finished yet · pale: the run before"
    assert panel.best() == ""
    assert drawn(panel, "loss batch") == drawn(panel, "loss test") == [[], []]
    loss, accuracy = panel.curves.plots
    assert points_of(loss, "run 1") == ([1, 2], [0.5, 0.4])
    assert points_of(accuracy, "run 1") == ([1, 2], [99.5, 99.5])
    assert "earlier" in labels(panel)
    loss.read_at(2.0)
    assert loss.accessibleDescription() == "epoch 2: run 1 0.4000"
    assert accuracy.accessibleDescription() == "epoch 2: run 1 99.50 %"


def test_only_the_last_runs_stay(panel: LossPanel) -> None:
    for number in range(KEPT + 3):
        train(panel, 0.1 * number + 0.1)
    names = [item.opts["name"] for item in panel.curves.loss.listDataItems()]
    found = [name for name in names if name.startswith("run")]
    assert found == [f"run {number}" for number in range(3, KEPT + 3)]


def test_a_run_without_an_epoch_is_not_kept(panel: LossPanel) -> None:
    panel.add_batches(np.array([0.5]), np.array([0.8]))
    panel.start_run()
    panel.refresh()
    assert "Click Train" in child(panel, EmptyState).sentence()
    panel.add_batches(np.array([0.1]), np.array([0.9]))
    panel.refresh()
    assert drawn(panel, "loss batch") == [[0.1], [0.9]]


def test_earlier_runs_go_by_a_click(panel: LossPanel) -> None:
    train(panel, 0.5)
    train(panel, 0.4)
    QTest.mouseClick(button(panel, "loss.clear_earlier"), Qt.MouseButton.LeftButton)
    assert "earlier" not in labels(panel)
    assert not button(panel, "loss.clear_earlier").isVisible()
    assert drawn(panel, "loss test") == [[1], [0.4]]


def test_clear_forgets_everything(panel: LossPanel) -> None:
    train(panel, 0.5)
    train(panel, 0.4)
    panel.clear()
    panel.refresh()
    assert "Click Train" in child(panel, EmptyState).sentence()


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
