"""Scales: where values lie, and round ticks."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.widgets.scales import Scale, growing, linear, logarithmic


def test_values_lie_where_the_axis_says() -> None:
    assert Scale(0, 4).shares(np.array([0.0, 1.0, 4.0])).tolist() == [0, 0.25, 1]
    assert Scale(0.01, 100, log=True).shares(np.array([0.01, 1.0, 100.0])) == pytest.approx(
        [0, 0.5, 1]
    )
    assert np.isnan(Scale(0.01, 100, log=True).shares(np.array([0.0, -1.0, np.nan]))).all()


@pytest.mark.parametrize("scale", [Scale(-2, 7), Scale(0.003, 40, log=True)])
def test_a_place_gives_its_value_back(scale: Scale) -> None:
    for share in (0.0, 0.2, 0.9):
        assert scale.share(scale.value(share)) == pytest.approx(share)


def test_a_range_without_width_is_shown_too() -> None:
    assert linear(3, 3).low < 3 < linear(3, 3).high
    assert logarithmic(3, 3).low < 3 < logarithmic(3, 3).high


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_a_growing_scale_wastes_a_quarter_at_most(low: float, width: float) -> None:
    scale, high = growing(low, low + width), low + width
    assert scale.low <= low
    assert scale.high >= high
    assert (scale.high - scale.low) * 0.92 <= 1.26 * (high - low) + 1e-9 * abs(low)


def test_a_growing_scale_keeps_its_end_for_a_while() -> None:
    ends = {growing(0, value).high for value in np.linspace(10, 100, 500)}
    assert len(ends) <= 15


@pytest.mark.parametrize(
    ("scale", "most", "texts"),
    [
        (Scale(-0.02, 1.05), 6, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (Scale(0, 20), 5, ["0", "5", "10", "15", "20"]),
        (Scale(0, 2500), 3, ["0", "1,000", "2,000"]),
        (Scale(-1, 1), 2, ["−1", "0", "1"]),
        (Scale(0, 2e-6), 2, ["0", "1e−6", "2e−6"]),
        (Scale(0, 50_000), 2, ["0", "50,000"]),
        (Scale(0, 205_000), 4, ["0", "1e5", "2e5"]),
        (Scale(0, 205_000), 5, ["0", "5e4", "1e5", "1.5e5", "2e5"]),
        (Scale(-3e30, 3e30), 3, ["−2e30", "0", "2e30"]),
        (Scale(100_000, 100_004), 2, ["1e5", "1.00002e5", "1.00004e5"]),
        (Scale(5, 5.00005), 3, ["5", "5.00002", "5.00004"]),
        (Scale(1e3, 1e7, log=True), 5, ["1,000", "10,000", "1e5", "1e6", "1e7"]),
        (Scale(2.1, 4.4, log=True), 5, ["2.5", "3.0", "3.5", "4.0"]),
        (Scale(2.1, 4.4, log=True), 2, ["3", "4"]),
        (Scale(5.5e-12, 1.15e-11, log=True), 5, ["6e−12", "8e−12", "1e−11"]),
        (Scale(0.0011, 0.9, log=True), 2, ["0.01", "0.1"]),
        (Scale(0.001, 10, log=True), 5, ["0.001", "0.01", "0.1", "1", "10"]),
        (Scale(1, 10, log=True), 5, ["1", "2", "5", "10"]),
        (Scale(0.0035, 0.03, log=True), 3, ["0.005", "0.01", "0.02"]),
        (Scale(1e-9, 1, log=True), 5, ["1e−8", "1e−6", "1e−4", "0.01", "1"]),
    ],
)
def test_ticks_are_round(scale: Scale, most: int, texts: list[str]) -> None:
    assert [text for _, text in scale.ticks(most)] == texts


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 12), st.booleans())
def test_ticks_are_inside_in_order_and_not_too_many(
    low: float, width: float, most: int, log: bool
) -> None:
    scale = logarithmic(width, width * (1 + abs(low))) if log else linear(low, low + width)
    values = [value for value, _ in scale.ticks(most)]
    assert values == sorted(set(values))
    assert len(values) <= most + 4
    assert all(scale.low * (1 - 1e-9) - 1e-9 <= value for value in values if log)
    room = 1e-9 * (abs(scale.low) + abs(scale.high))
    assert all(scale.low - room <= value <= scale.high + room for value in values)
    assert all(math.isfinite(scale.share(value)) for value in values)


@given(st.floats(-15, 30), st.floats(0, 12), st.integers(2, 60))
def test_a_logarithmic_axis_has_two_ticks_at_least(power: float, decades: float, most: int) -> None:
    scale = logarithmic(10**power, 10 ** (power + decades))
    ticks = scale.ticks(most)
    assert len(ticks) >= 2
    assert len({text for _, text in ticks}) == len(ticks)
    for value, text in ticks:
        assert float(text.replace(",", "").replace("−", "-")) == pytest.approx(value)


@given(st.floats(-15, 30), st.floats(-3, 3), st.integers(2, 60))
def test_texts_of_ticks_are_their_values(power: float, start: float, most: int) -> None:
    width = 10**power
    for value, text in linear(start * width, (start + 1) * width).ticks(most):
        assert float(text.replace(",", "").replace("−", "-")) == pytest.approx(value)
