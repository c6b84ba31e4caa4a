"""Whatever the rule keeps of a run is held until it is written, as far as memory has room."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.stack import Stack
from engine.runs.held_moments import LEAST_SIZE, HeldMoments
from engine.runs.kept_epochs import epochs_to_keep, is_power_of_two
from engine.runs.pending_writes import EpochState
from engine.training.best_epoch import RankingKey

NUMBERS = 2 * LEAST_SIZE  # of float32 in a moment
SIZE = 4 * NUMBERS


def moment(epoch: int, test_loss: float = 1.0, numbers: int = NUMBERS) -> EpochState:
    """Return a moment of so many numbers; its memory is not touched."""
    weights = {1: {"kernels": np.empty(numbers, np.float32)}}
    return EpochState(
        epoch, RankingKey(True, False, 0.5, -test_loss), Stack((), (1, 1, 1)), 0.1, weights
    )


def run_through(held: HeldMoments, losses: list[float], numbers: int = NUMBERS) -> None:
    """Add the moments of a run that are wanted, with the best and the last, as a recorder does."""
    lowest = math.inf
    for epoch, loss in enumerate(losses, 1):
        best, lowest = loss < lowest, min(loss, lowest)
        if held.wants(epoch) or best or epoch == len(losses):
            held.add(moment(epoch, loss, numbers), best=best)


def epochs_of(moments: list[EpochState]) -> list[int]:
    return [each.epoch for each in moments]


@given(
    losses=st.lists(st.floats(0.0, 1.0, width=16), min_size=1, max_size=300),
    most=st.integers(1, 60),
)
def test_what_the_rule_keeps_at_the_end_is_there_however_long_the_run_was(
    losses: list[float], most: int
) -> None:
    held = HeldMoments()
    held.room = most * SIZE
    run_through(held, losses)
    best = losses.index(min(losses)) + 1
    kept = epochs_to_keep(range(len(losses) + 1), most, best=best)
    found = epochs_of(held.take_all())
    assert found == sorted(found)
    assert kept - {0} <= {*found}  # epoch 0 is written at once
    few = most + 3 + len([epoch for epoch in range(len(losses)) if is_power_of_two(epoch)])
    assert len(found) <= few


@pytest.mark.parametrize("numbers", [NUMBERS, 1], ids=["large", "tiny"])
def test_memory_is_bounded_whatever_is_to_be_kept(
    monkeypatch: pytest.MonkeyPatch, numbers: int
) -> None:
    monkeypatch.setattr("engine.runs.held_moments.MOST_HELD", 20 * max(4 * numbers, LEAST_SIZE))
    held = HeldMoments()
    losses = [1.0] * 1000
    losses[700] = 0.5
    run_through(held, losses, numbers)
    found = epochs_of(held.take_all())
    assert len(found) <= 20
    assert {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 701, 1000} <= {*found}
    others = [epoch for epoch in found if not is_power_of_two(epoch)]
    assert set(range(128, 1001, 128)) - {512, *others} <= {128, 256}  # thinned by halves, all over


def test_no_newer_one_that_is_not_for_ever_is_held_beside_the_newest() -> None:
    held = HeldMoments()
    held.room = 4 * SIZE
    for epoch in range(1, 9):
        held.add(moment(epoch), best=False)
    for epoch in (9, 10, 11):
        held.add(moment(epoch, 0.1 if epoch == 9 else 1.0), best=epoch == 9)
    assert epochs_of(held.take_all()) == [1, 2, 4, 8, 9, 11]


def test_the_newest_is_taken_first_with_the_best_once_it_stays_or_else_a_power_of_two(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = HeldMoments()
    for epoch in range(1, 7):
        held.add(moment(epoch), best=epoch == 3)
    assert epochs_of(held.take(has_time=False)) == []
    assert epochs_of(held.take(has_time=True)) == [3, 6]
    held.add(moment(7), best=True)
    held.add(moment(8), best=False)
    assert epochs_of(held.take(has_time=True)) == [4, 8]
    assert epochs_of(held.take(has_time=True)) == [2, 7]
    for epoch in (9, 10):
        held.add(moment(epoch), best=False)
    monkeypatch.setattr("engine.runs.held_moments.MOST_HELD", 2 * SIZE)
    assert epochs_of(held.take(has_time=False)) == [9, 10]
    assert epochs_of(held.take_all()) == [1, 5]
    assert not held
    assert held.take(has_time=True) == []
