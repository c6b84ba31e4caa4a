"""Read files of a run folder without trust; whatever is wrong with one becomes a RunError."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from engine.errors import LayerscopeError, RunError, in_one_line
from engine.files.untrusted_read import DamagedError, read_file

T = TypeVar("T")
Stamp = tuple[tuple[int, int], ...]

_SETTLED = 4_000_000_000  # ns: some disks note the time of a change in steps of two seconds


def read_in(folder: Path, name: str, limit: int, *, grows: bool = False) -> bytes:
    """Read a file of the folder itself; a link could lead to any other.

    Of one that `grows`, to whose end a training writes, what is there now. Raises RunError.
    """
    path = folder / name
    if os.path.islink(path):
        raise RunError(f"{path} is a link. Copy the run folder whole, with files in it.")
    return read_file(path, limit, RunError, grows=grows)


def read_as(folder: Path, name: str, limit: int, kind: type[T]) -> T:
    """Read a JSON file of the folder as a struct. Raises RunError."""
    with faults_in_words(folder):
        return msgspec.json.decode(read_in(folder, name, limit), type=kind)


def entries_of(folder: Path) -> Iterator[os.DirEntry[str]]:
    """List what is in a folder; nothing if there is none."""
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:
        return


def stamp_of(folder: Path, names: Sequence[str]) -> Stamp:
    """Return of files of a folder when each was written, in ns, and its size; 0 if missing."""
    found = []
    for name in names:
        try:
            status = os.stat(folder / name)
            found.append((status.st_mtime_ns, status.st_size))
        except OSError:
            found.append((0, 0))
    return tuple(found)


def is_settled(stamp: Stamp) -> bool:
    """Return whether the files were written so long ago that a change would change the stamp."""
    return max(written for written, _ in stamp) < time.time_ns() - _SETTLED


@contextmanager
def faults_in_words(folder: Path) -> Iterator[None]:
    """Raise a RunError that names the folder in place of whatever reading it raises."""
    try:
        yield
    except RunError:
        raise
    except LayerscopeError as fault:
        raise RunError(f"{folder} cannot be opened. {fault}") from fault
    except DamagedError as fault:
        raise RunError(f"{folder} is damaged: {fault}. Copy it again.") from fault
    except Exception as fault:  # a damaged file makes the libraries raise nearly anything
        raise RunError(f"{folder} is damaged ({in_one_line(fault)}). Copy it again.") from fault
