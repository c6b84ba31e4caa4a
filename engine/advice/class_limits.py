"""Class limits: a network takes every image for one of the classes that it was trained with."""

from collections.abc import Collection, Sequence

from engine.text.words import joined

DIGITS = frozenset(str(digit) for digit in range(10))
_MOST_NAMES = 6  # of more classes, or words, a list would be too long


def are_digits(class_names: Collection[str]) -> bool:
    """Return whether classes are digits, which is taken for granted where none is known."""
    return DIGITS.issuperset(class_names)


def knows_only(class_names: Sequence[str]) -> str:
    """Return that a network knows only these classes.

    Empty if it knows all ten digits, or so many classes that they are seen beside their outputs.
    """
    if not class_names or DIGITS.issubset(class_names):
        return ""
    if not are_digits(class_names) and len(class_names) > _MOST_NAMES:
        return ""
    return f"knows only {joined(class_names)}"
