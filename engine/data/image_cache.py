"""ImageCache: keeps what was decoded of image files, so that it is decoded once.

An error there is never raised: the images are decoded again, which costs time only.
"""

import contextlib
import logging
import math
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from engine.array_types import Shape
from engine.data.images import LARGE, Bytes, ImageFile, Images, StoredImages
from engine.errors import DataError
from engine.kept_files import CHECKSUM_BYTES, opened_kept, write_kept
from engine.paths import home

USUAL_LIMIT = 2_000_000_000  # bytes
_logger = logging.getLogger(__name__)
_LIMIT = "limit"  # the name of the file that says how much is kept
_NAME = re.compile(r"[0-9a-f]{64}\.images")
_ASIDE = re.compile(r"[0-9a-f]{64}\.images\.[0-9a-f]{32}")
_ABANDONED_SECONDS = 3600.0  # no writing takes that long
_LENGTH_BYTES = 8
_MOST_ACCOUNT_BYTES = 1 << 30


class Usage(NamedTuple):
    """How many sets of images are kept, and how many bytes they take."""

    sets: int
    size: int


class _Account(msgspec.Struct, frozen=True):
    """What stands before the images in a file: of which key they are, their shape, and the rest."""

    key: str
    shape: tuple[int, int, int, int]
    rest: msgspec.Raw


class ImageCache:
    """Keeps sets of decoded images in files, the least recently used of which go first.

    Programs that use it at the same time do not disturb each other: a file is there whole or not at
    all. `limit`, in bytes, holds for all of them.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or home() / "cache" / "images"

    @property
    def limit(self) -> int:
        """How many bytes are kept at most; 0: none."""
        try:
            return max(0, int((self.folder / _LIMIT).read_bytes()[:20]))
        except (OSError, ValueError):  # it is not there, or says something else
            return USUAL_LIMIT

    def set_limit(self, limit: int) -> None:
        """Choose how much is kept, and remove what is beyond it. Raises OSError if that fails."""
        self.folder.mkdir(parents=True, exist_ok=True)
        aside = self.folder / f"{_LIMIT}.{os.getpid()}"
        aside.write_text(f"{limit}\n")
        aside.replace(self.folder / _LIMIT)
        self._make_room(0)

    def usage(self) -> Usage:
        """Return how much is kept."""
        sizes = [status.st_size for _, status in self._kept()]
        return Usage(len(sizes), sum(sizes))

    def clear(self) -> None:
        """Remove all that is kept. Raises OSError if a file cannot be removed."""
        for path, _ in list(self._kept()):
            path.unlink(missing_ok=True)
        self._sweep(0.0)

    def load(self, key: str) -> tuple[Images, bytes] | None:
        """Return the images of a key and what was saved with them; None if there are none.

        Very many images stay in the file.
        """
        path = self._path(key)
        try:
            with opened_kept(path) as file:
                length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
                account = msgspec.json.decode(
                    file.read(min(length, _MOST_ACCOUNT_BYTES)), type=_Account
                )
                size, shape = math.prod(account.shape), account.shape
                start = CHECKSUM_BYTES + _LENGTH_BYTES + length
                whole = os.fstat(file.fileno()).st_size == start + size
                if account.key != key or min(shape) < 1 or not whole:
                    raise ValueError("it holds something else")
                images = _images(path, start, shape, file.read(size) if size <= LARGE else None)
            # When it was used; another time of writing would say that it was changed.
            os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, DataError, msgspec.MsgspecError, MemoryError) as fault:
            _logger.warning("%s is not used (%s). The images are decoded anew.", path, fault)
            return None
        return images, bytes(account.rest)

    def save(self, key: str, images: Bytes, rest: bytes) -> None:
        """Keep images and what belongs to them, in JSON, if there is room below the limit."""
        account = msgspec.json.encode(_Account(key, images.shape, msgspec.Raw(rest)))
        length = len(account).to_bytes(_LENGTH_BYTES, "little")
        size = CHECKSUM_BYTES + len(length) + len(account) + images.nbytes
        if size > self.limit:
            return
        try:
            self._sweep(_ABANDONED_SECONDS)
            self._make_room(size)
            pixels = np.ascontiguousarray(images).reshape(-1)
            write_kept(self._path(key), [length, account, pixels.data])
        except OSError as fault:
            _logger.warning("Decoded images cannot be kept (%s).", fault)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.images"

    def _kept(self) -> Iterator[tuple[Path, os.stat_result]]:
        return self._matching(_NAME)

    def _matching(self, pattern: re.Pattern[str]) -> Iterator[tuple[Path, os.stat_result]]:
        """Give the files of the cache; another program may remove some meanwhile."""
        with contextlib.suppress(OSError):
            for entry in os.scandir(self.folder):
                with contextlib.suppress(OSError):
                    if pattern.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                        yield Path(entry.path), entry.stat(follow_symlinks=False)

    def _make_room(self, size: int) -> None:
        """Remove what was used least recently until so many bytes more are within the limit."""
        kept = sorted(self._kept(), key=lambda each: each[1].st_atime_ns, reverse=True)
        room = self.limit - size
        for path, status in kept:
            room -= status.st_size
            if room < 0:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _sweep(self, seconds: float) -> None:
        """Remove what programs that were killed while they wrote have left so long ago."""
        for path, status in list(self._matching(_ASIDE)):
            if time.time() - status.st_mtime >= seconds:
                with contextlib.suppress(OSError):
                    path.unlink()


def _images(path: Path, start: int, shape: Shape, values: bytes | None) -> Images:
    if values is None:
        return StoredImages(ImageFile(path, start, shape))
    return np.frombuffer(values, np.uint8).reshape(shape)
