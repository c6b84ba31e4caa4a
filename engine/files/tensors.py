"""Named float32 arrays as bytes: safetensors and npz written, npz read without trust.

Reading lists what there is by name, type and shape before any array is made of it. The functions
that read raise DamagedError or whatever the libraries raise; callers map both to one error.
"""

import io
import json
import math
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.array_types import Array, Shape
from engine.files.untrusted_read import DamagedError, open_unwaiting, open_zip

FLOAT32 = "float32"
FLOATS = (FLOAT32, "float64", "float16", "bfloat16")  # what an entry can be read from
METADATA = "metadata"  # the member of an npz file with its notes
_CHUNK = 1 << 20
_LENGTH = struct.Struct("<Q")  # of the header of a safetensors file
_NOTES = "__metadata__"
# Room for the blocks of any network; to decode the worst JSON of this size takes 110 MB.
MOST_LETTERS = 4_000_000
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Entry:
    """One array in a file: its name, type and shape, and how to read its values, as float32.

    Only those of a type among `FLOATS` can be read.
    """

    name: str
    dtype: str
    shape: Shape
    read: Callable[[], Array]


class _Header(NamedTuple):
    """What stands before the values of a member of an npz file, and how many bytes that takes."""

    size: int
    shape: Shape
    is_fortran: bool
    dtype: np.dtype[Any]


def write_safetensors(arrays: Mapping[str, Array], notes: Mapping[str, str] = _NONE) -> bytes:
    """Encode arrays in the safetensors format, with notes as its metadata."""
    from safetensors.numpy import save

    # safetensors 0.8 writes wrong values, silently, for arrays that are not C-contiguous.
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    return save(whole, dict(notes) or None)


def safetensors_pieces(
    arrays: Mapping[str, Array], notes: Mapping[str, str] = _NONE
) -> list[bytes | memoryview]:
    """Return what lies in a safetensors file of float32 arrays, piece by piece, without a copy.

    The library copies all of it twice, and no other thread runs meanwhile.
    """
    header: dict[str, object] = {_NOTES: dict(notes)} if notes else {}
    values: list[bytes | memoryview] = []
    end = 0
    for name in sorted(arrays):
        flat = np.ascontiguousarray(arrays[name], "<f4").reshape(-1)
        places = end, end + flat.nbytes
        header[name] = {"dtype": "F32", "shape": arrays[name].shape, "data_offsets": places}
        values.append(flat.view(np.uint8).data)
        end += flat.nbytes
    text = msgspec.json.encode(header)
    text += b" " * (-len(text) % _LENGTH.size)  # so that the values lie where they can be used
    return [_LENGTH.pack(len(text)), text, *values]


def write_npz(arrays: Mapping[str, Array], notes: Mapping[str, str] = _NONE) -> bytes:
    """Encode arrays in numpy's npz format, uncompressed.

    Notes, which must be in JSON, are one JSON object, a text of no axes called `metadata`.
    """
    members: dict[str, NDArray[Any]] = {
        name: np.ascontiguousarray(array) for name, array in arrays.items()
    }
    if notes:
        parts = (f"{json.dumps(name)}: {text}" for name, text in notes.items())
        members[METADATA] = np.array("{" + ", ".join(parts) + "}")
    file = io.BytesIO()
    np.savez(file, **members)  # type: ignore[arg-type]
    return file.getvalue()


def read_npz_notes(data: bytes) -> dict[str, str]:
    """Return the notes in the bytes of an npz file, without unpickling anything."""
    archive = open_zip(data)
    if f"{METADATA}.npy" not in archive.namelist():
        return {}
    member = archive.getinfo(f"{METADATA}.npy")
    header = _npz_header(archive, member)
    if header.dtype.kind != "U" or header.shape or header.dtype.itemsize > 4 * MOST_LETTERS:
        raise DamagedError(f"its {METADATA} is no text, or too long")
    text = str(np.frombuffer(_npz_values(archive, member, header), header.dtype)[0])
    parts = json.loads(text)
    return {name: json.dumps(value) for name, value in parts.items()}


def read_npz(data: bytes) -> list[Entry]:
    """List the arrays in the bytes of an npz file by their headers, without unpickling anything."""
    archive = open_zip(data)
    names = [member.filename.removesuffix(".npy") for member in archive.infolist()]
    if len(set(names)) < len(names):
        raise DamagedError("a name occurs twice in it")
    return [_npz_entry(archive, member) for member in archive.infolist()]


def hold(entries: Sequence[Entry], arrays: Mapping[str, Array]) -> bool:
    """Return whether what was read holds these arrays, all of them and exactly."""
    found = {entry.name: entry for entry in entries}
    return found.keys() == arrays.keys() and all(
        found[name].dtype == array.dtype.name == FLOAT32
        and np.array_equal(found[name].read(), array)
        for name, array in arrays.items()
    )


def _npz_entry(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Entry:
    header = _npz_header(archive, member)

    def read() -> Array:
        values = _npz_values(archive, member, header)
        order: Literal["F", "C"] = "F" if header.is_fortran else "C"
        array = np.frombuffer(values, header.dtype).reshape(header.shape, order=order)
        return as_float32(array)

    name = member.filename.removesuffix(".npy")
    return Entry(name, header.dtype.name, header.shape, read)


def _npz_header(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> _Header:
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DamagedError(f"{member.filename} is compressed in an unusual way")
    with archive.open(member) as stream:
        # Later versions are for headers over 64 KiB, which a bomb could be hidden in.
        if np.lib.format.read_magic(stream) != (1, 0):
            raise DamagedError(f"{member.filename} has an unusual version")
        shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        return _Header(stream.tell(), shape, is_fortran, dtype)


def _npz_values(archive: zipfile.ZipFile, member: zipfile.ZipInfo, header: _Header) -> bytearray:
    size = math.prod(header.shape) * header.dtype.itemsize
    values = bytearray()
    with archive.open(member) as stream:
        stream.read(header.size)
        while len(values) < size and (piece := stream.read(min(_CHUNK, size - len(values)))):
            values += piece
        if len(values) < size or stream.read(1):  # reading to the end checks the checksum
            raise DamagedError(f"{member.filename} is shorter or longer than it says")
    return values


def as_float32(array: NDArray[Any]) -> Array:
    """Copy an array as float32 in C order; what is too large for it becomes infinite."""
    with np.errstate(over="ignore"):  # for others to refuse
        return array.astype(np.float32, order="C")


CHECKSUMS = "crc32"


def with_checksums(notes: Mapping[str, str], arrays: Mapping[str, Array]) -> dict[str, str]:
    """Return notes, which are in JSON, with the checksums of the arrays and of themselves."""
    found = {name: _of_array(array) for name, array in arrays.items()}
    return {**notes, CHECKSUMS: json.dumps({**found, METADATA: _of_notes(notes)})}


def checked(entries: Sequence[Entry], notes: Mapping[str, str]) -> list[Entry]:
    """Return the arrays of a file so that reading one compares its checksum, if there are any.

    Notes that tell the stack are ours, and have them.
    Raises DamagedError, here or when an array is read, where they are not those of the file.
    """
    if CHECKSUMS not in notes and "stack" not in notes:
        return list(entries)
    known = json.loads(notes.get(CHECKSUMS, "null"))
    others = {name: text for name, text in notes.items() if name != CHECKSUMS}
    if not isinstance(known, dict) or known.pop(METADATA, None) != _of_notes(others):
        raise DamagedError("its metadata is not what was written")
    if known.keys() != {entry.name for entry in entries}:
        raise DamagedError("its arrays are not those that its metadata names")
    return [_checked(entry, known[entry.name]) for entry in entries]


def _checked(entry: Entry, checksum: object) -> Entry:
    def read() -> Array:
        array = entry.read()
        if _of_array(array) != checksum:
            raise DamagedError(f"the numbers of {entry.name} are not those that were written")
        return array

    return replace(entry, read=read)


def _of_array(array: Array) -> int:
    return zlib.crc32(np.ascontiguousarray(array, "<f4").data)


def _of_notes(notes: Mapping[str, str]) -> int:
    """Return the checksum of what notes say, however their JSON is written."""
    said = {name: json.loads(text) for name, text in notes.items()}
    return zlib.crc32(json.dumps(said, sort_keys=True).encode())


_MOST_HEADER = 2 * MOST_LETTERS  # as Python's objects it takes many times its memory
_METADATA = "__metadata__"
_FLOATS = dict(zip(("F32", "F64", "F16", "BF16"), FLOATS, strict=True))
_SIZES = {  # of a value, in bytes
    **dict.fromkeys(("F64", "I64", "U64"), 8),
    **dict.fromkeys(("F32", "I32", "U32"), 4),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 2),
    **dict.fromkeys(("I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2"), 1),
}
_Count = Annotated[int, Meta(ge=0, le=2**53)]


class _Stored(msgspec.Struct):
    dtype: str
    # To multiply the sizes of 100,000 axes would take minutes.
    shape: Annotated[tuple[_Count, ...], Meta(max_length=64)]
    data_offsets: tuple[_Count, _Count]


def read_safetensors(data: bytes) -> list[Entry]:
    """List the arrays in the bytes of a file, in the order in which they lie there.

    Raises ValueError, or what msgspec raises, if it is none, DamagedError if it is too long.
    """
    header, values = _split(data)
    stored = {
        name: msgspec.json.decode(raw, type=_Stored)
        for name, raw in header.items()
        if name != _METADATA
    }
    entries, end = [], 0
    for name, told in sorted(stored.items(), key=lambda each: each[1].data_offsets):
        start, stop = told.data_offsets
        size = _SIZES.get(told.dtype)
        if size is None:
            raise ValueError(f"it has an array of the unknown type {told.dtype[:20]!r}")
        if start != end or stop - start != size * math.prod(told.shape):
            raise ValueError("its arrays are not where its header says")
        dtype = _FLOATS.get(told.dtype, told.dtype)
        read = partial(_read, values[start:stop], dtype, told.shape)
        entries.append(Entry(name, dtype, told.shape, read))
        end = stop
    if end != len(values):
        raise ValueError("it is shorter or longer than its header says")
    return entries


def read_safetensors_notes(data: bytes) -> dict[str, str]:
    """Return the metadata in the bytes of a file; errors as `read_safetensors`."""
    header, _ = _split(data)
    if _METADATA not in header:
        return {}
    notes = msgspec.json.decode(header[_METADATA], type=dict[str, str])
    if sum(map(len, notes.values())) > MOST_LETTERS:
        raise DamagedError("its metadata is longer than that of any network")
    return notes


def is_whole(path: Path) -> bool:
    """Return whether a file is as long as its header says, not cut off or still being written.

    Raises OSError if it cannot be read.
    """
    with open_unwaiting(path) as file:
        start = file.read(_LENGTH.size)
        if len(start) < _LENGTH.size:
            return False
        (size,) = _LENGTH.unpack(start)
        header = file.read(size) if size <= _MOST_HEADER else b""
        try:
            stored = msgspec.json.decode(header, type=dict[str, msgspec.Raw])
            stored.pop(_METADATA, None)
            told = [msgspec.json.decode(raw, type=_Stored) for raw in stored.values()]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return False
        end = max((each.data_offsets[1] for each in told), default=0)
        return os.fstat(file.fileno()).st_size == _LENGTH.size + int(size) + end


def _split(data: bytes) -> tuple[Mapping[str, msgspec.Raw], memoryview]:
    (size,) = _LENGTH.unpack_from(data)
    if size > len(data) - _LENGTH.size:
        raise ValueError("its header is longer than the file")
    if size > _MOST_HEADER:
        raise DamagedError("its header is longer than that of any network")
    whole = memoryview(data)
    values = whole[_LENGTH.size + size :]
    return msgspec.json.decode(whole[_LENGTH.size :][:size], type=dict[str, msgspec.Raw]), values


def _read(values: memoryview, dtype: str, shape: Shape) -> Array:
    if dtype == "bfloat16":  # the upper half of a float32
        halves = np.frombuffer(values, "<u2").astype(np.uint32) << np.uint32(16)
        return halves.view(np.float32).reshape(shape)
    stored_as = np.dtype(dtype).newbyteorder("<")
    return as_float32(np.frombuffer(values, stored_as).reshape(shape))
