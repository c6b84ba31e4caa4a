"""Which classes a network knows, in words."""

import pytest

from engine.advice.class_limits import knows_only


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        ((0, 1), "knows only 0 and 1"),
        ((1, 4, 7), "knows only 1, 4 and 7"),
        ((3,), "knows only 3"),
        (tuple(range(10)), ""),
        ((), ""),
    ],
)
def test_it_names_the_classes_unless_they_are_all(classes: tuple[int, ...], expected: str) -> None:
    assert knows_only(classes) == expected
