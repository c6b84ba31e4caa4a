"""Reading and writing of numbers and lists in forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.forms.number_text import (
    format_number,
    format_numbers,
    next_step,
    parse_number,
    parse_numbers,
)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("3380", (3380,)),
        ("5x26x26", (5, 26, 26)),
        ("5×26×26", (5, 26, 26)),
        ("5 X 26 * 26", (5, 26, 26)),
        ("5, 26, 26", (5, 26, 26)),
        (" 5 26 26 ", (5, 26, 26)),
        ("-1", (-1,)),
        ("−1", (-1,)),
        ("5, -1", (5, -1)),
        ("5 -1", (5, -1)),
        ("0,1", (0, 1)),
        ("0-9", tuple(range(10))),
        ("0-2, 5, 7 – 9", (0, 1, 2, 5, 7, 8, 9)),
    ],
)
def test_lists_are_read_as_people_write_them(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_numbers(text) == numbers


@pytest.mark.parametrize(
    "text", ["", "x", "five", "1.5", "5x", "9-0", "0-99999", "1__0", "9" * 20, "--1", "1e3", "0-"]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a (whole number|range)"):
        parse_numbers(text)


@given(st.lists(st.integers(0, 255), min_size=1, unique=True))
def test_sets_are_read_back(numbers: list[int]) -> None:
    assert parse_numbers(format_numbers(tuple(numbers), shape=False)) == tuple(numbers)


@given(st.lists(st.integers(1, 10**7) | st.just(-1), min_size=1, max_size=3))
def test_shapes_are_read_back(numbers: list[int]) -> None:
    assert parse_numbers(format_numbers(tuple(numbers), shape=True)) == tuple(numbers)


def test_sets_in_a_row_are_written_as_a_range() -> None:
    assert format_numbers(tuple(range(10)), shape=False) == "0-9"
    assert format_numbers((0, 1), shape=False) == "0, 1"
    assert format_numbers((1, 3, 4), shape=False) == "1, 3, 4"


@pytest.mark.parametrize(
    ("number", "text"),
    [(3.0, "3"), (0.1, "0.1"), (0.001, "0.001"), (1e-8, "1e-8"), (1000.0, "1000"), (0.30, "0.3")],
)
def test_numbers_are_written_with_the_digits_that_they_need(number: float, text: str) -> None:
    assert format_number(number) == text
    assert parse_number(text) == number


def test_a_comma_is_read_as_a_point() -> None:
    assert parse_number("0,25") == 0.25
    for text in ("inf", "nan", "", "1_0", "1,0,0"):
        with pytest.raises(ValueError, match=r"not a number|could not convert"):
            parse_number(text)


def test_steps_go_through_one_two_five() -> None:
    up, down = [0.1], [0.1]
    for _ in range(6):
        up.append(next_step(up[-1], up=True))
        down.append(next_step(down[-1], up=False))
    assert up == [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]
    assert down == [0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001]
    assert (next_step(0.3, up=True), next_step(0.3, up=False)) == (0.5, 0.2)
