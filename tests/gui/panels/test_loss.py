"""The loss panel: curves, headline and empty state."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.evaluation import Evaluation
from engine.training import EpochDone
from gui.panels.loss import LossPanel
from gui.widgets.curves import CurvePlot
from gui.widgets.empty import EmptyState
from tests.gui.finding import child


@pytest.fixture
def panel(qtbot: QtBot) -> LossPanel:
    made = LossPanel()
    qtbot.addWidget(made)
    made.resize(480, 330)
    made.show()
    return made


def epoch(number: int, loss: float = 0.0123) -> EpochDone:
    return EpochDone(
        epoch=number,
        epochs=20,
        loss=loss,
        accuracy=0.99,
        test_loss=0.015,
        test_accuracy=0.995,
        samples_per_second=5000.0,
        seconds=1.0,
        test=Evaluation.__new__(Evaluation),
    )


def drawn(panel: LossPanel, name: str) -> list[list[float]]:
    x, y = child(panel, CurvePlot).points(name)
    return [x.tolist(), y.tolist()]


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
    assert panel.headline() == "No epoch is finished yet"
    panel.add_epoch(epoch(7))
    panel.refresh()
    assert panel.headline() == "epoch 7: loss 0.01230, test 0.01500, test accuracy 99.5 %"


def test_a_new_run_starts_empty(panel: LossPanel) -> None:
    panel.add_batches(np.array([0.5]), np.array([0.8]))
    panel.add_epoch(epoch(1))
    panel.refresh()
    panel.start_run()
    panel.refresh()
    assert child(panel, EmptyState).sentence() != ""
    panel.add_batches(np.array([0.1]), np.array([0.9]))
    panel.refresh()
    assert drawn(panel, "loss batch") == [[0.1], [0.9]]
    assert drawn(panel, "loss train") == [[], []]
