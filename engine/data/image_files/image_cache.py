"""ImageCache: keeps what was decoded of image files, so that it is decoded once.

An error there is never raised: the images are decoded again, which costs time only.
"""

import contextlib
import logging
import math
import os
import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from engine.array_types import Shape
from engine.data.image_files.file_room import FileRoom
from engine.data.images import LARGE, Bytes, ImageFile, Images, StoredImages
from engine.errors import DataError
from engine.machine.kept_files import CHECKSUM_BYTES, opened_kept, seal_kept, write_kept
from engine.paths import home

USUAL_LIMIT = 2_000_000_000  # bytes
_logger = logging.getLogger(__name__)
_LIMIT = "limit"  # the name of the file that says how much is kept
_NAME = re.compile(r"[0-9a-f]{64}\.images")
_ASIDE = re.compile(r"[0-9a-f]{64}\.images\.[0-9a-f]{32}")
_ABANDONED_SECONDS = 3600.0  # no writing takes that long
_LENGTH_BYTES = 8
_START = CHECKSUM_BYTES + _LENGTH_BYTES  # of the images in a file
_NOT_KEPT = "Decoded images cannot be kept (%s)."
_MOST_ACCOUNT_BYTES = 1 << 30


class Usage(NamedTuple):
    """How many sets of images are kept, and how many bytes they take."""

    sets: int
    size: int


class _Account(msgspec.Struct, frozen=True):
    """What stands behind the images in a file: of which key they are, their shape, and the rest."""

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

    def may_have(self, beginning: str) -> bool:
        """Return whether there is a key that begins so."""
        return any(path.name.startswith(beginning) for path, _ in self._kept())

    def load(self, key: str) -> tuple[Images, bytes] | None:
        """Return the images of a key and what was saved with them; None if there are none.

        Very many images stay in the file.
        """
        path = self._path(key)
        try:
            with opened_kept(path) as file:
                size = int.from_bytes(file.read(_LENGTH_BYTES), "little")
                values = file.read(size) if size <= LARGE else None
                file.seek(_START + size)
                account = msgspec.json.decode(file.read(_MOST_ACCOUNT_BYTES), type=_Account)
                shape = account.shape
                if account.key != key or min(shape) < 1 or math.prod(shape) != size:
                    raise ValueError("it holds something else")
                images = _images(path, shape, values)
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
        account, length = _account(key, images.shape, rest)
        size = _START + images.nbytes + len(account)
        if size > self.limit:
            return
        try:
            self._sweep(_ABANDONED_SECONDS)
            self._make_room(size)
            pixels = np.ascontiguousarray(images).reshape(-1)
            write_kept(self._path(key), [length, pixels.data, account])
        except OSError as fault:
            _logger.warning(_NOT_KEPT, fault)

    def reserve(self, shape: Shape) -> FileRoom | None:
        """Reserve room for images that are too many for memory; None if there is none.

        It is to be kept by `adopt`, or to be given up by `discard`.
        """
        aside = self._path(uuid.uuid4().hex * 2)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._sweep(_ABANDONED_SECONDS)
            return FileRoom(aside.with_name(f"{aside.name}.{uuid.uuid4().hex}"), _START, shape)
        except OSError as fault:
            _logger.warning(_NOT_KEPT, fault)
            return None

    def adopt(self, key: str, room: FileRoom, shape: Shape, rest: bytes) -> Images | None:
        """Return the images that fill a room from its beginning, and keep them if they may be kept.

        None if they can only be used as they are in the room.
        """
        account, length = _account(key, shape, rest)
        size = _START + math.prod(shape) + len(account)
        try:
            room.release()
            if size <= self.limit:
                with room.path.open("r+b") as file:
                    file.seek(CHECKSUM_BYTES)
                    file.write(length)
                    file.seek(_START + math.prod(shape))
                    file.write(account)
                    file.truncate()
                seal_kept(room.path)
                self._make_room(size)
                room.path = room.path.replace(self._path(key))
            return StoredImages(ImageFile(room.path, _START, shape))
        except (OSError, DataError) as fault:
            _logger.warning(_NOT_KEPT, fault)
            return None

    def discard(self, room: FileRoom) -> None:
        """Remove the file of a room that is not kept; what uses it may go on."""
        if _ASIDE.fullmatch(room.path.name):
            with contextlib.suppress(OSError):
                room.path.unlink()

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.images"

    def _kept(self) -> Iterator[tuple[Path, os.stat_result]]:
        return self._matching(_NAME)

    def _matching(self, pattern: re.Pattern[str]) -> Iterator[tuple[Path, os.stat_result]]:
        """Give the files of the cache; another program may remove some meanwhile."""
        with contextlib.suppress(OSError), os.scandir(self.folder) as entries:
            for entry in entries:
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


def _account(key: str, shape: Shape, rest: bytes) -> tuple[bytes, bytes]:
    """Return what stands behind images in a file, and what stands before them: their length."""
    count, channels, height, width = shape
    account = _Account(key, (count, channels, height, width), msgspec.Raw(rest))
    return msgspec.json.encode(account), math.prod(shape).to_bytes(_LENGTH_BYTES, "little")


def _images(path: Path, shape: Shape, values: bytes | None) -> Images:
    if values is None:
        return StoredImages(ImageFile(path, _START, shape))
    return np.frombuffer(values, np.uint8).reshape(shape)
