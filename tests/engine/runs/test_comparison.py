"""Two networks side by side: against plain loops and sums of binomials."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runs.comparison import SideBySide, mcnemar, side_by_side, spread, why_other_samples
from engine.runs.predictions import KeptSamples, RunPredictions
from tests.approved import assert_approved
from tests.engine.runs.test_predictions import part


def predictions(labels: list[int], *said: list[int], classes: int = 2) -> RunPredictions:
    outputs = [np.eye(classes)[np.array(row, np.int64)] for row in said]
    return RunPredictions.of(KeptSamples.of(part(labels, classes)), enumerate(outputs))


def counted(only_first: int, only_second: int) -> SideBySide:
    """Two networks that differ on so many images."""
    none = np.empty(0, np.int64)
    return SideBySide(none, np.arange(only_first), np.arange(only_second), none)


@given(st.lists(st.tuples(*[st.integers(0, 1)] * 3), min_size=1, max_size=30))
def test_samples_are_sorted_by_who_was_right(rows: list[tuple[int, int, int]]) -> None:
    labels, one, other = map(list, zip(*rows, strict=True))
    groups = side_by_side(predictions(labels, labels, one), predictions(labels, other))
    expected: dict[tuple[bool, bool], list[int]] = {}
    for place, (label, first, second) in enumerate(rows):
        expected.setdefault((label == first, label == second), []).append(place)
    assert groups.both_right.tolist() == expected.get((True, True), [])
    assert groups.only_first.tolist() == expected.get((True, False), [])
    assert groups.only_second.tolist() == expected.get((False, True), [])
    assert groups.both_wrong.tolist() == expected.get((False, False), [])


@pytest.mark.parametrize(
    ("first", "second"), [(0, 0), (1, 0), (5, 5), (29, 11), (11, 29), (0, 12), (300, 380)]
)
def test_the_p_value_is_that_of_the_exact_test(first: int, second: int) -> None:
    count = first + second
    plain = sum(math.comb(count, k) for k in range(min(first, second) + 1)) * 2 / 2**count
    assert mcnemar(first, second) == pytest.approx(min(1.0, plain), rel=1e-12)


def test_what_is_said_of_the_test_is_approved() -> None:
    said = ""
    for pair in ((0, 0), (29, 11), (11, 14), (0, 1), (7, 7), (2000, 1000)):
        groups = counted(*pair)
        said += f"{pair}: {groups.sentence('A', 'B')} {groups.caveat}".rstrip() + "\n"
    assert_approved("comparison.txt", said)


def test_other_samples_are_not_compared() -> None:
    one = predictions([0, 1], [0, 1])
    assert why_other_samples(one, predictions([0, 1], [1, 1])) == ""
    assert "other images" in why_other_samples(one, predictions([1, 0], [0, 1]))
    assert "no predictions of any epoch" in why_other_samples(one, predictions([0, 1]))


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20))
def test_the_spread_is_that_of_a_sample(values: list[float]) -> None:
    found = spread(values)
    mean = math.fsum(values) / len(values)
    squares = math.fsum((value - mean) ** 2 for value in values)
    assert found.mean == pytest.approx(mean, abs=1e-9)
    assert found.deviation == pytest.approx(math.sqrt(squares / (len(values) - 1)), abs=1e-6)
    assert (found.count, found.lowest, found.highest) == (len(values), min(values), max(values))


def test_one_value_has_no_spread() -> None:
    found = spread([0.5])
    assert (found.mean, found.deviation) == (statistics.fmean([0.5]), None)
