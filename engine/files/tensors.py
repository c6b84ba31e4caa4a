"""Named float32 arrays as bytes: safetensors and npz written, npz read without trust.

Reading lists what there is by name, type and shape before any array is made of it. The functions
that read raise DamagedError or whatever the libraries raise; callers map both to one error.
"""

import io
import json
import math
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, Shape
from engine.files.untrusted_read import DamagedError, open_zip

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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it was written by Python 2, which does no harm
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
