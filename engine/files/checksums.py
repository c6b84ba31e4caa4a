"""Checksums of the arrays and notes of a weights file: safetensors has none, unlike a zip.

The note `crc32` has those of the arrays by their names, and under `metadata` that of the notes.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from engine.array_types import Array
from engine.files.tensors import METADATA, Entry
from engine.files.untrusted_read import DamagedError

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
