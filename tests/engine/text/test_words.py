import math

import pytest

from engine.text import words


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (9.4, "0:09"),
        (59.6, "1:00"),
        (725, "12:05"),
        (3600, "1:00:00"),
        (90061, "25:01:01"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.44, "0.4 s"), (9.94, "9.9 s"), (9.96, "0:10"), (725, "12:05")]
)
def test_what_took_a_short_time_is_told_in_tenths(seconds: float, text: str) -> None:
    assert words.time_taken(seconds) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.99519, "99.52 %"),
        (0.0, "0.00 %"),
        (0.1, "10.00 %"),
        (0.9999, "99.99 %"),
        (9_999_999 / 10_000_000, "99.99 %"),  # not all
        (1.0, "100 %"),
        (math.nan, "not finite"),
    ],
)
def test_an_accuracy_has_two_decimals_and_a_hundred_percent_is_all(share: float, text: str) -> None:
    assert words.percent(share) == text


def test_counts_and_shapes() -> None:
    assert words.count(1, "epoch") == "1 epoch"
    assert words.count(2000, "epoch") == "2,000 epochs"
    assert words.count(12345.25, "epoch") == "12,345.25 epochs"
    assert [words.count(each, "epoch") for each in (0.0, 1.0)] == ["0 epochs", "1 epoch"]
    assert words.count(7 / 3, "epoch") == "2.333 epochs"
    assert words.shape((5, 26, 26)) == "5×26×26"
    assert words.shape(None) == "–"


def test_a_table_aligns_its_columns() -> None:
    assert words.table([["a", "bb"], ["ccc", "d"]], "<>") == ["a    bb", "ccc   d"]


def test_a_row_of_a_table_is_one_line() -> None:
    assert words.table([["a\nb", "1"], ["c\r\n  d", "22"]], "<>") == ["a b     1", "c   d  22"]
