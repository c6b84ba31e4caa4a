"""Take some members out of a ZIP or a tar archive, by their exact names and sizes."""

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from engine.data.known.known_sets import Member
from engine.errors import DataError

_PIECE = 1 << 20


def unpack(
    archive: Path, members: Sequence[Member], folder: Path, tick: Callable[[], object]
) -> None:
    """Write members into a folder, under the names that they get; call `tick` every now and then.

    Raises DataError if one is not there, no regular file or of another size, or the archive is
    damaged; OSError if a file cannot be written.
    """
    take = _from_zip if archive.name.endswith(".zip") else _from_tar
    wanted = {member.inside: member for member in members}
    try:
        take(archive, wanted, folder, tick)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError) as bad:
        raise DataError(f"{archive.name} is damaged ({bad}). Download it again.") from bad
    if wanted:
        raise DataError(f"{archive.name} has no {', '.join(wanted)}. Download it again.")


def _from_zip(
    archive: Path, wanted: dict[str, Member], folder: Path, tick: Callable[[], object]
) -> None:
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            member = wanted.pop(entry.filename, None)
            if member is not None:
                with opened.open(entry) as stream:
                    _write(stream, member, folder, archive, tick)


def _from_tar(
    archive: Path, wanted: dict[str, Member], folder: Path, tick: Callable[[], object]
) -> None:
    with tarfile.open(archive, "r:gz") as opened:
        for entry in opened:
            tick()
            member = wanted.pop(entry.name, None)
            if member is None:
                continue
            stream = opened.extractfile(entry) if entry.isreg() else None
            if stream is None:
                raise DataError(f"{member.inside} of {archive.name} is no file.")
            _write(stream, member, folder, archive, tick)
            if not wanted:
                return


def _write(
    stream: IO[bytes], member: Member, folder: Path, archive: Path, tick: Callable[[], object]
) -> None:
    """Write one member; without a size of its own it is at most as large as the archive."""
    most = archive.stat().st_size if member.size is None else member.size
    written = 0
    with open(folder / member.name, "xb") as file:
        while written <= most and (piece := stream.read(_PIECE)):
            tick()
            written += len(piece)
            file.write(piece)
    if written > most or (member.size is not None and written < most):
        raise DataError(
            f"{member.inside} of {archive.name} has not the {most:,} bytes that are expected."
        )
