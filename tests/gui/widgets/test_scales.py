"""Ranges of axes, and round ticks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.widgets.scales import growing, linear, linear_ticks, log_ticks, logarithmic
from tests.approved import assert_approved


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


LINEAR = (
    *((-0.02, 1.05, 6), (0, 20, 5), (0, 2500, 3), (-1, 1, 2), (0, 2e-6, 2), (0, 50_000, 2)),
    *((0, 205_000, 4), (0, 205_000, 5), (-3e30, 3e30, 3), (100_000, 100_004, 2), (5, 5.00005, 3)),
)
LOGARITHMIC = (
    *((1e3, 1e7, 5), (2.1, 4.4, 5), (2.1, 4.4, 2), (5.5e-12, 1.15e-11, 5), (0.0011, 0.9, 2)),
    *((0.001, 10, 5), (1, 10, 5), (0.0035, 0.03, 3), (1e-9, 1, 5)),
)


def test_ticks_are_round() -> None:
    lines = []
    for ticks, ranges in ((linear_ticks, LINEAR), (log_ticks, LOGARITHMIC)):
        for low, high, most in ranges:
            texts = "  ".join(text for _, text in ticks(low, high, most))
            lines.append(f"{ticks.__name__}, {low} to {high}, {most} at most: {texts}\n")
    assert_approved("ticks.txt", "".join(lines))


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 12), st.booleans())
def test_ticks_are_few_inside_and_in_order(low: float, width: float, most: int, log: bool) -> None:
    first, last = logarithmic(width, width * (1 + abs(low))) if log else linear(low, low + width)
    found = log_ticks(first, last, most) if log else linear_ticks(first, last, most)
    values = [value for value, _ in found]
    assert values == sorted(set(values))
    assert len(values) <= most + 4
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
