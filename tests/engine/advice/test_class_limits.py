"""Which classes a network knows, in words."""

from collections.abc import Sequence

import pytest

from engine.advice.class_limits import knows_only


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        ("01", "knows only 0 and 1"),
        ("147", "knows only 1, 4 and 7"),
        ("3", "knows only 3"),
        ("0123456789", ""),
        ("", ""),
        (("cat", "dog"), "knows only cat and dog"),
        (tuple(f"{colour} hat" for colour in "abcdefg"), ""),
    ],
)
def test_it_names_the_classes_unless_they_are_all(classes: Sequence[str], expected: str) -> None:
    assert knows_only(classes) == expected
