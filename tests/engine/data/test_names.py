"""Names are shown as one line of letters, and long lists of them are cut."""

from pathlib import Path

import numpy as np
import pytest

from engine.data.dataset import Dataset
from engine.data.names import listed, printable
from engine.data.readers.npz import read_npz
from engine.errors import DataError


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


def test_words_are_shown_so_too_and_are_one_class_if_they_look_alike(tmp_path: Path) -> None:
    labels = np.array(["\x1b[2Jx", "e\u0301", "\u00e9", "b"])
    np.savez(tmp_path / "x.npz", x=np.zeros((4, 2, 2), np.uint8), y=labels)
    parts = read_npz(tmp_path / "x.npz")
    assert parts.class_names == ("b", "\u00e9", "\ufffd[2Jx")
    assert parts.training.numbers.tolist() == [2, 1, 1, 0]


def test_long_lists_are_cut() -> None:
    assert listed("abcdef") == "a, b, c, d, e, f"
    assert listed("abcdefg") == "a, b, c, d, e and 2 more"
    many = Dataset(np.zeros((300, 1, 2, 2), np.uint8), np.arange(300), tuple(range(0, 600, 2)))
    with pytest.raises(DataError, match=r"are 0, 2, .*, 38 and 280 more\. Choose among these"):
        many.select([1])
