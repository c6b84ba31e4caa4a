"""How numbers are written."""

import pytest

from gui.widgets.number_words import briefest, confidence, epoch, infinite, percent, short, tight


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1.000"),
        (0.0123, "0.01230"),
        (12.3456, "12.35"),
        (1234.5, "1,234"),
        (123456.0, "123,500"),
        (0.99996, "1.000"),
        (-2.5, "−2.500"),
        (7.6123e-4, "0.0007612"),
        (7.6123e-5, "7.612e−5"),
        (-1.2e-5, "−1.2e−5"),
        (3.0e9, "3e9"),
        (float("nan"), "not finite"),
        (float("inf"), "not finite"),
    ],
)
def test_four_significant_digits(value: float, text: str) -> None:
    assert short(value) == text


def test_fewer_digits() -> None:
    assert short(0.98765, 3) == "0.988"
    assert short(12345, 3) == "12,300"


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


@pytest.mark.parametrize(
    ("share", "text"),
    [(1.0, "100 %"), (0.995, "99.5 %"), (0.9999, "99.9 %"), (0.0, "0.0 %"), (0.29, "29.0 %")],
)
def test_a_hundred_percent_is_all(share: float, text: str) -> None:
    assert percent(share) == text


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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.004, "≈0"),
        (-0.004, "≈0"),
        (0.006, ".01"),
        (-0.09, "−.09"),
        (1.254, "1.25"),
    ],
)
def test_tight_numbers_say_zero_of_zero_alone(value: float, text: str) -> None:
    assert tight(value, 2) == text


def test_what_is_not_finite_has_a_brief_word() -> None:
    values = (float("nan"), float("inf"), float("-inf"), 0.0, 1e300)
    assert [infinite(value) for value in values] == ["NaN", "∞", "−∞", "", ""]


@pytest.mark.parametrize(
    ("position", "text"), [(0.0, "epoch 0"), (2.349, "epoch 2.35"), (1234.0, "epoch 1,234")]
)
def test_times_are_epochs(position: float, text: str) -> None:
    assert epoch(position) == text
