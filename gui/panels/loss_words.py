"""What the loss panel says of epochs."""

from typing import Protocol

from engine.text.words import percent
from gui.panels.loss_runs import RankedEpoch
from gui.widgets.number_words import short


class Means(Protocol):
    """What came of an epoch."""

    @property
    def loss(self) -> float:
        """The mean loss of its batches."""

    @property
    def test_loss(self) -> float:
        """The mean loss of the test samples after it."""

    @property
    def test_accuracy(self) -> float:
        """The share of the test samples that were right."""


def epoch_words(number: int, means: Means) -> str:
    """Say what an epoch gave."""
    loss, accuracy = short(means.test_loss), percent(means.test_accuracy)
    return f"epoch {number}: loss {short(means.loss)}, test {loss}, test accuracy {accuracy}"


def best_words(best: RankedEpoch) -> str:
    """Say which epoch is ringed."""
    by = f"best by {best.ranked_by} accuracy"
    return f"○ {by}: {percent(best.ranking.accuracy)} in epoch {best.epoch}"
