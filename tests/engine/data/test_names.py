"""Words of files are shown as letters, and long lists of names are cut."""

import csv
from pathlib import Path

import numpy as np
import pytest

from engine.data.dataset import Dataset
from engine.data.names import listed, listed_classes
from engine.data.readers.npz import read_npz
from engine.errors import DataError


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


def test_names_of_classes_can_be_told_apart_whatever_is_in_them() -> None:
    assert listed_classes(["leaf, red", "apple", "sky, blue"]) == '"leaf, red", apple, "sky, blue"'
    names = ["leaf, red", 'a "b", c', '"', "5 inch", '5" disk', ",", "ö"]
    (read,) = csv.reader([listed_classes(names, 10)], skipinitialspace=True, strict=True)
    assert read == names
    assert listed_classes(["a,b"] * 9, 2) == '"a,b", "a,b" and 7 more'
