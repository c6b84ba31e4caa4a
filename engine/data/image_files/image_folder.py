"""Read labelled images from a folder or a ZIP archive, in which each class has a folder.

The names of the files tell which are for training, which for the test, and of which class.
"""

import logging
import os
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.data.image_files.image_cache import decode_once
from engine.data.image_files.listing import Listing, is_image_name, list_archive, list_folder
from engine.data.image_form import ImageForm
from engine.data.images import subset
from engine.data.parts import MOST_CLASSES, Parts, Refused, Samples, numbered
from engine.data.reading import COPY_AGAIN, Report, opened_archive
from engine.errors import DataError
from engine.text import words

_logger = logging.getLogger(__name__)
_WHOLE = {".npz", ".csv", ".zip"}  # endings of files that may be a whole data set
_ARCHIVE_WORDS = ("A ZIP archive of images in class folders is expected.", COPY_AGAIN)
_GLANCE = 20_000  # files and folders that are looked at before reading
Part = Literal["training", "test", "validation"]
_PARTS: dict[str, Part] = {
    "train": "training",
    "training": "training",
    "test": "test",
    "testing": "test",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
}
_EXPECTED = (
    "Put the images of each class into a folder named after it, such as cat/1.png and dog/2.png; "
    "these folders may lie in train and test."
)
_LISTED = 5  # endings of other files that are named


def read_image_folder(folder: Path, form: ImageForm, report: Report) -> Parts:
    """Read the images of a folder.

    Files that cannot be read are refused, each with the reason, and never end the reading.
    Raises DataError if no image is in a class folder, or none can be read.
    """
    return _read(list_folder(folder, report), form, str(folder), report)


def read_image_archive(path: Path, form: ImageForm, report: Report) -> Parts:
    """Read the images of a ZIP archive as those of a folder, without unpacking it."""
    with opened_archive(path, *_ARCHIVE_WORDS) as archive:
        return _read(list_archive(archive, path, report), form, str(path), report)


def class_names_of(path: Path) -> tuple[str, ...]:
    """Return what the classes of a folder or archive of images are called, reading no image.

    It is empty if the class folders are called by numbers. Raises DataError as reading does.
    """
    if path.is_dir():
        listing = list_folder(path)
    else:
        with opened_archive(path, *_ARCHIVE_WORDS) as archive:
            listing = list_archive(archive, path)
    _require_images(listing, str(path))
    found = arrange([file.name for file in listing.images], str(path))
    return _numbered([file.label for file in (*found.training, *found.test)], str(path))[1]


def why_no_images(folder: Path) -> str:
    """Return why a folder holds no images in class folders.

    Empty if it holds an image in a folder, or is so large that only reading it will tell.
    """
    seen = 0
    for path, _, names in os.walk(folder, followlinks=True):
        seen += 1 + len(names)
        if seen > _GLANCE or (path != str(folder) and any(map(is_image_name, names))):
            return ""
    try:
        listing = list_folder(folder)
        _require_images(listing, str(folder))
        arrange([file.name for file in listing.images], str(folder))
    except DataError as error:
        return str(error)
    return ""


def _read(listing: Listing, form: ImageForm, source: str, report: Report) -> Parts:
    _require_images(listing, source)
    found = arrange([file.name for file in listing.images], source)
    wanted = [*found.training, *found.test]
    numbers, class_names = _numbered([file.label for file in wanted], source)
    files = [listing.images[file.place] for file in wanted]
    decoded = decode_once(files, form, source, report)
    count = len(decoded.places)
    middle = int(np.searchsorted(decoded.places, len(found.training)))
    if middle == 0 or (found.test and middle == count):
        first = decoded.refused[0 if middle == 0 else -1]
        lost = "training" if middle == 0 else "test"
        raise DataError(
            f"{source} has no {lost} image that can be read, such as {first.file}: {first.reason}"
        )

    def part(start: int, end: int) -> Samples:
        places = decoded.places[start:end]
        names = tuple(files[place].name for place in places)
        return Samples(subset(decoded.images, slice(start, end)), numbers[places], names)

    loose = (
        Refused(listing.images[place].name, "The image is in no class folder.")
        for place in found.loose
    )
    refused = (*listing.refused, *loose, *decoded.refused)
    if refused:
        file, reason = refused[0]
        _logger.warning("%s: %d files left out; %s: %s", source, len(refused), file, reason)
    others: tuple[str, ...] = ()
    if listing.others:
        others = (f"Left out, for they are no images that are read: {_endings(listing.others)}.",)
    return Parts(
        part(0, middle),
        part(middle, count) if found.test else None,
        class_names,
        refused,
        decoded.turned,
        decoded.transparent,
        decoded.resized,
        (*found.notes, *others, *decoded.notes),
    )


def _require_images(listing: Listing, source: str) -> None:
    """Raise DataError if there is no image, saying what there is instead."""
    if listing.images:
        return
    if listing.refused:
        file, reason = listing.refused[0]
        raise DataError(f"{source} has no image that can be read. {file}: {reason}")
    endings = ", ".join(ending for ending, _ in listing.others.most_common(_LISTED))
    held = f"no images, but other files ({endings})" if listing.others else "no files"
    whole = "Choose the .npz, .csv or .zip itself, and not what it is in. "
    remedy = _EXPECTED if _WHOLE.isdisjoint(listing.others) else whole + _EXPECTED
    raise DataError(f"{source} holds {held}. {remedy} PNG, JPEG, BMP, GIF and WebP are read.")


def _numbered(labels: Sequence[str], source: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the number of each label (n,), and the names of the numbers if labels are words.

    Folders that are all called by different whole numbers are these numbers.
    """
    called = list(dict.fromkeys(labels))
    if len(called) > MOST_CLASSES:
        raise DataError(
            f"{source} has {len(called):,} class folders; at most {MOST_CLASSES:,} classes are "
            "told apart. Choose a folder in which each class has one folder."
        )
    whole = [int(word) for word in called if word.isascii() and word.isdecimal() and len(word) < 7]
    as_numbers = len(set(whole)) == len(called)
    numbers, names = numbered(np.array(whole if as_numbers else called), source)
    number_of = dict(zip(called, numbers.tolist(), strict=True))
    return np.array([number_of[label] for label in labels], np.int64), names


def _endings(others: Counter[str]) -> str:
    """Write how many files of which endings there are, the most frequent first."""
    found = [f"{count:,} {ending}" for ending, count in others.most_common(_LISTED)]
    if rest := others.total() - sum(count for _, count in others.most_common(_LISTED)):
        found.append(f"{rest:,} others")
    return "files (" + ", ".join(found) + ")"


class _File(NamedTuple):
    """A file: its place in the list, and its path."""

    place: int
    path: tuple[str, ...]


class Labelled(NamedTuple):
    """A file by its place in the list, and the name of its class."""

    place: int
    label: str


class Arrangement(NamedTuple):
    """The files of both parts, the places of those in no class folder, and notes in words.

    Without a test part, `test` is empty. Files are in the order of the list.
    """

    training: list[Labelled]
    test: list[Labelled]
    loose: list[int]
    notes: tuple[str, ...] = ()


def arrange(names: Sequence[str], source: str) -> Arrangement:
    """Sort image files by the folders in their names.

    The folders are classes, and deeper ones belong to these; or they are parts that hold the
    classes: train and test, without which validation images are for the test. Folders around all
    of this are passed. Raises DataError if no file is in a class folder.
    """
    files = [_File(place, tuple(name.split("/"))) for place, name in enumerate(names)]
    depth = _depth_of_classes(files, 0)
    folders = _by_folder(files, depth)
    training = _inside(folders, "training", depth)
    known = {file.label for file in training}
    test_part: Part = "test" if _inside(folders, "test", depth, known) else "validation"
    test = _inside(folders, test_part, depth, known)
    notes: tuple[str, ...] = ()
    if _are_parts(folders, known, test):
        unused = {
            name: inner
            for name, inner in folders.items()
            if _part(name) != "training" and not (test and _part(name) == test_part)
        }
        notes = tuple(
            f"{name}: {words.count(len(inner), 'image')} not used."
            for name, inner in unused.items()
        )
        files = [
            file for file in files if len(file.path) <= depth or file.path[depth] not in unused
        ]
    else:
        training, test = _labelled(files, depth), []
    if not training:
        raise DataError(
            f"{source} holds images but no class folders: {names[0]} is in none. {_EXPECTED}"
        )
    taken = {file.place for file in (*training, *test)}
    return Arrangement(
        training, test, [file.place for file in files if file.place not in taken], notes
    )


def _are_parts(
    folders: Iterable[str], training_classes: Collection[str], test: Iterable[Labelled]
) -> bool:
    """Return whether the folders are parts and not classes.

    They are if all are called so, or if training and test have a class in common: a train may
    well be a class, beside a bus.
    """
    parts = [_part(name) for name in folders]
    if "training" not in parts:
        return False
    return all(parts) or any(file.label in training_classes for file in test)


def _part(name: str) -> Part | None:
    return _PARTS.get(name.lower())


def _inside(
    folders: dict[str, list[_File]], part: Part, depth: int, classes: Collection[str] = ()
) -> list[Labelled]:
    """Return the files of a part that are in class folders, of which some classes are known."""
    found: list[Labelled] = []
    for name, files in folders.items():
        if _part(name) == part:
            found += _labelled(files, _depth_of_classes(files, depth + 1, classes))
    return found


def _labelled(files: list[_File], depth: int) -> list[Labelled]:
    return [Labelled(file.place, file.path[depth]) for file in files if len(file.path) > depth + 1]


def _depth_of_classes(files: list[_File], depth: int, classes: Collection[str] = ()) -> int:
    """Return how many folders are around the class folders, from a depth on.

    One that is alone is around others if it holds nothing but folders, or several of these; but
    not if it is called as a known class.
    """
    while True:
        folders = _by_folder(files, depth)
        if len(folders) != 1 or not folders.keys().isdisjoint(classes):
            return depth
        files = next(iter(folders.values()))
        inner = _by_folder(files, depth + 1)
        holds_files = any(len(file.path) == depth + 2 for file in files)
        if not inner or (holds_files and len(inner) == 1):
            return depth
        depth += 1


def _by_folder(files: list[_File], depth: int) -> dict[str, list[_File]]:
    """Sort files by the folder at a depth; those that are in none are left out."""
    folders: dict[str, list[_File]] = {}
    for file in files:
        if len(file.path) > depth + 1:
            folders.setdefault(file.path[depth], []).append(file)
    return folders
