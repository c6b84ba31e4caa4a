"""Read a file that is not trusted: a regular one, of a bounded size, whole."""

import hashlib
import io
import os
import stat
import zipfile
from io import BufferedReader
from pathlib import Path

from engine.errors import LayerscopeError

_MEMBER = b"PK\x01\x02"  # begins what the table of a ZIP archive says of a member
_MOST_MEMBERS = 10_000  # a network of a thousand blocks has some thousands of arrays


class DamagedError(Exception):
    """A file's content is not what it should be. The text continues "<file> is damaged: "."""


class ForeignError(Exception):
    """Weights are sound, but not those of the network at hand. The text says where they differ."""


def read_file(
    path: Path, limit: int, fault: type[LayerscopeError], *, grows: bool = False
) -> bytes:
    """Read the bytes of a file; raise `fault` with words for a user if that fails.

    Anything but a regular file is refused, because a pipe or device could keep us waiting for ever.
    No more memory is taken than the file is large. Of one that `grows`, to whose end others write,
    what it held when it was opened is read; any other that changes its size meanwhile is refused.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise fault(f"{path} is a folder. Choose a file.")
        if not stat.S_ISREG(mode):
            raise fault(f"{path} is not a regular file. Choose another.")
        with open_unwaiting(path) as file:
            size = os.fstat(file.fileno()).st_size
            # One byte more shows that it grows; then it is neither the old file nor the new one.
            data = file.read(size + 1) if size <= limit else b""
    except (FileNotFoundError, NotADirectoryError):
        raise fault(f"{path} does not exist. Check the folder and the name.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise fault(f"{path} cannot be read: {reason}. Check its name and permissions.") from error
    except MemoryError:
        raise fault(f"{path} does not fit into memory. Choose a smaller file.") from None
    if size > limit:
        raise fault(
            f"{path} is larger than {limit // 10**6:,} MB, which no file of this kind is. "
            "Choose another."
        )
    if grows:
        data = data[:size]
    if len(data) != size:
        raise fault(f"{path} was being written while it was read. Try again when that is done.")
    return data


def open_zip(data: bytes) -> zipfile.ZipFile:
    """Open the bytes of a ZIP archive, to read its members.

    Raises DamagedError if it has more members than any network needs: Python takes some 500 bytes
    for each, of which an archive needs 50. Raises zipfile.BadZipFile if it is no archive.
    """
    if data.count(_MEMBER) > _MOST_MEMBERS:
        raise DamagedError("it has more members than any network needs")
    return zipfile.ZipFile(io.BytesIO(data))


def open_unwaiting(path: Path) -> BufferedReader:
    """Open a file to read; a pipe without a writer is not waited for."""
    return path.open("rb") if os.name == "nt" else open(path, "rb", opener=_open_unwaiting)


def _open_unwaiting(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NONBLOCK)


def digest_of(data: bytes) -> str:
    """Return a fingerprint of the bytes of a file."""
    return hashlib.sha256(data).hexdigest()


def digest_file(path: Path, limit: int) -> str | None:
    """Return the fingerprint of a file's content; None if there is no regular file to be read.

    A file of more than `limit` bytes is not read: its fingerprint is its size.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a device may have to be opened with care
            return None
        with open_unwaiting(path) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                return None
            if found.st_size > limit:
                return f"{found.st_size} bytes"
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return None
