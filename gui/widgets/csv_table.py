"""Tables for spreadsheets, in which numbers are written so that they are read back the same.

Names come from files, and a spreadsheet would compute one that looks like a formula. An apostrophe
before it makes it a text, as OWASP advises.
"""

import io
import math
from collections.abc import Iterable, Sequence

import numpy as np

from engine.array_types import Array

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a formula may begin with


def csv_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write rows under a head."""
    import csv  # which the window does not need at its start

    file = io.StringIO()
    table = csv.writer(file)  # whose ends of lines have both signs: what has one is quoted on 3.11
    table.writerow(map(_inert, head))
    table.writerows(map(_inert, row) for row in rows)
    return file.getvalue().encode("utf-8", "replace")


def numbered(values: Array, *first: object) -> Iterable[Sequence[object]]:
    """Return a row for each value of an array: `first`, its place on each axis from 1, itself."""
    for place, value in np.ndenumerate(values):
        yield *first, *(number + 1 for number in place), value.item()


def _inert(value: object) -> object:
    """Return a cell that no spreadsheet computes: numbers, and texts that begin like no formula."""
    if not isinstance(value, str) or not value.startswith(_FORMULA) or _is_number(value):
        return value
    return f"'{value}"


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
