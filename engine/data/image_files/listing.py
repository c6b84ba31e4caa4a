"""Find the image files of a folder and those below it, links followed, or of a ZIP archive.

Members of an archive are read from there, and never unpacked to disk.
"""

import contextlib
import os
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from engine.data.parts import Refused, natural_key
from engine.data.reading import Report, unheard, why_unreadable
from engine.errors import DataError
from engine.text.letters import printable

ENDINGS = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp")
MOST_FILES = 1_000_000
_SYSTEM = ("thumbs.db", "desktop.ini", "__macosx")  # what systems leave in folders
_UTF8 = 0x800
_LONGEST_NAME = 1024


class ImageEntry(NamedTuple):
    """An image file: its name in words, from the data's place on with slashes, and its opener.

    What `state` returns changes with the file's content; it may raise OSError.
    """

    name: str
    open: Callable[[], BinaryIO]
    state: Callable[[], object] = lambda: None


@dataclass
class Listing:
    """The files that were found: images, what could not be looked at, and others by ending."""

    images: list[ImageEntry] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    seen: int = 0

    def note_other(self, name: str) -> None:
        """Count a file that is no image."""
        self.others[os.path.splitext(name)[1].lower() or "without an ending"] += 1

    def note_one_more(self, source: Path, report: Report) -> None:
        """Count a file or folder; raise DataError if there are too many."""
        self.seen += 1
        if self.seen > MOST_FILES:
            raise DataError(
                f"{source} holds more than the {MOST_FILES:,} files that are looked at. Choose "
                "the folder that holds only the images."
            )
        if self.seen % 1000 == 0:
            report(0, 0)


def is_image_name(name: str) -> bool:
    """Return whether a file is an image by its ending."""
    return name.lower().endswith(ENDINGS)


def is_hidden(name: str) -> bool:
    """Return whether a file or folder is hidden, or one that a system has left."""
    return name.startswith(".") or name.lower() in _SYSTEM


def in_words(name: str) -> str:
    """Return a file's name as it can be shown, also if it is not in UTF-8."""
    return printable(os.fsencode(name).decode("utf-8", "replace"))


def list_folder(folder: Path, report: Report = unheard) -> Listing:
    """Find the image files of a folder and of all folders below it, in natural order.

    A link is the file or folder that it leads to, but a circle of links is left.
    Raises DataError if there are too many files.
    """
    listing = Listing()
    waiting: list[tuple[str, str, frozenset[tuple[int, int]]]] = [(str(folder), "", frozenset())]
    while waiting:
        path, name, above = waiting.pop()
        try:
            status = os.stat(path)
            identity = status.st_dev, status.st_ino
            entries = [] if identity in above else _entries(path, folder, listing, report)
        except OSError as fault:
            reason = f"The folder cannot be read: {fault.strerror}."
            listing.refused.append(Refused(name or str(folder), reason))
            continue
        inner = [entry for entry in entries if _take(entry, name, listing)]
        waiting += [
            (entry.path, _below(name, entry.name), above | {identity}) for entry in reversed(inner)
        ]
    return listing


def _entries(path: str, folder: Path, listing: Listing, report: Report) -> list["os.DirEntry[str]"]:
    """Return what is in one folder and not hidden, in natural order."""
    found = []
    with os.scandir(path) as entries:
        for entry in entries:
            listing.note_one_more(folder, report)
            if not is_hidden(entry.name):
                found.append(entry)
    return sorted(found, key=lambda entry: natural_key(entry.name))


def _take(entry: "os.DirEntry[str]", folder: str, listing: Listing) -> bool:
    """Note a file; return whether it is a folder."""
    if _holds(entry.is_dir):
        return True
    name = _below(folder, entry.name)
    if not is_image_name(entry.name):
        listing.note_other(entry.name)
    elif _holds(entry.is_file):
        listing.images.append(
            ImageEntry(name, partial(_open, entry.path), partial(state_of, entry.path))
        )
    elif entry.is_symlink():
        listing.refused.append(Refused(name, "The link leads to no file."))
    else:
        listing.refused.append(Refused(name, "It is a device or a pipe, and no file."))
    return False


def _holds(question: Callable[[], bool]) -> bool:
    """Ask something about a file; of one that cannot be looked at, it does not hold."""
    try:
        return question()
    except OSError:  # such as for a link to itself
        return False


def _below(folder: str, name: str) -> str:
    return f"{folder}/{in_words(name)}" if folder else in_words(name)


def state_of(path: str | Path) -> tuple[int, int, int]:
    """Return what a write to a file changes: its size and its times."""
    status = os.stat(path)
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _open(path: str) -> BinaryIO:
    return cast(BinaryIO, open(path, "rb"))


def list_archive(archive: zipfile.ZipFile, path: Path, report: Report = unheard) -> Listing:
    """Find the image files of an archive, in natural order of their names.

    Hidden files, and what macOS adds, are left out. Raises DataError if there are too many members.
    """
    listing = Listing()
    # is_dir() of ZipInfo fails on a name that is empty.
    files = [each for each in archive.infolist() if not each.filename.endswith(("/", "\\"))]
    named = [(_member_name(member), member) for member in files]
    for name, member in sorted(named, key=lambda pair: list(map(natural_key, pair[0].split("/")))):
        listing.note_one_more(path, report)
        folders = name.split("/")
        if any(map(is_hidden, folders)) and ".." not in folders:
            continue
        if not is_image_name(name):
            listing.note_other(name)
        elif ".." in folders or len(name) > _LONGEST_NAME:
            reason = "Its name leads out of the archive, or is too long."
            listing.refused.append(Refused(name[:_LONGEST_NAME], reason))
        elif reason := why_unreadable(member):
            listing.refused.append(Refused(name, reason))
        else:
            opener, state = partial(_open_member, archive, member), partial(state_of, path)
            listing.images.append(ImageEntry(name, opener, state))
    return listing


def _member_name(member: zipfile.ZipInfo) -> str:
    """Return a member's path in words, with slashes between folders that are no empty names."""
    name = member.filename
    if not (member.flag_bits & _UTF8 or name.isascii()):
        # Many programs write UTF-8 without saying so; Python then takes it for an old code page.
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    folders = name.replace("\\", "/").split("/")
    return "/".join(in_words(folder) for folder in folders if folder not in ("", "."))


def _open_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> BinaryIO:
    return cast(BinaryIO, archive.open(member))
