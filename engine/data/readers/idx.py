"""Read IDX files, the format of MNIST: a header with type and sizes, then the values.

A file is not trusted: its header is checked before anything is allocated, then exactly the stated
number of bytes is read. Whatever is wrong with a file comes out as a DataError that names it.
"""

import gzip
import math
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Shape, format_shape
from engine.data.images import (
    CHANNELS,
    LARGE,
    MAX_BYTES,
    ImageFile,
    Images,
    StoredImages,
    channels_first,
)
from engine.data.reading import COPY_AGAIN, opened, read_up_to
from engine.errors import DataError

MAX_RANK = 64

_NOT_IDX = "An IDX file is expected, such as train-images-idx3-ubyte.gz of MNIST."

# The third byte of a file names the type of its values, which are big-endian.
_DTYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype(">u1"),
    0x09: np.dtype(">i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}


R = TypeVar("R")


class _Header(NamedTuple):
    dtype: np.dtype[Any]
    shape: Shape

    def __str__(self) -> str:
        return f"{format_shape(self.shape)} {_type_name(self.dtype)}"


def read_idx(path: Path) -> NDArray[Any]:
    """Read one IDX file of any rank and type of value, plain or gzipped whatever its name.

    The array is in native byte order and writeable.
    Raises DataError if the file cannot be read, or is no complete IDX file and nothing more.
    """
    return _read(path, _read_array)


def _read(path: Path, part: Callable[[BinaryIO, Path], R]) -> R:
    """Read a part of a file from its start, unpacked where it is gzipped."""
    with opened(path, _NOT_IDX) as stream:
        return part(stream, path)


def read_images_and_labels(
    images_path: Path, labels_path: Path
) -> tuple[Images, NDArray[np.uint8]]:
    """Read images (n, channels, height, width) of bytes 0-255 and their labels (n,), at least one.

    Very many images stay in their file, if it is not gzipped.
    Raises DataError if either file is faulty, is of the other kind, or if they do not go together.
    """
    # By the headers alone, for a small gzip may unpack to gigabytes.
    images, labels = check_images(images_path), _read(labels_path, _read_header)
    if len(labels.shape) == 3:
        raise DataError(
            f"{labels_path} looks like an images file ({labels}), but labels are "
            "expected. Give the images first and the labels second."
        )
    if len(labels.shape) != 1 or labels.dtype != np.uint8:
        raise DataError(
            f"{labels_path} holds {labels}, but labels are one row of "
            "unsigned bytes. Choose a labels file (idx1-ubyte)."
        )
    if images.shape[0] != labels.shape[0]:
        raise DataError(
            f"{images_path} and {labels_path} are mismatched: {images.shape[0]:,} images, but "
            f"{labels.shape[0]:,} labels. Choose two files of the same set."
        )
    return (
        _read_stated(images_path, images, _images),
        _read_stated(labels_path, labels, _read_values),
    )


def _images(stream: BinaryIO, path: Path, header: _Header) -> Images:
    """Read the images that follow a header, or leave them in the file if it can be read anywhere.

    One that is gzipped cannot.
    """
    if math.prod(header.shape) > LARGE and not isinstance(stream, gzip.GzipFile):
        there = os.fstat(stream.fileno()).st_size - stream.tell()
        _require_length(path, header, there)
        at_end = header.shape[-1] in CHANNELS and len(header.shape) == 4
        return StoredImages(ImageFile(path, stream.tell(), header.shape, channels_last=at_end))
    values = channels_first(_read_values(stream, path, header))
    return values[:, np.newaxis] if values.ndim == 3 else values


def check_images(images_path: Path) -> _Header:
    """Return the header of an images file; raise DataError if the file has another, or none."""
    images = _read(images_path, _read_header)
    if len(images.shape) == 1:
        raise DataError(
            f"{images_path} looks like a labels file ({images}), but images are "
            "expected. Give the images first and the labels second."
        )
    in_colour = len(images.shape) == 4 and not {images.shape[1], images.shape[3]}.isdisjoint(
        CHANNELS
    )
    if not (len(images.shape) == 3 or in_colour) or images.dtype != np.uint8:
        raise DataError(
            f"{images_path} holds {images}, but images are count × height × width of unsigned "
            "bytes, in colour count × height × width × 3. Choose an images file (idx3-ubyte)."
        )
    if 0 in images.shape:
        raise DataError(f"{images_path} holds no image ({images}). Choose another file.")
    return images


def _read_stated(path: Path, header: _Header, values: Callable[[BinaryIO, Path, _Header], R]) -> R:
    """Read a file whose header has been compared; refuse it if it has another one by now."""

    def read(stream: BinaryIO, path: Path) -> R:
        if _read_header(stream, path) != header:
            raise DataError(f"{path} was changed while it was read. {COPY_AGAIN}")
        return values(stream, path, header)

    return _read(path, read)


def _read_array(stream: BinaryIO, path: Path) -> NDArray[Any]:
    return _read_values(stream, path, _read_header(stream, path))


def _read_values(stream: BinaryIO, path: Path, header: _Header) -> NDArray[Any]:
    dtype, shape = header
    data = read_up_to(stream, math.prod(shape) * dtype.itemsize)
    # Reading past the end also makes gzip compare its checksum.
    _require_length(path, header, len(data) + len(stream.read(1)))
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _require_length(path: Path, header: _Header, there: int) -> None:
    """Raise DataError unless so many bytes follow a header as it says; one more is too long."""
    size = math.prod(header.shape) * header.dtype.itemsize
    stated = f"its header says {header}, which is {size:,} bytes"
    if there < size:
        raise DataError(f"{path} is cut off: {stated}, but {there:,} follow. {COPY_AGAIN}")
    if there > size:
        raise DataError(f"{path} is too long: {stated}, but more follow. {COPY_AGAIN}")


def _read_header(stream: BinaryIO, path: Path) -> _Header:
    magic = stream.read(4)
    if not magic:
        raise DataError(f"{path} is empty. {COPY_AGAIN}")
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _DTYPES:
        raise DataError(f"{path} is no IDX file: it begins with {magic.hex(' ')}. {_NOT_IDX}")
    dtype, rank = _DTYPES[magic[2]], magic[3]
    if not 1 <= rank <= MAX_RANK:
        raise DataError(
            f"{path} says that its values have {rank} dimensions; 1 to {MAX_RANK} are possible. "
            f"{_NOT_IDX}"
        )
    sizes = stream.read(4 * rank)
    if len(sizes) < 4 * rank:
        raise DataError(f"{path} is cut off within its header. {COPY_AGAIN}")
    shape: Shape = struct.unpack(f">{rank}I", sizes)
    # A size of 0 must not hide an impossible one.
    if math.prod(max(size, 1) for size in shape) * dtype.itemsize > _most_bytes(stream):
        raise DataError(
            f"{path} says that it holds {format_shape(shape)} {_type_name(dtype)}, more than the "
            f"{MAX_BYTES // 1024**3} GiB that are read. Its header may be damaged. {COPY_AGAIN}"
        )
    return _Header(dtype, shape)


def _most_bytes(stream: BinaryIO) -> int:
    """Return how many bytes of values a file may have: a plain one, all that it is long."""
    if isinstance(stream, gzip.GzipFile):
        return MAX_BYTES
    return max(MAX_BYTES, os.fstat(stream.fileno()).st_size)


def _type_name(dtype: np.dtype[Any]) -> str:
    return "unsigned bytes" if dtype == np.uint8 else f"{dtype.name} values"
