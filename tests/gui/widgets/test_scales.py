"""Ranges of axes, and round ticks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.widgets.scales import (
    linear,
    linear_ticks,
    log_ticks,
    logarithmic,
)


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
