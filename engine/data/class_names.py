"""Classes by their names: which there are in some data, and the numbers of those that are named."""

import os
from collections.abc import Sequence
from pathlib import Path

from engine.data.image_files.image_folder import class_names_of
from engine.data.known.known_sets import KNOWN_SETS
from engine.data.names import LISTED, listed_classes
from engine.data.readers.idx import has_idx_files
from engine.data.sources import ARCHIVE, BUNDLED, read
from engine.errors import DataError


def class_numbers(data: str, wanted: Sequence[str]) -> tuple[int, ...]:
    """Return the numbers of classes of some data that are given by number or by name.

    A number that is also a name is the name. Raises DataError if a name is none of theirs, or the
    data cannot be read.
    """
    try:
        names = class_names(data)
    except DataError:
        if not all(map(_is_number, wanted)):
            raise
        names = ()  # whoever reads the data says what is wrong with it
    return tuple(_number(each, names, data) for each in wanted)


def numbers_of_learned(
    data: str, names: Sequence[str], numbers: tuple[int, ...]
) -> tuple[int, ...]:
    """Return the numbers in some data of classes that a network has learned, by their names.

    They had `numbers` where they were learned, which stay if names say nothing. Raises DataError
    if a class is missing, or their order is another: that of the outputs is not to be changed.
    """
    try:
        found = class_names(data)
    except DataError:
        return numbers  # whoever reads the data says what is wrong with it
    if not found or len(names) != len(numbers):
        return numbers
    place_of = {name: place for place, name in enumerate(found)}
    places = [
        place_of.get(name, number if name == str(number) else None)  # one beyond all names
        for name, number in zip(names, numbers, strict=True)
    ]
    missing = [name for name, place in zip(names, places, strict=True) if place is None]
    known = tuple(place for place in places if place is not None)
    if not missing and known == tuple(sorted(known)):
        return known
    what = f"no class called {missing[0]!r}" if missing else "its classes in another order"
    raise DataError(
        f"{data} has {what}, but the network has learned {listed_classes(names, LISTED)}, in this "
        f"order. The classes of the data are {listed_classes(found, LISTED)}. Give those to take "
        "with --classes."
    )


def class_names(data: str) -> tuple[str, ...]:
    """Return what the classes of some data are called; entry i is the name of class i.

    It is empty if their numbers are their names. Raises DataError if the data cannot be read.
    """
    if data in KNOWN_SETS or data == BUNDLED:
        return KNOWN_SETS[data].class_names if data in KNOWN_SETS else ()
    path = Path(os.path.expanduser(data))
    if os.path.isdir(path):
        return () if has_idx_files(path) else class_names_of(path)
    if os.path.isfile(path) and path.name.lower().endswith(ARCHIVE):
        return class_names_of(path)
    return read(data).class_names


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _number(wanted: str, names: tuple[str, ...], data: str) -> int:
    """Return the number of a class; case and outer spaces count only where names differ in them."""
    if wanted in names:
        return names.index(wanted)
    plain = [name.strip().casefold() for name in names]
    alike = [place for place, name in enumerate(plain) if name == wanted.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    if _is_number(wanted):
        return int(wanted.lstrip("0")[:9] or "0")  # longer ones are no classes
    if not names:
        raise DataError(
            f"The classes of {data} have no names, so {wanted!r} is none of them. Give numbers, "
            "such as 0,1."
        )
    quoted = (
        f""" A name with a comma goes in double quotes: '"{with_comma}"'."""
        if (with_comma := next((name for name in names if "," in name), ""))
        else ""
    )
    raise DataError(
        f"{data} has no class called {wanted!r}; its classes are {listed_classes(names, LISTED)}. "
        f"Give some of these, or their numbers.{quoted}"
    )
