"""Named float32 arrays as bytes: safetensors and npz, written and read without trust.

Reading lists what there is by name, type and shape before any array is made of it. The functions
that read raise DamagedError or whatever the libraries raise; callers map both to one error.
"""

import io
import math
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from engine.array_types import Array, Shape
from engine.files.untrusted_read import DamagedError

FLOAT32 = "float32"
_CHUNK = 1 << 20
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Entry:
    """One array in a file: its name, type and shape, and how to read its values."""

    name: str
    dtype: str
    shape: Shape
    read: Callable[[], Array]


def write_safetensors(arrays: Mapping[str, Array], notes: Mapping[str, str] = _NONE) -> bytes:
    """Encode arrays in the safetensors format, with notes as its metadata."""
    from safetensors.numpy import save

    # safetensors 0.8 writes wrong values, silently, for arrays that are not C-contiguous.
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    return save(whole, dict(notes) or None)


def read_safetensors(data: bytes) -> list[Entry]:
    """List the arrays in the bytes of a safetensors file."""
    from safetensors import deserialize

    entries = []
    for name, stored in deserialize(data):  # type: ignore[no-untyped-call]
        dtype = FLOAT32 if stored["dtype"] == "F32" else str(stored["dtype"])
        shape, values = tuple(stored["shape"]), stored["data"]

        def read(values: bytearray = values, shape: Shape = shape) -> Array:
            return np.frombuffer(values, "<f4").reshape(shape).astype(np.float32)

        entries.append(Entry(name, dtype, shape, read))
    return entries


def write_npz(arrays: Mapping[str, Array], notes: Mapping[str, str] = _NONE) -> bytes:
    """Encode arrays in numpy's npz format, uncompressed; it has no place for notes."""
    del notes
    file = io.BytesIO()
    np.savez(file, **{name: np.ascontiguousarray(array) for name, array in arrays.items()})  # type: ignore[arg-type]
    return file.getvalue()


def read_npz(data: bytes) -> list[Entry]:
    """List the arrays in the bytes of an npz file by their headers, without unpickling anything."""
    archive = zipfile.ZipFile(io.BytesIO(data))
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
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DamagedError(f"{member.filename} is compressed in an unusual way")
    with archive.open(member) as stream:
        # Later versions are for headers over 64 KiB, which a bomb could be hidden in.
        if np.lib.format.read_magic(stream) != (1, 0):
            raise DamagedError(f"{member.filename} has an unusual version")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it was written by Python 2, which does no harm
            shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(stream)
        start = stream.tell()
    size = math.prod(shape) * dtype.itemsize

    def read() -> Array:
        with archive.open(member) as stream:
            stream.read(start)
            values = bytearray()
            while len(values) < size and (piece := stream.read(min(_CHUNK, size - len(values)))):
                values += piece
            if len(values) < size or stream.read(1):  # reading to the end checks the checksum
                raise DamagedError(f"{member.filename} is shorter or longer than it says")
        array = np.frombuffer(values, dtype).reshape(shape, order="F" if fortran_order else "C")
        return array.astype(np.float32, order="C")

    return Entry(member.filename.removesuffix(".npy"), dtype.name, shape, read)
