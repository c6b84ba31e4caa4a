"""Whoever a text is from, letters alone of it are shown."""

import pytest

from engine.text.letters import encodable, printable, printable_lines


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("e\u0301t\u00e9", "\u00e9t\u00e9"),
        ("two\nlines", "two\ufffdlines"),
        ("\x1b[31mred", "\ufffd[31mred"),
        ("turned \u202eround", "turned \ufffdround"),
        ("no\u00a0break", "no break"),
        ("\u0645\u06cc\u200c\u0631\u0648\u062f", "\u0645\u06cc\u200c\u0631\u0648\u062f"),
    ],
)
def test_a_name_is_one_line_of_letters(name: str, shown: str) -> None:
    assert printable(name) == shown


def test_lines_stay_lines_and_each_is_as_it_was_written() -> None:
    assert printable_lines("e\u0301\n\n\x1b]0;title\x07\r\udce9") == (
        "e\u0301\n\n\ufffd]0;title\ufffd\ufffd\ufffd"
    )


def test_bytes_that_are_no_letters_can_be_written() -> None:
    assert encodable("näher") == "näher"
    assert encodable("caf\udce9") == "caf?"
