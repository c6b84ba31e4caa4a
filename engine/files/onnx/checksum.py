"""The checksum at the end of the ONNX files that are exported here.

It is the last entry of the metadata, over all bytes before it. Other programs that write such a
file anew put the metadata behind the graph: then nothing is compared.
"""

import zlib
from collections.abc import Iterable

from engine.files.onnx.field_numbers import Model
from engine.files.protobuf import Piece, message, text
from engine.files.untrusted_read import DamagedError

_NAME = "crc32"


def checksum_of(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the entry for what is written before it."""
    found = 0
    for piece in pieces:
        found = zlib.crc32(piece, found)
    return message(Model.METADATA, [*text(1, _NAME), *text(2, f"{found:08x}")])


def is_marked(data: memoryview) -> bool:
    """Return whether a file ends in such an entry, whatever its number is."""
    entry = b"".join(checksum_of([]))
    return bytes(data[-len(entry) : -8]) == entry[:-8]


def require_whole(data: memoryview) -> None:
    """Raise DamagedError if a file does not end in the checksum of what is before it."""
    size = len(b"".join(checksum_of([])))
    if bytes(data[-size:]) != b"".join(checksum_of([data[:-size]])):
        raise DamagedError("it is not what was written")
