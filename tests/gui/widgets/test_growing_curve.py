"""Growing curves: raw while short, a true envelope in bounded memory when long."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gui.widgets.growing_curve import GrowingCurve, Record, Smoother


def test_few_points_are_kept_as_they_are_and_stay_so() -> None:
    series = GrowingCurve(limit=4)
    for part in (np.array([1.0, 2.0, 3.0]), np.array([4.0])):
        series.extend(part, 9 - part)
    x, y = series.points()
    assert (x.tolist(), y.tolist(), series.thinned) == ([1, 2, 3, 4], [8, 7, 6, 5], False)
    series.extend(np.arange(5.0, 50.0), np.arange(50.0, 95.0))
    assert (x.tolist(), y.tolist()) == ([1, 2, 3, 4], [8, 7, 6, 5]), "what was given stays"
    series.clear()
    assert series.points()[1].tolist() == []


def test_groups_of_four_keep_their_extremes_in_order() -> None:
    """A value that is not finite makes its group a gap."""
    for second, x_expected, y_expected in (
        (9.0, [1, 2, 4, 6], [9, 1, 0, 8]),
        (np.inf, None, [np.nan, np.nan, 0, 8]),
    ):
        series = GrowingCurve(limit=4)
        series.extend(np.arange(8.0), np.array([3.0, second, 1.0, 2.0, 0.0, 4.0, 8.0, 5.0]))
        x, y = series.points()
        assert x_expected in (None, x.tolist())
        np.testing.assert_array_equal(y, y_expected)
        assert series.thinned


@settings(max_examples=20)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=20), st.integers(0, 2**32 - 1))
def test_long_curves_stay_short_and_true(chunks: list[int], seed: int) -> None:
    raw = np.random.default_rng(seed).normal(size=sum(chunks))
    series = GrowingCurve(limit=100)
    start = 0
    for size in chunks:
        series.extend(np.arange(start, start + size, dtype=float), raw[start : start + size])
        start += size
    x, y = series.points()
    assert len(x) <= 102
    assert (np.diff(x) > 0).all()
    assert np.array_equal(raw[x.astype(int)], y)
    assert y.max() == raw.max()
    assert y.min() == raw.min()


def test_the_beginning_is_thinned_like_the_end() -> None:
    series = GrowingCurve(limit=1000)
    rng = np.random.default_rng(0)
    for start in range(0, 50_000, 500):
        series.extend(np.arange(start, start + 500.0), rng.normal(size=500))
    x, _ = series.points()
    assert 450 <= len(x) <= 1002
    early, late = np.histogram(x, bins=[0, 24_500, 49_000])[0]
    assert 0.9 < early / late < 1.1


def test_smoothing_is_the_weighted_mean_of_all_before() -> None:
    rng = np.random.default_rng(0)
    x, y = np.cumsum(rng.random(60)) / 10, rng.random(60)
    smoother = Smoother(0.25)
    got = np.concatenate([smoother.smooth(x[:7], y[:7]), smoother.smooth(x[7:], y[7:])])
    spans = np.minimum(0.25, (x - x[0]) / 4)  # short at first
    ages = np.concatenate([[0], np.cumsum(np.diff(x) / spans[1:])])
    for i in range(60):
        weights = np.exp(ages[: i + 1] - ages[i])
        assert got[i] == pytest.approx((weights * y[: i + 1]).sum() / weights.sum(), rel=1e-12)


def test_many_values_at_once_are_smoothed_as_one_by_one() -> None:
    rng = np.random.default_rng(1)
    x = np.cumsum(rng.random(900))  # some 1,800 spans
    x[600:] += 1e6
    y = rng.random(900)
    y[[5, 300, 800]] = np.nan
    smoother = Smoother(0.25)
    single = [smoother.smooth(*pair) for pair in zip(x[:, None], y[:, None], strict=True)]
    assert Smoother(0.25).smooth(x, y) == pytest.approx(np.concatenate(single), rel=1e-12)
    assert Smoother(0.25).smooth(x, y)[600] == y[600]  # what was long before counts no more


def test_smoothing_follows_a_steep_beginning_and_leaves_out_what_is_not_finite() -> None:
    x = np.linspace(0.01, 1, 100)
    got = Smoother(0.25).smooth(x, 1 / x)  # a quarter of the time ago it was at most 4 / 3 of it
    assert np.all(got[3:] < 1.5 / x[3:])
    smoother = Smoother(1.0)
    got = smoother.smooth(np.arange(4.0), np.array([np.nan, 2.0, np.inf, 2.0]))
    assert got.tolist() == pytest.approx([np.nan, 2, 2, 2], nan_ok=True)
    smoother.clear()
    assert smoother.smooth(np.array([0.0]), np.array([5.0])).tolist() == [5]


def test_a_record_keeps_every_row_while_there_are_few_and_then_the_means_of_neighbours() -> None:
    rows = np.random.default_rng(0).random((3000, 3))
    record = Record(3, limit=3000)
    for part in np.array_split(rows, 7):
        record.extend(part)
    assert np.array_equal(record.rows(), rows)
    record, values = Record(2, limit=8), np.arange(1.0, 10.0)
    record.extend(np.stack([values * 10, values], axis=1))
    assert record.rows().tolist() == [[20, 1.5], [40, 3.5], [60, 5.5], [80, 7.5], [90, 9]]
