"""How numbers are written."""

import pytest

from gui.widgets.number_words import briefest, confidence, percent


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.05, "−0.05"),
        (43.0, "40"),
        (-80_000.0, "−8e4"),
        (123_456.0, "1e5"),
        (0.00031, "3e−4"),
        (4.6e9, "5e9"),
        (float("inf"), "∞"),
    ],
)
def test_the_briefest_takes_the_fewest_letters(value: float, text: str) -> None:
    assert briefest(value) == text


def test_a_share_that_is_not_finite_is_said_so() -> None:
    assert percent(float("nan")) == "not finite"


@pytest.mark.parametrize(
    ("output", "text"),
    [
        (0.994, "99 %"),
        (7.0, "100 %"),
        (-1.0, "0 %"),
        (float("inf"), "100 %"),
        (float("nan"), "– %"),
    ],
)
def test_confidence_is_cut_off_and_there_is_none_where_there_is_no_number(
    output: float, text: str
) -> None:
    assert confidence(output) == text
