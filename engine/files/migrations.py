"""Bring the description of an older project file up to the present format, one format at a time."""

from collections.abc import Callable
from typing import Any

FORMAT = 1

# By the format that it starts from; each gives the description as the next format has it.
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}

# Settings that format 1 had not from its start. A file holds them only where they say something,
# so that an older version opens all files that do not use them.
LATER_SETTINGS = (
    *("test_split", "copies", "image_size", "colour", "fit", "background", "scaling"),
    *("shift", "rotate", "zoom", "noise", "flip"),
    "drawings",
)


def is_known(number: object) -> bool:
    """Return whether there is a way from this file format to the present one."""
    return type(number) is int and (number == FORMAT or number in MIGRATIONS)


def bring_up_to_date(description: dict[str, Any]) -> dict[str, Any]:
    """Go from the format that a description names, a known one, to the present format."""
    for number in range(description["format"], FORMAT):
        description = {**MIGRATIONS[number](description), "format": number + 1}
    return description
