"""Ranges of axes, and round ticks."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.widgets.scales import (
    Range,
    Ticks,
    growing,
    linear,
    linear_ticks,
    log_ticks,
    logarithmic,
)


def test_a_range_without_width_is_shown_too() -> None:
    for low, high in (linear(3, 3), logarithmic(3, 3)):
        assert low < 3 < high


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_a_growing_range_wastes_a_quarter_at_most(low: float, width: float) -> None:
    (first, last), high = growing(low, low + width), low + width
    assert first <= low
    assert last >= high
    assert (last - first) * 0.92 <= 1.26 * (high - low) + 1e-9 * abs(low)


def test_a_growing_range_keeps_its_end_for_a_while() -> None:
    ends = {growing(0, value)[1] for value in np.linspace(10, 100, 500)}
    assert len(ends) <= 15


@pytest.mark.parametrize(
    ("ticks", "shown", "most", "texts"),
    [
        (linear_ticks, (-0.02, 1.05), 6, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (linear_ticks, (0, 20), 5, ["0", "5", "10", "15", "20"]),
        (linear_ticks, (0, 2500), 3, ["0", "1,000", "2,000"]),
        (linear_ticks, (-1, 1), 2, ["−1", "0", "1"]),
        (linear_ticks, (0, 2e-6), 2, ["0", "1e−6", "2e−6"]),
        (linear_ticks, (0, 50_000), 2, ["0", "50,000"]),
        (linear_ticks, (0, 205_000), 4, ["0", "1e5", "2e5"]),
        (linear_ticks, (0, 205_000), 5, ["0", "5e4", "1e5", "1.5e5", "2e5"]),
        (linear_ticks, (-3e30, 3e30), 3, ["−2e30", "0", "2e30"]),
        (linear_ticks, (100_000, 100_004), 2, ["1e5", "1.00002e5", "1.00004e5"]),
        (linear_ticks, (5, 5.00005), 3, ["5", "5.00002", "5.00004"]),
        (log_ticks, (1e3, 1e7), 5, ["1,000", "10,000", "1e5", "1e6", "1e7"]),
        (log_ticks, (2.1, 4.4), 5, ["2.5", "3.0", "3.5", "4.0"]),
        (log_ticks, (2.1, 4.4), 2, ["3", "4"]),
        (log_ticks, (5.5e-12, 1.15e-11), 5, ["6e−12", "8e−12", "1e−11"]),
        (log_ticks, (0.0011, 0.9), 2, ["0.01", "0.1"]),
        (log_ticks, (0.001, 10), 5, ["0.001", "0.01", "0.1", "1", "10"]),
        (log_ticks, (1, 10), 5, ["1", "2", "5", "10"]),
        (log_ticks, (0.0035, 0.03), 3, ["0.005", "0.01", "0.02"]),
        (log_ticks, (1e-9, 1), 5, ["1e−8", "1e−6", "0.0001", "0.01", "1"]),
    ],
)
def test_ticks_are_round(
    ticks: Callable[[float, float, int], Ticks], shown: Range, most: int, texts: list[str]
) -> None:
    assert [text for _, text in ticks(*shown, most)] == texts


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 12), st.booleans())
def test_ticks_are_inside_in_order_and_not_too_many(
    low: float, width: float, most: int, log: bool
) -> None:
    first, last = logarithmic(width, width * (1 + abs(low))) if log else linear(low, low + width)
    found = log_ticks(first, last, most) if log else linear_ticks(first, last, most)
    values = [value for value, _ in found]
    assert values == sorted(set(values))
    assert len(values) <= most + 4
    assert all(first * (1 - 1e-9) - 1e-9 <= value for value in values if log)
    room = 1e-9 * (abs(first) + abs(last))
    assert all(first - room <= value <= last + room for value in values)


@given(st.floats(-15, 30), st.floats(0, 12), st.integers(2, 60))
def test_a_logarithmic_axis_has_two_ticks_at_least(power: float, decades: float, most: int) -> None:
    ticks = log_ticks(*logarithmic(10**power, 10 ** (power + decades)), most)
    assert len(ticks) >= 2
    assert len({text for _, text in ticks}) == len(ticks)
    for value, text in ticks:
        assert float(text.replace(",", "").replace("−", "-")) == pytest.approx(value)


@given(st.floats(-15, 30), st.floats(-3, 3), st.integers(2, 60))
def test_texts_of_ticks_are_their_values(power: float, start: float, most: int) -> None:
    width = 10**power
    for value, text in linear_ticks(*linear(start * width, (start + 1) * width), most):
        assert float(text.replace(",", "").replace("−", "-")) == pytest.approx(value)
