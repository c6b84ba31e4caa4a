"""Where an export is written to: names that fit a format."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.exports.export_format import ExportFormat


def tail_of(kind: "ExportFormat") -> str:
    """Return what the names of a format's files or folders end in."""
    return kind.ending or f"-{kind.name}"


def renamed(path: Path, formats: "Iterable[ExportFormat]", kind: "ExportFormat") -> Path:
    """Return a path for another one of some formats, in the same folder and called alike."""
    if not path.name:
        return path
    tails = (tail_of(each) for each in formats)
    tail = next((each for each in tails if path.name.lower().endswith(each)), "")
    if tail == tail_of(kind):
        return path
    return path.with_name(path.name[: len(path.name) - len(tail)] + tail_of(kind))


def with_ending(path: Path, kind: "ExportFormat") -> Path:
    """Return a path that ends as the files of a format do; folders are called as one likes."""
    if kind.is_folder or path.suffix.lower() == kind.ending:
        return path
    return path.with_name(path.name + kind.ending)


def named_format(text: str, formats: "Sequence[ExportFormat]") -> int | None:
    """Return the place of the format whose ending a text has; None if it has none of them."""
    ending = Path(text).suffix.lower()
    places = (place for place, each in enumerate(formats) if ending and each.ending == ending)
    return next(places, None)
