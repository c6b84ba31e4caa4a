"""Histograms: counts as numpy makes them, of values and of sizes."""

import math

import numpy as np
import pytest

from engine.compute.histogram import count_sizes, count_values, counted


def test_of_many_values_some_are_counted_from_all_places() -> None:
    values = np.tile(np.arange(100.0), 4000)
    found = count_values(values)
    assert 10_000 < found.counts.sum() <= 50_000
    assert (found.low, found.high) == (0.0, 99.0)
    assert found.mean == pytest.approx(49.5, abs=0.5)


def test_values_that_are_not_finite_are_counted_apart() -> None:
    found = count_values(np.array([1.0, np.nan, 3.0, np.inf]))
    assert (found.non_finite, found.low, found.high, found.counts.sum()) == (2, 1.0, 3.0, 2)
    assert count_values(np.array([np.nan])).counts.sum() == 0
    assert count_values(np.full(7, 0.5)).counts[0] == 7


@pytest.mark.parametrize("size", [1, 50_000, 50_001, 400_000])
def test_what_is_counted_is_spread_over_all(size: int) -> None:
    places = np.arange(size)[counted(size)]
    assert len(places) == size if size <= 50_000 else 10_000 < len(places) <= 50_000
    assert places[0] == 0
    assert size - places[-1] <= 2 * math.ceil(size / 50_000)


def test_sizes_are_counted_by_their_powers_of_ten() -> None:
    rng = np.random.default_rng(0)
    values = (10.0 ** rng.uniform(-6, -2, 3000) * rng.choice([-1, 1], 3000)).astype(np.float32)
    found = count_sizes(values)
    sizes = np.abs(values.astype(float))
    assert (found.low, found.high) == (sizes.min(), sizes.max())
    assert found.mean == pytest.approx(sizes.mean())
    assert found.deviation == pytest.approx(sizes.std())
    counts, _ = np.histogram(np.log10(sizes), bins=29)  # Rice: 2 · 3000^(1/3) = 28.8
    assert np.abs(found.counts - counts).sum() <= 2, "but for values on an edge"


def test_what_has_no_size_beside_the_others_is_counted_apart() -> None:
    found = count_sizes(np.array([0.0, -1.0, 2.0, 1e-12, 0.0, np.nan]))
    assert (found.zeros, found.non_finite, found.counts.sum()) == (3, 1, 2)
    assert (found.low, found.high) == (1.0, 2.0)
    assert found.mean == pytest.approx(0.6)
    nothing = count_sizes(np.zeros(5))
    assert (nothing.zeros, nothing.counts.sum(), nothing.mean) == (5, 0, 0.0)
    assert count_sizes(np.full(4, np.inf)).non_finite == 4
