"""The better epoch has more held out images right, or as many with a lower loss."""

import itertools
import math
from typing import NamedTuple

import pytest

from engine.training.best_epoch import LOWEST_KEY, is_better, ranked_by, ranking_key


class Epoch(NamedTuple):
    test_accuracy: float
    test_loss: float
    validation_accuracy: float | None = None
    validation_loss: float | None = None


# From the worst to the best.
ORDERS = {
    "test": (
        Epoch(0.99, math.inf),
        Epoch(0.2, 1e30),
        Epoch(0.2, 0.1),
        Epoch(0.8, 0.5),
        Epoch(0.8, 0.4),
        Epoch(0.81, 5.0),
        Epoch(1.0, 0.02),
        Epoch(1.0, 0.01),
    ),
    "validation": (
        Epoch(0.9, 0.1, 0.9, math.inf),
        Epoch(0.99, 0.01, 0.8, 0.5),
        Epoch(0.9, 0.3, 0.85, 0.6),
        Epoch(0.1, 9.0, 0.85, 0.55),
    ),
}


@pytest.mark.parametrize("name", ORDERS)
def test_epochs_are_ordered_by_accuracy_then_by_loss(name: str) -> None:
    for worse, better in itertools.combinations(ORDERS[name], 2):
        assert LOWEST_KEY < ranking_key(worse) < ranking_key(better)
    assert {ranked_by(epoch) for epoch in ORDERS[name]} == {name}


def test_what_is_no_number_is_as_bad_as_infinite() -> None:
    for losses in ((math.nan, 0.1), (0.1, math.nan), (math.inf, 0.1)):
        epoch = Epoch(0.9, losses[0], 0.9, losses[1])
        for other in (Epoch(0.1, 2.0, 0.1, 2.0), Epoch(0.1, 2.0)):
            assert ranking_key(epoch) < ranking_key(other)


def test_of_a_run_that_is_validated_now_and_then_only_those_epochs_count() -> None:
    run = (Epoch(0.99, 0.1), Epoch(0.7, 0.4, 0.8, 0.5), Epoch(0.95, 0.2), Epoch(0.6, 0.5, 0.9, 0.4))
    assert max(run, key=ranking_key) == run[3]
    assert max(run[:3], key=ranking_key) == run[1]


def test_an_epoch_without_validation_is_compared_by_the_test_samples() -> None:
    alone, validated = Epoch(0.9, 0.3), Epoch(0.95, 0.3, 0.8, 0.5)
    assert is_better(validated, alone)
    assert not is_better(alone, validated)
    later = Epoch(0.7, 0.5, 0.85, 0.5)
    assert is_better(later, validated)
    assert not is_better(validated, later)
