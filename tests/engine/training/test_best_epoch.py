"""The better epoch has more test images right, or as many with a lower loss."""

import itertools
import math
from typing import NamedTuple

from engine.training.best_epoch import NO_MERIT, merit


class Epoch(NamedTuple):
    test_accuracy: float
    test_loss: float


# From the worst to the best.
ORDERED = (
    Epoch(0.99, math.inf),
    Epoch(0.2, 1e30),
    Epoch(0.2, 0.1),
    Epoch(0.8, 0.5),
    Epoch(0.8, 0.4),
    Epoch(0.81, 5.0),
    Epoch(1.0, 0.02),
    Epoch(1.0, 0.01),
)


def test_epochs_are_ordered_by_accuracy_then_by_loss() -> None:
    for worse, better in itertools.combinations(ORDERED, 2):
        assert merit(worse) < merit(better)
        assert not merit(better) < merit(worse)


def test_nothing_is_better_than_itself_and_any_epoch_is_better_than_none() -> None:
    for epoch in ORDERED:
        assert not merit(epoch) > merit(epoch)
        assert merit(epoch) > NO_MERIT
    assert not merit(Epoch(1.0, math.nan)) > merit(ORDERED[1])
