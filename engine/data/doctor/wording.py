"""How findings write numbers, shares and lists."""

from collections.abc import Sequence

_MOST = 5  # that are listed by name


def count(number: int, noun: str, plural: str = "") -> str:
    """Write a number with its noun: `1 image`, `2,000 images`, `3 classes`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def verb(number: int, one: str, several: str) -> str:
    """Choose the verb that goes with a number."""
    return one if number == 1 else several


def share(part: float) -> str:
    """Write a share with three digits at most: `31.4 %`, `90 %`, `0.0123 %`."""
    return f"{100 * part:.3g} %"


def listed(names: Sequence[str]) -> str:
    """List names, the first few of many: `a, b, c, d, e and 12 more`."""
    if len(names) <= _MOST + 1:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST])} and {len(names) - _MOST:,} more"
