"""Tell whether a file still holds what was read from it or written to it."""

import hashlib
from pathlib import Path


def digest_of(data: bytes) -> str:
    """Give a fingerprint of the bytes of a file."""
    return hashlib.sha256(data).hexdigest()


def digest_file(path: Path) -> str | None:
    """Give the fingerprint of a file's content; None if there is none that can be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return None
