"""Read the bytes of a safetensors file without trust, and without a copy of its values.

The library copies every array before one can see what there is, which takes the file's size once
more. The format: a length in 8 bytes, a header in JSON with the type, the shape and the place of
each array, and the values. Here as there, the arrays lie one after the other without a gap, up to
the end of the file (https://huggingface.co/docs/safetensors).
"""

import math
import os
import struct
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from engine.array_types import Array, Shape
from engine.files.tensors import FLOATS, MOST_LETTERS, Entry, as_float32
from engine.files.untrusted_read import DamagedError, open_unwaiting

_MOST_HEADER = 2 * MOST_LETTERS  # as Python's objects it takes many times its memory
_LENGTH = struct.Struct("<Q")
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
