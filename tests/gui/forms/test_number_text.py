"""Reading and writing of numbers and lists in forms."""

import pytest

from gui.forms.inputs import (
    next_step,
    parse_number,
    parse_numbers,
)


@pytest.mark.parametrize(
    "text", ["", "x", "five", "1.5", "5x", "9-0", "0-99999", "1__0", "9" * 20, "--1", "1e3", "0-"]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a (whole number|range)"):
        parse_numbers(text)


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
