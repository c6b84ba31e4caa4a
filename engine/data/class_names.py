"""Classes by their names: which there are in some data, and the numbers of those that are named."""

import os
from collections.abc import Sequence
from pathlib import Path

from engine.data.idx_folder import has_idx_files
from engine.data.image_folder import class_names_of
from engine.data.known_sets import KNOWN_SETS
from engine.data.sources import ARCHIVE, BUNDLED, read
from engine.errors import DataError

_LISTED = 20  # names that a message has room for


def class_numbers(data: str, wanted: Sequence[str]) -> tuple[int, ...]:
    """Return the numbers of classes of some data that are given by number or by name.

    Raises DataError if a name is none of theirs, or the data cannot be read.
    """
    if all(map(_is_number, wanted)):
        return tuple(map(int, wanted))
    names = class_names(data)
    return tuple(_number(each, names, data) for each in wanted)


def class_names(data: str) -> tuple[str, ...]:
    """Return what the classes of some data are called; entry i is the name of class i.

    It is empty if their numbers are their names. Raises DataError if the data cannot be read.
    """
    if data in KNOWN_SETS or data == BUNDLED:
        return KNOWN_SETS[data].class_names if data in KNOWN_SETS else ()
    path = Path(os.path.expanduser(data))
    has_images = path.is_file() and path.name.lower().endswith(ARCHIVE)
    if has_images or (path.is_dir() and not has_idx_files(path)):
        return class_names_of(path)
    return read(data).class_names


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _number(wanted: str, names: tuple[str, ...], data: str) -> int:
    """Return the number of a class; the case of a name counts only where others differ in it."""
    if wanted in names:
        return names.index(wanted)
    alike = [place for place, name in enumerate(names) if name.casefold() == wanted.casefold()]
    if len(alike) == 1:
        return alike[0]
    if _is_number(wanted):
        return int(wanted)
    if not names:
        raise DataError(
            f"The classes of {data} have no names, so {wanted!r} is none of them. Give numbers, "
            "such as 0,1."
        )
    rest = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    raise DataError(
        f"{data} has no class called {wanted!r}; its classes are "
        f"{', '.join(names[:_LISTED])}{rest}. Give some of these, or their numbers."
    )
