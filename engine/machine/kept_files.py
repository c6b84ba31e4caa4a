"""Files that keep what could be made anew, under a checksum: they are read right, or not at all."""

import contextlib
import hashlib
import stat
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

CHECKSUM_BYTES = hashlib.sha256().digest_size
_PIECE = 1 << 20


class DamagedFileError(OSError):
    """The content of a file is not what was written."""


def write_kept(path: Path, pieces: Iterable[bytes | memoryview]) -> None:
    """Write some pieces, one after the other, into a file that is there whole or not at all.

    The folder is made if need be. Raises OSError, and then nothing has changed.
    """
    aside = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    digest = hashlib.sha256()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as file:
            file.write(bytes(CHECKSUM_BYTES))
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
            file.seek(0)
            file.write(digest.digest())
        aside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise


def seal_kept(path: Path) -> None:
    """Put the checksum of what follows into the place for it, at the beginning of a file."""
    with path.open("r+b") as file:
        digest = _digest_of_rest(file)
        file.seek(0)
        file.write(digest)


def read_kept(path: Path) -> bytes:
    """Return what was written into a file. Raises OSError if it is not there, or damaged."""
    with opened_kept(path) as file:
        return file.read()


@contextmanager
def opened_kept(path: Path) -> Iterator[BinaryIO]:
    """Open a file whose content has been compared with its checksum, at the content.

    Raises OSError if it is not there, or damaged.
    """
    if not stat.S_ISREG(path.stat().st_mode):  # a pipe would keep the reader waiting
        raise OSError("it is no regular file")
    with path.open("rb") as file:
        checksum = file.read(CHECKSUM_BYTES)
        if _digest_of_rest(file) != checksum:
            raise DamagedFileError("it is damaged")
        file.seek(CHECKSUM_BYTES)
        yield file


def _digest_of_rest(file: BinaryIO) -> bytes:
    file.seek(CHECKSUM_BYTES)
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.digest()
