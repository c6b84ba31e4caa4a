"""Which epochs stay: the important ones, and of the others fewer and fewer, all over the run."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from engine.runs.kept_epochs import epochs_to_keep, is_power_of_two

EPOCHS = st.sets(st.integers(0, 300), min_size=1)


def test_powers_of_two() -> None:
    assert [epoch for epoch in range(100) if is_power_of_two(epoch)] == [1, 2, 4, 8, 16, 32, 64]


def test_all_stay_where_there_is_room() -> None:
    assert epochs_to_keep(range(21), 21, best=13) == frozenset(range(21))


def test_others_are_thinned_by_halves() -> None:
    kept = epochs_to_keep(range(101), 30, best=97, bookmarks=[33])
    assert kept == {0, 1, 2, 4, 8, 16, 32, 64, 97, 33, 100} | set(range(0, 101, 4))


def test_where_there_is_hardly_room_the_last_and_the_best_stay() -> None:
    assert epochs_to_keep(range(50), 0, best=7) == {49}
    assert epochs_to_keep(range(50), 1, best=7) == {49}
    assert epochs_to_keep(range(50), 2, best=7) == {49, 7}
    assert epochs_to_keep(range(50), 4, best=7, bookmarks=[9]) == {49, 7, 9, 0}


@given(EPOCHS, st.integers(0, 60), st.integers(0, 300), st.sets(st.integers(0, 300), max_size=5))
def test_the_number_holds_and_the_last_stays(
    epochs: set[int], most: int, best: int, bookmarks: set[int]
) -> None:
    kept = epochs_to_keep(epochs, most, best=best, bookmarks=bookmarks)
    assert kept <= epochs
    assert len(kept) <= max(most, 1)
    assert max(epochs) in kept
    if most >= len(epochs):
        assert kept == epochs


@given(st.integers(8, 40), st.integers(1, 400))
def test_no_gap_of_a_growing_run_is_much_larger_than_others(most: int, epochs: int) -> None:
    """Thin after each epoch, as a run does: what stays is spread over it all the same."""
    kept: frozenset[int] = frozenset()
    for epoch in range(epochs + 1):
        kept = epochs_to_keep(kept | {epoch}, most, best=None)
    gaps = [after - before for before, after in itertools.pairwise(sorted(kept))]
    room = most - 2 - len([epoch for epoch in range(epochs) if is_power_of_two(epoch)])
    if room >= 1:
        assert max(gaps, default=0) <= 4 * (epochs / room + 1)
