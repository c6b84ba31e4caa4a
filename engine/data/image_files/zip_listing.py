"""Find the image files of a ZIP archive; they are read from there, and never unpacked to disk."""

import contextlib
import zipfile
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from engine.data.image_files.listing import (
    ImageEntry,
    Listing,
    in_words,
    is_hidden,
    is_image_name,
    state_of,
)
from engine.data.parts import Refused, natural_key
from engine.data.readers.untrusted_zip import why_unreadable
from engine.data.reading import Report, unheard

_UTF8 = 0x800
_LONGEST_NAME = 1024


def list_archive(archive: zipfile.ZipFile, path: Path, report: Report = unheard) -> Listing:
    """Find the image files of an archive, in natural order of their names.

    Hidden files, and what macOS adds, are left out. Raises DataError if there are too many members.
    """
    listing = Listing()
    # is_dir() of ZipInfo fails on a name that is empty.
    files = [each for each in archive.infolist() if not each.filename.endswith(("/", "\\"))]
    named = [(_name(member), member) for member in files]
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
            opener, state = partial(_open, archive, member), partial(state_of, path)
            listing.images.append(ImageEntry(name, opener, state))
    return listing


def _name(member: zipfile.ZipInfo) -> str:
    """Return a member's path in words, with slashes between folders that are no empty names."""
    name = member.filename
    if not (member.flag_bits & _UTF8 or name.isascii()):
        # Many programs write UTF-8 without saying so; Python then takes it for an old code page.
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    folders = name.replace("\\", "/").split("/")
    return "/".join(in_words(folder) for folder in folders if folder not in ("", "."))


def _open(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> BinaryIO:
    return cast(BinaryIO, archive.open(member))
