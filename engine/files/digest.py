"""Tell whether a file still holds what was read from it or written to it."""

import hashlib
import os
import stat
from pathlib import Path

from engine.files.untrusted_read import open_unwaiting


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
