"""Read pictures and labels from CSV files: a picture a row, its label first or last."""

import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import numpy as np
from numpy.typing import NDArray

from engine.data.images import MAX_BYTES
from engine.data.parts import (
    MOST_CLASSES,
    SCALES,
    Parts,
    Samples,
    as_bytes,
    notes_on,
    numbered,
    pictures_of,
    scale_of,
)
from engine.data.readers.whole_numbers import read_whole_numbers
from engine.data.reading import opened
from engine.errors import DataError

LABELS = ("label", "class")
_SEPARATORS = ",;\t"
_LONGEST = 10_000_000  # letters of a row
_LEAST_COUNTED = 16  # columns; of fewer, a picture may well count
_ROWS = 128  # that are read at a time: their numbers stay in the processor's cache
_EXPECTED = "A picture a row is expected: numbers with commas between, the label first or last."

_Pixels = NDArray[Any]  # bytes if all are whole, else float32


class _Row(NamedTuple):
    """A row: its first and its last cell, and as text what is between them."""

    first: str
    between: str
    last: str


def read_csv(path: Path) -> Parts:
    """Read the images and labels of a file, plain or gzipped.

    A first row with names says by `label` or `class` where the labels are. Without names, they are
    in the first or the last column, if only one of these looks like it. Pixels are on a scale from
    0 to 1, 16 or 255. Raises DataError if the file is damaged or holds something else.
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
    counts = _counts(cells)
    named = not all(map(_is_number, cells if counts else cells[1:-1])) or _places(cells) != []
    has_head = named or counts
    rows = lines if has_head else itertools.chain([head], lines)
    every = (_row(line, separator) for line in rows)
    firsts, lasts, between = _columns(every, separator, 2 if has_head else 1, path)
    if not firsts:
        raise DataError(f"{path} has no picture. {_EXPECTED}")
    at_end = _is_named_last(cells, path) if named else _is_last(firsts, lasts, between, path)
    labels, other = (lasts, firsts) if at_end else (firsts, lasts)
    column = _numbers(other, separator, 1, path)
    pixels = np.concatenate([column, between] if at_end else [between, column], axis=1)
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


def _row(line: str, separator: str) -> _Row:
    first, _, rest = line.partition(separator)
    between, _, last = rest.rpartition(separator)
    return _Row(first.strip(' "'), between, last.strip(' "'))


def _counts(cells: list[str]) -> bool:
    """Return whether a row numbers the columns, as programs do that know no names."""
    numbers = [float(cell) for cell in cells if _is_number(cell)]
    counted = [numbers[0] + place for place in range(len(numbers))] if numbers else []
    return len(numbers) >= _LEAST_COUNTED and numbers == counted


def _places(names: list[str]) -> list[int]:
    """Return which columns are called as labels are."""
    called = [name.strip(' "').lower() for name in names]
    return [place for place, name in enumerate(called) if name in LABELS]


def _is_named_last(names: list[str], path: Path) -> bool:
    """Return whether the names say that the labels are in the last column, and not in the first."""
    found = _places(names)
    if found not in ([0], [len(names) - 1]):
        raise DataError(
            f"{path} has no column called label or class that is its first or its last one. Call "
            "it so, or leave the row of names out."
        )
    return found != [0]


def _columns(
    rows: Iterator[_Row], separator: str, number: int, path: Path
) -> tuple[list[str], list[str], _Pixels]:
    """Return the first and the last column as text, and the numbers between them (n, columns).

    `number` is that of the first row in the file.
    """
    firsts, lasts, parts = list[str](), list[str](), list[_Pixels]()
    while block := list(itertools.islice(rows, _ROWS)):
        firsts += [row.first for row in block]
        lasts += [row.last for row in block]
        parts.append(_numbers([row.between for row in block], separator, number, path))
        if parts[-1].shape[1] != parts[0].shape[1]:
            raise _uneven(path, number)
        number += len(block)
    return firsts, lasts, np.concatenate(parts) if parts else np.empty((0, 0), np.float32)


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


def _is_last(firsts: list[str], lasts: list[str], between: _Pixels, path: Path) -> bool:
    """Return whether the labels are in the last column, and not in the first, by what is in them.

    Raises DataError if that cannot be told.
    """
    scale = scale_of([between], path.name)
    first, last = _likeness(firsts, scale), _likeness(lasts, scale)
    if first == last:
        raise DataError(
            f"{path} has no names of columns, and its labels may as well be in the first column as "
            "in the last one. Add a first row of names, with the name label for their column."
        )
    return last > first


def _likeness(column: list[str], scale: float) -> int:
    """Return how much a column looks like labels beside pixels on a scale, from 0 to 3.

    Neither words nor whole numbers beyond the scale are pixels. A column of nothing but black or
    white tells nothing apart: it is a pixel of the border. Other whole numbers may be either, but
    on a scale of many levels no pixel takes few values without a gap, and few labels are large.
    """
    found = set(column)
    if not all(map(_is_number, found)):
        return 3
    numbers = {float(cell) for cell in found}
    if len(numbers) > MOST_CLASSES or not all(map(float.is_integer, numbers)):
        return 0
    low, high = min(numbers), max(numbers)
    if high > scale:
        return 3
    if numbers in ({0.0}, {scale}):
        return 0
    if scale < SCALES[-1]:
        return 1
    without_gap = low in (0.0, 1.0) and 0 < high - low < len(numbers)
    return 2 if without_gap and high < scale else int(high < scale / 2)


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
