"""Tell from the names of image files which are for training, which for the test, of which class."""

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, NamedTuple

from engine.errors import DataError

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
EXPECTED = (
    "Put the images of each class into a folder named after it, such as cat/1.png and dog/2.png; "
    "these folders may lie in train and test."
)


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
            _unused_note(name, len(inner), bool(_labelled(inner, depth + 1)))
            for name, inner in unused.items()
        )
        files = [
            file for file in files if len(file.path) <= depth or file.path[depth] not in unused
        ]
    else:
        training, test = _labelled(files, depth), []
    if not training:
        raise DataError(
            f"{source} holds images but no class folders: {names[0]} is in none. {EXPECTED}"
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


def _unused_note(folder: str, count: int, labelled: bool) -> str:
    if labelled:
        return f"{folder}: {_images(count)} not used, for training and test have folders of theirs."
    return f"{folder}: {_images(count)} not used, being in no class folder."


def _images(count: int) -> str:
    return f"{count:,} image" if count == 1 else f"{count:,} images"
