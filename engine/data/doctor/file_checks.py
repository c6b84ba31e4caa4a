"""Findings about the files that images are read from."""

from collections.abc import Iterator

from engine.data.doctor.examination import Finding
from engine.data.doctor.wording import verb
from engine.data.names import listed
from engine.data.parts import Parts
from engine.text.words import count


def file_findings(parts: Parts) -> Iterator[Finding]:
    """Say which files were refused, turned, transparent or resized, and what else was decided."""
    if number := len(parts.refused):
        first = parts.refused[0]
        yield Finding(
            "refused",
            "warning",
            f"{count(number, 'file')} could not be read and {verb(number, 'is', 'are')} left out"
            f"{verb(number, ': ', ', such as ')}{first.file}. {first.reason.rstrip('.')}.",
            f"Repair or delete {verb(number, 'it', 'them')}. All other files are used.",
            files=tuple(each.file for each in parts.refused),
        )
    if number := len(parts.turned):
        yield Finding(
            "turned",
            "note",
            f"{count(number, 'photo')} {verb(number, 'is', 'are')} stored turned or mirrored and "
            f"{verb(number, 'was', 'were')} put upright, as the EXIF data says: "
            f"{listed(parts.turned)}.",
            "Nothing is to be done, unless one looks wrong now: then its EXIF data is wrong.",
            files=parts.turned,
        )
    if number := len(parts.transparent):
        yield Finding(
            "transparent",
            "note",
            f"{count(number, 'image')} {verb(number, 'has', 'have')} transparent pixels, which "
            f"show the background: {listed(parts.transparent)}.",
            "Choose the background from which things stand out: black, grey or white.",
            files=parts.transparent,
            setting="background",
        )
    size = len(parts.training) + (0 if parts.test is None else len(parts.test))
    number = len(parts.resized)
    if 0 < 2 * number < size:  # else they are not the odd ones out
        height, width = parts.training.images.shape[2:]
        yield Finding(
            "resized",
            "note",
            f"{count(number, 'image')} {verb(number, 'has', 'have')} another size than the rest "
            f"and {verb(number, 'was', 'were')} brought to {width}×{height}: "
            f"{listed(parts.resized)}.",
            f"Check that {verb(number, 'it does', 'they do')} not look different by this alone.",
            files=parts.resized,
        )
    for note in parts.notes:
        yield Finding("reading", "note", note, "")
