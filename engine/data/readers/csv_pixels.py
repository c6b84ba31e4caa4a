"""Read pictures and labels from CSV files: a picture a row, its label first or last."""

import io
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from engine.data.images import MAX_BYTES
from engine.data.parts import Parts, Samples, as_bytes, notes_on, numbered, pictures_of, scale_of
from engine.data.reading import opened
from engine.errors import DataError

LABELS = ("label", "class")
_SEPARATORS = ",;\t"
_LONGEST = 10_000_000  # letters of a row
_ROWS = 128  # that are read at a time: their numbers stay in the processor's cache
_HIGHEST = 255  # of whole numbers that are read fast, and their longest form in digits
_LONGEST_NUMBER = 3
_EXPECTED = "A picture a row is expected, below a row of names of which the first or last is label."

_Pixels = NDArray[Any]  # bytes if all are whole, else float32


def read_csv(path: Path) -> Parts:
    """Read the images and labels of a file, plain or gzipped.

    The first row has names; the first or the last is `label` or `class`, and all other columns are
    pixels, on a scale from 0 to 1, 16 or 255. Raises DataError if the file is damaged or holds
    something else.
    """
    with opened(path, _EXPECTED) as stream, io.TextIOWrapper(stream, "utf-8-sig") as text:
        try:
            return _read(text, path)
        except UnicodeError as fault:
            raise DataError(f"{path} is no text in UTF-8. {_EXPECTED}") from fault


def _read(text: TextIO, path: Path) -> Parts:
    lines = _lines(text, path)
    head = next(lines, "")
    separator = max(_SEPARATORS, key=head.count)
    cells = head.split(separator)
    if len(cells) < 3:
        raise DataError(f"{path} has fewer than three columns. {_EXPECTED}")
    called = [place for place, name in enumerate(cells) if name.strip(' "').lower() in LABELS]
    if called not in ([0], [len(cells) - 1]):
        raise DataError(
            f"{path} does not say which column holds the labels. Add a first row of names, with "
            "the name label for the first or the last column."
        )
    labels, pixels = _columns(lines, separator, called != [0], path)
    scale = scale_of([pixels], path.name)
    images = as_bytes(pixels, scale)
    numbers, names = numbered(_as_labels(labels), path.name)
    samples = Samples(pictures_of(images, path.name), numbers)
    return Parts(samples, None, names, notes=notes_on(scale, samples.images, in_rows=True))


def _lines(text: TextIO, path: Path) -> Iterator[str]:
    """Hand on the rows that hold something; neither one nor all of them can fill the memory."""
    total = 0
    while line := text.readline(_LONGEST):
        total += len(line)
        if len(line) == _LONGEST or total > MAX_BYTES:
            raise DataError(
                f"{path} is larger than the {MAX_BYTES // 1024**3} GiB that are read, or no CSV "
                f"file. {_EXPECTED}"
            )
        if line.strip():
            yield line.strip("\r\n")


def _columns(
    lines: Iterator[str], separator: str, at_end: bool, path: Path
) -> tuple[list[str], _Pixels]:
    """Return the labels, which are in the first column or `at_end`, and the pixels (n, columns)."""
    labels, parts = list[str](), list[_Pixels]()
    number = 2  # of the first row of the block in the file
    while block := list(itertools.islice(lines, _ROWS)):
        divided = [(line.rpartition if at_end else line.partition)(separator) for line in block]
        labels += [each[-1 if at_end else 0].strip(' "') for each in divided]
        pixels = [each[0 if at_end else -1] for each in divided]
        parts.append(_numbers(pixels, separator, number, path))
        if parts[-1].shape[1] != parts[0].shape[1]:
            raise _uneven(path, number)
        number += len(block)
    if not parts:
        raise DataError(f"{path} has no picture. {_EXPECTED}")
    return labels, np.concatenate(parts)


def _numbers(rows: list[str], separator: str, number: int, path: Path) -> _Pixels:
    """Read rows of numbers, of which the first has that number in the file."""
    if not all(map(str.strip, rows)):  # loadtxt would leave them out, and labels go astray
        raise DataError(f"{path} has a row that is too short, from row {number:,} on. {_EXPECTED}")
    if (whole := read_whole_numbers(rows, separator)) is not None:
        return whole
    for place, row in enumerate(rows):
        if row.count(separator) != rows[0].count(separator):
            raise _uneven(path, number + place)
    try:
        return np.loadtxt(rows, np.float32, comments=None, delimiter=separator, ndmin=2)
    except ValueError as fault:
        raise DataError(
            f"{path} has something other than pixels from row {number:,} on: {fault}. {_EXPECTED}"
        ) from fault


def _uneven(path: Path, number: int) -> DataError:
    return DataError(f"{path} has rows of different length from row {number:,} on.")


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
    if not (lengths.min() >= 1 and lengths.max() <= _LONGEST_NUMBER):
        return None
    values = digits[ends - 1].astype(np.uint16)
    for place in range(1, _LONGEST_NUMBER):
        longer = np.flatnonzero(lengths > place)
        values[longer] += digits[ends[longer] - 1 - place] * np.uint16(10**place)
    if values.max() > _HIGHEST:
        return None
    numbers: NDArray[np.uint8] = values.astype(np.uint8).reshape(len(rows), columns)
    return numbers


def _as_labels(column: list[str]) -> NDArray[Any]:
    if all(_is_number(cell) for cell in set(column)):
        return np.array(column, dtype=np.float64)
    return np.array(column)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell.isascii() and "_" not in cell  # unlike a number of Python's
