"""Tables as CSV, in which numbers are written so that they are read back the same."""

import io
from collections.abc import Iterable, Sequence

import numpy as np

from engine.array_types import Array


def csv_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write rows under a head."""
    import csv  # which the window does not need at its start

    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(head)
    table.writerows(rows)
    return file.getvalue().encode("utf-8", "replace")


def numbered(values: Array, *first: object) -> Iterable[Sequence[object]]:
    """Return a row for each value of an array: `first`, its place on each axis from 1, itself."""
    for place, value in np.ndenumerate(values):
        yield *first, *(number + 1 for number in place), value.item()
