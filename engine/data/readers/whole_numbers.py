"""Read rows of whole numbers from text, many times sooner than numpy reads numbers of any kind."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_HIGHEST = 255
_LONGEST = 3  # digits


def read_whole_numbers(rows: Sequence[str], separator: str) -> NDArray[np.uint8] | None:
    """Read rows of numbers from 0 to 255 with separators between: (rows, columns).

    None if there is anything else in them, such as a sign, a point, a space, an empty cell or rows
    of different length.
    """
    columns = rows[0].count(separator) + 1
    if any(row.count(separator) != columns - 1 for row in rows):
        return None
    try:
        letters = np.frombuffer(separator.join([*rows, ""]).encode("ascii"), np.uint8)
    except UnicodeEncodeError:
        return None
    digits = letters - np.uint8(ord("0"))  # what comes before 0 wraps, and is beyond 9 too
    ends = np.flatnonzero(digits > 9)
    if len(ends) != len(rows) * columns or (letters[ends] != ord(separator)).any():
        return None
    lengths = ends.copy()
    lengths[1:] -= ends[:-1] + 1
    if not (lengths.min() >= 1 and lengths.max() <= _LONGEST):
        return None
    values = digits[ends - 1].astype(np.uint16)
    for place in range(1, _LONGEST):
        longer = np.flatnonzero(lengths > place)
        values[longer] += digits[ends[longer] - 1 - place] * np.uint16(10**place)
    if values.max() > _HIGHEST:
        return None
    numbers: NDArray[np.uint8] = values.astype(np.uint8).reshape(len(rows), columns)
    return numbers
