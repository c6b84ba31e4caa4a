"""Read pictures and labels from CSV files: a picture a row, its label first or last."""

import io
import itertools
from collections.abc import Iterator
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
    for place, row in enumerate(rows):
        if row.count(separator) != rows[0].count(separator):
            raise _uneven(path, number + place)
    try:
        found = np.loadtxt(rows, np.float32, comments=None, delimiter=separator, ndmin=2)
    except ValueError as fault:
        reason = str(fault).rstrip(".")
        raise DataError(
            f"{path} has something other than pixels from row {number:,} on ({reason}). {_EXPECTED}"
        ) from fault
    with np.errstate(invalid="ignore"):
        whole = found.astype(np.uint8)
    return whole if (whole == found).all() else found


def _uneven(path: Path, number: int) -> DataError:
    return DataError(f"{path} has rows of different length from row {number:,} on.")


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
