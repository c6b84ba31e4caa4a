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
    in the first or the last column, whichever looks more like it. Pixels are on a scale from
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
    named = not all(_is_number(cell) for cell in cells[1:-1])
    every = (_row(line, separator) for line in (lines if named else itertools.chain([head], lines)))
    firsts, lasts, between = _columns(every, separator, 2 if named else 1, path)
    if not firsts:
        raise DataError(f"{path} has no picture. {_EXPECTED}")
    at_end = _is_named_last(cells, path) if named else _classes(lasts) > _classes(firsts)
    labels, other = (lasts, firsts) if at_end else (firsts, lasts)
    column = _numbers(other, separator, 1, path)
    pixels = np.concatenate([column, between] if at_end else [between, column], axis=1)
    scale = scale_of([pixels], path.name)
    images = as_bytes(pixels, scale)
    numbers, names = numbered(_as_labels(labels), path.name)
    samples = Samples(pictures_of(images, path.name), numbers)
    return Parts(samples, None, names, notes=notes_on(scale))


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


def _is_named_last(names: list[str], path: Path) -> bool:
    """Return whether the names say that the labels are in the last column, and not in the first."""
    called = [name.strip(' "').lower() for name in names]
    found = [place for place, name in enumerate(called) if name in LABELS]
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


def _classes(column: list[str]) -> int:
    """Count the classes of a column that looks like labels; of another one there are none.

    Labels are words, which are surer than numbers, or all numbers from 0 or 1 to some other.
    """
    found = set(column)
    if not all(_is_number(cell) for cell in found):
        return MOST_CLASSES + 1
    numbers = {float(cell) for cell in found}
    low, count = min(numbers), len(numbers)
    dense = low in (0.0, 1.0) and numbers == {low + place for place in range(count)}
    return count if dense and count <= MOST_CLASSES else 0


def _as_labels(column: list[str]) -> NDArray[Any]:
    if all(_is_number(cell) for cell in set(column)):
        return np.array(column, dtype=np.float64)
    return np.array(column)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
