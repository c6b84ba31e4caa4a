"""Losses that tests of the loss panel give it."""

import numpy as np
from PySide6.QtWidgets import QToolButton

from engine.training.evaluation import Confusion, Evaluation
from engine.training.events import EpochDone
from gui.panels.loss import LossPanel


def epoch(
    number: int,
    loss: float = 0.0123,
    test_loss: float = 0.015,
    test_accuracy: float = 0.995,
    validation_accuracy: float | None = None,
) -> EpochDone:
    validation = None
    if validation_accuracy is not None:
        nothing = np.zeros((2, 2), np.int64)
        validation = Evaluation(
            8, validation_accuracy, 1.0, Confusion(nothing), nothing.astype(float)
        )
    return EpochDone(
        epoch=number,
        epochs=20,
        loss=loss,
        accuracy=0.99,
        test_loss=test_loss,
        test_accuracy=test_accuracy,
        samples_per_second=5000.0,
        seconds=1.0,
        test=Evaluation.__new__(Evaluation),
        learning_rate=0.1,
        lowest_rate=0.1,
        validation=validation,
    )


def train(panel: LossPanel, *test_losses: float) -> None:
    """Let a run of so many epochs pass, two batches each."""
    panel.start_run()
    for number, test_loss in enumerate(test_losses, 1):
        panel.add_batches(np.array([number - 0.5, number]), np.array([test_loss, test_loss]))
        panel.add_epoch(epoch(number, test_loss=test_loss))
    panel.refresh()


def button(panel: LossPanel, name: str) -> QToolButton:
    found = panel.findChild(QToolButton, name)
    assert found is not None
    return found
