"""Files that keep what could be made anew, under a checksum: they are read right, or not at all."""

import contextlib
import hashlib
import stat
import uuid
from collections.abc import Iterable
from pathlib import Path

_CHECKSUM_BYTES = hashlib.sha256().digest_size


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
            file.write(bytes(_CHECKSUM_BYTES))
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


def read_kept(path: Path) -> bytes:
    """Return what was written into a file. Raises OSError if it is not there, or damaged."""
    if not stat.S_ISREG(path.stat().st_mode):  # a pipe would keep the reader waiting
        raise OSError("it is no regular file")
    held = path.read_bytes()
    if hashlib.sha256(held[_CHECKSUM_BYTES:]).digest() != held[:_CHECKSUM_BYTES]:
        raise DamagedFileError("it is damaged")
    return held[_CHECKSUM_BYTES:]
