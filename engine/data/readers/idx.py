"""Read IDX files, the format of MNIST: a header with type and sizes, then the values.

A file is not trusted: its header is checked before anything is allocated, then exactly the stated
number of bytes is read. Whatever is wrong with a file comes out as a DataError that names it.
"""

import gzip
import math
import os
import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Shape, format_shape
from engine.data.images import (
    CHANNELS,
    LARGE,
    MAX_BYTES,
    ImageFile,
    Images,
    LazyImages,
    channels_first,
)
from engine.data.reading import COPY_AGAIN, opened, read_up_to
from engine.errors import DataError

RANKS = {"images": "idx3", "labels": "idx1"}
PARTS = ("training", "test")
_PREFIXES = {"training": ("train",), "test": ("t10k", "test")}
_NOT_IDX = "An IDX file of bytes is expected, such as train-images-idx3-ubyte.gz of MNIST."
_MAGIC = b"\0\0\x08"  # unsigned bytes; other types of values are neither images nor labels
_MAX_RANK = 64


def read_images_and_labels(
    images_path: Path, labels_path: Path
) -> tuple[Images, NDArray[np.uint8]]:
    """Read images (n, channels, height, width) of bytes 0-255 and their labels (n,), at least one.

    Very many images stay in their file, if it is not gzipped.
    Raises DataError if either file is faulty, is of the other kind, or if they do not go together.
    """
    # By the headers alone, for a small gzip may unpack to gigabytes.
    shape = check_images(images_path)
    with opened(labels_path, _NOT_IDX) as stream:
        stated = _read_header(stream, labels_path)
        if len(stated) != 1:
            raise DataError(
                f"{labels_path} holds {format_shape(stated)} bytes, but labels are one row. Choose "
                "a labels file (idx1-ubyte)."
            )
        if stated[0] != shape[0]:
            raise DataError(
                f"{images_path} and {labels_path} are mismatched: {shape[0]:,} images, but "
                f"{stated[0]:,} labels. Choose two files of the same set."
            )
        labels = _read_values(stream, labels_path, stated)
    with opened(images_path, _NOT_IDX) as stream:
        if _read_header(stream, images_path) != shape:
            raise DataError(f"{images_path} was changed while it was read. {COPY_AGAIN}")
        return _images(stream, images_path, shape), labels


def check_images(path: Path) -> Shape:
    """Return the shape that an images file says; raise DataError if it holds no images."""
    with opened(path, _NOT_IDX) as stream:
        shape = _read_header(stream, path)
    in_colour = len(shape) == 4 and not {shape[1], shape[3]}.isdisjoint(CHANNELS)
    if not (len(shape) == 3 or in_colour):
        raise DataError(
            f"{path} holds {format_shape(shape)} bytes, but images are count × height × width, in "
            "colour count × height × width × 3. Choose an images file (idx3-ubyte)."
        )
    if 0 in shape:
        raise DataError(f"{path} holds no image ({format_shape(shape)}). Choose another file.")
    return shape


def find_pair_of(folder: Path, part: str) -> tuple[Path, Path]:
    """Return the images and the labels file of a part, "training" or "test".

    Raises DataError if one is not there.
    """
    found = []
    for kind in RANKS:
        names = _names(part, kind)
        paths = [folder / name for name in names if os.path.isfile(folder / name)]
        if not paths:
            raise DataError(
                f"{folder} has no readable file of {part} {kind}: {names[0]} is expected, plain or "
                "gzipped."
            )
        found.append(paths[0])
    return found[0], found[1]


def why_incomplete(folder: Path) -> str:
    """Return which of the four files is not in a folder; empty if all are."""
    try:
        for part in PARTS:
            find_pair_of(folder, part)
    except DataError as error:
        return str(error)
    return ""


def has_idx_files(folder: Path) -> bool:
    """Return whether a folder has any of the four files, and so is meant to have all."""
    names = (name for part in PARTS for kind in RANKS for name in _names(part, kind))
    return any(os.path.isfile(folder / name) for name in names)


def _names(part: str, kind: str) -> list[str]:
    return [
        f"{prefix}-{kind}{separator}{RANKS[kind]}-ubyte{ending}"
        for prefix in _PREFIXES[part]
        for separator in "-."
        for ending in ("", ".gz")
    ]


def _images(stream: BinaryIO, path: Path, shape: Shape) -> Images:
    """Read the images that follow a header, or leave them in the file if it can be read anywhere.

    One that is gzipped cannot.
    """
    if math.prod(shape) > LARGE and not isinstance(stream, gzip.GzipFile):
        _require_length(path, shape, os.fstat(stream.fileno()).st_size - stream.tell())
        at_end = shape[-1] in CHANNELS and len(shape) == 4
        return LazyImages(ImageFile(path, stream.tell(), shape, channels_last=at_end))
    return channels_first(_read_values(stream, path, shape))


def _read_values(stream: BinaryIO, path: Path, shape: Shape) -> NDArray[np.uint8]:
    data = read_up_to(stream, math.prod(shape))
    # Reading past the end also makes gzip compare its checksum.
    _require_length(path, shape, len(data) + len(stream.read(1)))
    return np.frombuffer(data, np.uint8).reshape(shape)


def _require_length(path: Path, shape: Shape, there: int) -> None:
    """Raise DataError unless so many bytes follow a header as it says; one more is too long."""
    size = math.prod(shape)
    stated = f"its header says {format_shape(shape)}, which is {size:,} bytes"
    if there < size:
        raise DataError(f"{path} is cut off: {stated}, but {there:,} follow. {COPY_AGAIN}")
    if there > size:
        raise DataError(f"{path} is too long: {stated}, but more follow. {COPY_AGAIN}")


def _read_header(stream: BinaryIO, path: Path) -> Shape:
    magic = stream.read(4)
    if not magic:
        raise DataError(f"{path} is empty. {COPY_AGAIN}")
    if len(magic) < 4 or magic[:3] != _MAGIC or not 1 <= magic[3] <= _MAX_RANK:
        raise DataError(f"{path} is no IDX file: it begins with {magic.hex(' ')}. {_NOT_IDX}")
    sizes = stream.read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise DataError(f"{path} is cut off within its header. {COPY_AGAIN}")
    shape: Shape = struct.unpack(f">{magic[3]}I", sizes)
    plain = not isinstance(stream, gzip.GzipFile)
    most = max(MAX_BYTES, os.fstat(stream.fileno()).st_size) if plain else MAX_BYTES
    # A size of 0 must not hide an impossible one.
    if math.prod(max(size, 1) for size in shape) > most:
        raise DataError(
            f"{path} says that it holds {format_shape(shape)} bytes, more than the "
            f"{MAX_BYTES // 1024**3} GiB that are read. Its header may be damaged. {COPY_AGAIN}"
        )
    return shape
