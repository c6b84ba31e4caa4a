"""Images: an array of bytes in memory, or a file from which they are read when they are wanted."""

import itertools
import math
import os
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Shape
from engine.data.reading import COPY_AGAIN, faults_in_words
from engine.errors import DataError, LostDataError

Bytes = NDArray[np.uint8]
Index = int | np.integer[Any] | slice | NDArray[np.integer[Any]] | NDArray[np.bool_]

LARGE = 200_000_000  # bytes of images; more stay in their file if it holds them as they are
MAX_BYTES = 2 * 1024**3  # of images that are unpacked, or held in memory, at once
CHANNELS = (1, 3)  # grey, or red, green and blue
BLOCK_BYTES = 8_000_000  # of images that are looked at together


class Images(Protocol):
    """Images (n, channels, height, width) of bytes: an array, or what is indexed like one."""

    @property
    def shape(self) -> Shape:
        """The number of images, and the shape of each."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: Any, /) -> Bytes: ...

    def __array__(self, dtype: Any = None, /) -> NDArray[Any]:
        """Return all images as an array, however much memory that takes."""


class ImageSource(Protocol):
    """What can give some of its images (n, channels, height, width)."""

    @property
    def shape(self) -> Shape:
        """The number of images, and the shape of each."""

    def read(self, places: NDArray[np.integer[Any]], /) -> Bytes:
        """Return the images at some places: (m, channels, height, width)."""


def subset(images: Images, places: NDArray[np.integer[Any]] | slice) -> Images:
    """Return the images at some places; those that are in a file stay there."""
    return images.at(places) if isinstance(images, LazyImages) else images[places]


def joined(first: Images, second: Images) -> "LazyImages":
    """Return images, and behind them others of the same shape: each is read where it is."""
    return LazyImages(_Joined(first, second))


def blocks(images: Images, size: int = BLOCK_BYTES) -> Iterator[slice]:
    """Cut images into slices of about so many bytes, so that never all are in memory."""
    step = max(1, size // max(1, math.prod(images.shape[1:])))
    for start in range(0, len(images), step):
        yield slice(start, min(start + step, len(images)))


def channels_first(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return images with their channels before height and width, one channel where none is told.

    Files in colour have them there or at the end; where both could be, they are at the end.
    """
    if images.ndim == 3:
        return images[:, np.newaxis]
    if images.shape[-1] in CHANNELS:
        return np.ascontiguousarray(np.moveaxis(images, -1, 1))
    return images


class ImageFile:
    """An open file that holds images of one size one after the other, from an offset on.

    `stored` is the shape of the whole in the file: (n, height, width), with channels before or,
    if it is `channels_last`, after these. Threads may read at the same time.
    Raises DataError if the file cannot be read, or is shorter.
    """

    def __init__(self, path: Path, offset: int, stored: Shape, channels_last: bool = False) -> None:
        self.path, self._stored, self._channels_last = path, stored, channels_last
        self._offset, self._image_bytes = offset, math.prod(stored[1:])
        self._lock = threading.Lock()
        self._changed = f"{path} was changed while it was in use. Read the data again."
        with faults_in_words(path):
            self._file = path.open("rb", buffering=0)
        weakref.finalize(self, self._file.close)
        self._state = self._now()
        if self._state[0] < offset + math.prod(stored):
            raise DataError(f"{path} was changed while it was read. {COPY_AGAIN}")

    @property
    def shape(self) -> Shape:
        """The number of images, and the shape of each: (n, channels, height, width)."""
        count, *one = self._stored
        if len(one) == 2:
            return count, 1, *one
        return (count, one[2], *one[:2]) if self._channels_last else self._stored

    def read(self, places: NDArray[np.integer[Any]]) -> Bytes:
        """Read the images at some places: (m, channels, height, width).

        Raises LostDataError if the file is no longer what it was when it was opened, or fails.
        """
        images = np.empty((len(places), self._image_bytes), np.uint8)
        memory = images.reshape(-1).data
        edges = [0, *(np.flatnonzero(np.diff(places) != 1) + 1).tolist(), len(places)]
        size = self._image_bytes
        try:
            with faults_in_words(self.path):
                for start, stop in itertools.pairwise(edges):
                    if start < stop:
                        first = self._offset + int(places[start]) * size
                        self._fill(memory[start * size : stop * size], first)
                if self._now() != self._state:
                    raise LostDataError(self._changed)
        except DataError as fault:
            raise LostDataError(str(fault)) from None
        if self._channels_last:
            return channels_first(images.reshape(len(places), *self._stored[1:]))
        return images.reshape(len(places), *self.shape[1:])

    def _fill(self, memory: memoryview, offset: int) -> None:
        with self._lock:
            self._file.seek(offset)
            while len(memory):
                count = self._file.readinto(memory)
                if not count:
                    raise LostDataError(self._changed)
                memory = memory[count:]

    def _now(self) -> tuple[int, int]:
        """Return what a write to the file changes."""
        state = os.fstat(self._file.fileno())
        return state.st_size, state.st_mtime_ns


class LazyImages:
    """Images (n, channels, height, width) that are read from a source when they are indexed.

    The first axis is indexed as that of an array: by a number, a slice, numbers (m,) or a mask
    (n,). What comes of it is an array in memory.
    """

    dtype = np.dtype(np.uint8)
    ndim = 4

    def __init__(self, source: ImageSource, places: NDArray[np.uint32] | None = None) -> None:
        self._source, self._places = source, places

    @property
    def shape(self) -> Shape:
        """The number of images, and the shape of each: (n, channels, height, width)."""
        return len(self), *self._source.shape[1:]

    def __len__(self) -> int:
        return self._source.shape[0] if self._places is None else len(self._places)

    def __getitem__(self, index: Index) -> Bytes:
        if isinstance(index, int | np.integer):
            one: Bytes = self._source.read(self._of(np.array([index])))[0]
            return one
        return self._source.read(self._of(index))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self[:].astype(dtype or np.uint8, copy=False)

    def at(self, places: NDArray[np.integer[Any]] | NDArray[np.bool_] | slice) -> "LazyImages":
        """Return a part of the images, which stay in their source."""
        return LazyImages(self._source, self._of(places).astype(np.uint32))

    def _of(self, index: Index) -> NDArray[np.integer[Any]]:
        """Return the places in the source of the images that are meant."""
        count = len(self)
        if isinstance(index, slice):
            span = range(count)[index]
            if self._places is not None:
                return self._places[index].astype(np.intp)
            return np.arange(span.start, span.stop, span.step)
        places = np.asarray(index)
        if places.dtype == np.bool_ and places.shape == (count,):
            places = np.flatnonzero(places)
        if places.ndim != 1 or (places.size and places.dtype.kind not in "iu"):
            raise IndexError("images in a file are indexed by numbers, slices and masks alone")
        places = places.astype(np.intp)
        if places.size and not (-count <= places.min() and places.max() < count):
            raise IndexError(f"an index is out of bounds for {count} images")
        places = np.where(places < 0, places + count, places)
        return places if self._places is None else self._places[places].astype(np.intp)


class _Joined:
    """A source of images of two places, one behind the other."""

    def __init__(self, first: Images, second: Images) -> None:
        self._first, self._second = first, second

    @property
    def shape(self) -> Shape:
        return len(self._first) + len(self._second), *self._second.shape[1:]

    def read(self, places: NDArray[np.integer[Any]]) -> Bytes:
        images = np.empty((len(places), *self.shape[1:]), np.uint8)
        in_first = places < len(self._first)
        if in_first.any():
            images[in_first] = self._first[places[in_first]]
        if not in_first.all():
            images[~in_first] = self._second[places[~in_first] - len(self._first)]
        return images
