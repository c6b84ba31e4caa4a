"""Names that users gave become names of files."""

from pathlib import Path

import pytest

from engine.text.file_names import as_file_name


@pytest.mark.parametrize("name", ["best of all", "Größe 3, 0.5", "学習 №1", "v1.2", "-", "console"])
def test_most_names_stay_as_they_are(name: str, tmp_path: Path) -> None:
    assert as_file_name(name) == name
    (tmp_path / name).touch()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("a/b", "a-b"),
        ("../../etc", "-..-etc"),
        (r"C:\new?", "C-new-"),
        ("lr 0.1 → 0.3 | <seed> *", "lr 0.1 → 0.3 - -seed- -"),
        ("two\nlines\tand more", "two lines and more"),
        ("a\x00b\x1b", "a-b-"),
        (".hidden.", "hidden"),
        (" . ", ""),
        ("", ""),
        ("NUL", "NUL-"),
        ("com1.final", "com1-.final"),
        ("\ud800", "-"),
    ],
)
def test_what_a_system_refuses_is_left_out(name: str, file: str) -> None:
    assert as_file_name(name) == file


def test_a_long_name_leaves_room_for_an_ending_and_ends_with_a_whole_letter(tmp_path: Path) -> None:
    for letter in "aä学🙂":
        found = as_file_name(letter * 1_000)
        assert set(found) == {letter}
        assert 190 < len(found.encode()) <= 200
        (tmp_path / f"{found}-copy").touch()
    assert as_file_name("a" * 199 + " b") == "a" * 199
