"""Write IDX files by the letter of the format, apart from the reader under test."""

import gzip
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

Number = int | float

# Type byte of IDX and the struct letter of one value.
TYPES = {0x08: "B", 0x09: "b", 0x0B: "h", 0x0C: "i", 0x0D: "f", 0x0E: "d"}


def idx_bytes(type_byte: int, shape: Sequence[int], values: Iterable[Number]) -> bytes:
    """Return the bytes of an IDX file; shape and values need not agree."""
    header = struct.pack(f">BBBB{len(shape)}I", 0, 0, type_byte, len(shape), *shape)
    letter = TYPES[type_byte]
    return header + b"".join(struct.pack(f">{letter}", value) for value in values)


def write_idx(path: Path, shape: Sequence[int], values: Iterable[int]) -> Path:
    """Write unsigned bytes, gzipped if the name says so."""
    content = idx_bytes(0x08, shape, values)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def write_pair(
    folder: Path, digits: Sequence[int], images: str, labels: str, side: int = 2
) -> tuple[Path, Path]:
    """Write square images, the i-th filled with the value i, and their labels."""
    pixels = [index for index in range(len(digits)) for _ in range(side * side)]
    return (
        write_idx(folder / images, (len(digits), side, side), pixels),
        write_idx(folder / labels, (len(digits),), digits),
    )
