"""Class limits: a network takes every image for one of the classes that it was trained with."""

from collections.abc import Sequence

DIGITS = range(10)


def knows_only(classes: Sequence[int]) -> str:
    """Return that a network knows only these classes; empty if it knows all ten digits."""
    if set(classes) >= set(DIGITS) or not classes:
        return ""
    *first, last = (str(name) for name in classes)
    return f"knows only {', '.join(first)} and {last}" if first else f"knows only {last}"
