"""Read pictures and labels from `.npz` files, as numpy writes them.

A file is not trusted: the header of each array is checked before its values are read, then exactly
as many bytes as it says. Objects, which could run code, are refused.
"""

import math
import struct
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from engine.array_types import format_shape
from engine.data.images import CHANNELS, LARGE, MAX_BYTES, ImageFile, Images, LazyImages
from engine.data.parts import (
    SCALES,
    Parts,
    Samples,
    as_bytes,
    notes_on,
    numbered,
    pictures_of,
    scale_of,
)
from engine.data.reading import opened_archive, read_up_to, why_unreadable
from engine.errors import DataError

_NAMES = "x_train, y_train, x_test and y_test, or x and y"
_TRAINING = (("x_train", "y_train"), ("x", "y"), ("images", "labels"))
_TEST = ("x_test", "y_test")
_AGAIN = "Write it with numpy.savez."
# numpy reads a header as Python's own text of a dictionary.
_NO_HEADER = (ValueError, KeyError, TypeError, SyntaxError, TokenError, RecursionError)
_CHUNK = 1 << 20


def read_npz(path: Path) -> Parts:
    """Read the images and labels of a file, with its test part if it has one.

    Images are arrays of bytes, or of numbers from 0 to 1, 16 or 255: (n, height, width), in colour
    with 3 at the end or after n, or rows of square images (n, pixels). Labels are whole numbers or
    words (n,). Raises DataError if the file is damaged or holds something else.
    """
    with opened_archive(path, f"A .npz file is expected. {_AGAIN}", _AGAIN) as file:
        return _read_parts(file, path)


def holds_images(path: Path) -> bool:
    """Return whether a file has the names of images and labels, or cannot be looked into."""
    try:
        with opened_archive(path, f"A .npz file is expected. {_AGAIN}", _AGAIN) as file:
            members = {name.removesuffix(".npy") for name in file.namelist()}
    except DataError:
        return True
    return any(images in members for images, _ in _TRAINING)


def _read_parts(file: zipfile.ZipFile, path: Path) -> Parts:
    members = {info.filename.removesuffix(".npy"): info for info in file.infolist()}
    if len(members) < len(file.infolist()):
        raise DataError(f"{path} holds two arrays of the same name. {_AGAIN}")
    for images, labels in _TRAINING:
        if images in members and labels in members:
            break
    else:
        held = ", ".join(sorted(members)[:8]) or "nothing"
        raise DataError(f"{path} holds {held}; expected are {_NAMES}.")
    pairs = [(images, labels)]
    if set(_TEST) <= members.keys():
        pairs.append(_TEST)
    stored = {
        name: found
        for name, _ in pairs
        if (found := _find_stored(file, members[name], path)) is not None
    }
    read = {
        name: _read_array(file, members[name], path)
        for pair in pairs
        for name in pair
        if name not in stored
    }
    parts = _parts_of(read, stored, pairs, path)
    others = sorted(members.keys() - {name for pair in pairs for name in pair})[:8]
    if not others:
        return parts
    note = f"Other arrays of the file were left out: {', '.join(name[:40] for name in others)}."
    return replace(parts, notes=(*parts.notes, note))


def _parts_of(
    arrays: dict[str, NDArray[Any]],
    stored: dict[str, LazyImages],
    pairs: list[tuple[str, str]],
    path: Path,
) -> Parts:
    read: dict[str, Any] = {**arrays, **stored}
    counts = [len(read[images]) for images, _ in pairs]
    for images, labels in pairs:
        if images in arrays and arrays[images].dtype.kind == "U":
            raise DataError(f"{path}: {images} holds words. Images are arrays of numbers.")
        if read[labels].shape not in ((len(read[images]),), (len(read[images]), 1)):
            raise DataError(
                f"{path}: {labels} has the shape {format_shape(read[labels].shape)}, but {images} "
                f"holds {len(read[images]):,} images. There must be one label for each."
            )
    both = np.concatenate([read[labels].reshape(-1) for _, labels in pairs])
    numbers, names = numbered(both, path.name)
    ends = np.split(numbers, np.cumsum(counts)[:-1])
    inside = [arrays[images] for images, _ in pairs if images in arrays]
    scale = SCALES[-1] if stored else scale_of(inside, path.name)

    def pictures(name: str) -> Images:
        if name in stored:
            return stored[name]
        return pictures_of(as_bytes(arrays[name], scale), f"{path.name}, {name},")

    samples = [
        Samples(pictures(images), part) for (images, _), part in zip(pairs, ends, strict=True)
    ]
    test = samples[1] if len(samples) > 1 else None
    in_rows = any(len(read[images].shape) == 2 for images, _ in pairs)
    return Parts(samples[0], test, names, notes=notes_on(scale, samples[0].images, in_rows))


def _find_stored(file: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> LazyImages | None:
    """Return very many images that can be read from the file when they are wanted; else None.

    They are bytes from 0 to 255 and not compressed. All are looked at once, for their checksum and
    their scale.
    """
    if member.file_size <= LARGE or member.compress_type != zipfile.ZIP_STORED:
        return None
    where = f"{path}, {member.filename},"
    if why_unreadable(member):
        return None
    with file.open(member) as stream:
        shape, fortran, dtype = _read_header(stream, where)
        start = stream.tell()
        if dtype != np.uint8 or fortran or member.file_size - start != math.prod(shape):
            return None
        highest = 0
        while piece := stream.read(_CHUNK):
            highest = max(highest, int(np.frombuffer(piece, np.uint8).max()))
    if highest <= SCALES[-2]:
        return None
    layout, at_end = _layout(shape, where)
    return LazyImages(ImageFile(path, _start_of(member, path) + start, layout, at_end))


def _layout(shape: tuple[int, ...], where: str) -> tuple[tuple[int, ...], bool]:
    """Return the shape of images as they lie in a file, and whether the channels are at the end."""
    _, channels, height, width = pictures_of(np.zeros((1, *shape[1:]), np.uint8), where).shape
    if len(shape) == 4:
        return shape, shape[3] in CHANNELS
    if channels == 1:
        return (shape[0], height, width), False
    return (shape[0], height, width, channels), True


def _start_of(member: zipfile.ZipInfo, path: Path) -> int:
    """Return where in the file the bytes of a member begin: after its own header and names."""
    with path.open("rb") as file:
        file.seek(member.header_offset + 26)
        name, extra = struct.unpack("<HH", file.read(4))
    return member.header_offset + 30 + int(name) + int(extra)


def _read_array(file: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> NDArray[Any]:
    """Read one array; its header says how much is to come, and no more is unpacked."""
    where = f"{path}, {member.filename},"
    if reason := why_unreadable(member):
        raise DataError(f"{where} cannot be read. {reason} {_AGAIN}")
    with file.open(member) as stream:
        shape, fortran, dtype = _read_header(stream, where)
        size = math.prod(max(1, each) for each in shape) * dtype.itemsize
        if dtype.kind not in "biufU" or not shape:
            raise DataError(
                f"{where} holds {dtype} values of shape {format_shape(shape) or 'one value'}; "
                "images are arrays of numbers, labels rows of numbers or words."
            )
        if size > MAX_BYTES:
            raise DataError(
                f"{where} says that it holds {format_shape(shape)} values, more than the "
                f"{MAX_BYTES // 1024**3} GiB that are read. Choose a smaller file."
            )
        wanted = math.prod(shape) * dtype.itemsize
        data = read_up_to(stream, wanted)
        if len(data) < wanted or stream.read(1):
            raise DataError(f"{where} has another length than its header says. Write it again.")
    if not math.prod(shape):
        raise DataError(f"{where} is empty. Choose a file with images.")
    if dtype.kind == "U" and not _is_text(data, dtype):
        raise DataError(f"{where} holds words with letters that there are none of. {_AGAIN}")
    values = np.frombuffer(data, dtype).reshape(shape[::-1] if fortran else shape)
    return np.ascontiguousarray(values.T) if fortran else values


def _is_text(data: bytearray, dtype: np.dtype[Any]) -> bool:
    """Return whether words are made of letters alone; numpy makes broken strings of other ones."""
    letters = np.frombuffer(data, np.dtype(np.uint32).newbyteorder(dtype.byteorder))
    surrogates = (letters >= 0xD800) & (letters <= 0xDFFF)
    return bool((letters <= sys.maxunicode).all() and not surrogates.any())


def _read_header(stream: IO[bytes], where: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    try:
        version = npy.read_magic(stream)
        read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
        shape, fortran, dtype = read(stream)
    except _NO_HEADER as fault:
        raise DataError(f"{where} is no array of numpy. {_AGAIN}") from fault
    if dtype.hasobject or any(each < 0 for each in shape):
        raise DataError(f"{where} holds objects, which are not read. Write numbers or words.")
    return shape, bool(fortran), dtype
