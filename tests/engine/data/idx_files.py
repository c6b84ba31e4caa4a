"""Write IDX files by the letter of the format, apart from the reader under test."""

import gzip
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path


def idx_bytes(shape: Sequence[int], values: Iterable[int]) -> bytes:
    """Return an IDX file of unsigned bytes; shape and values need not agree."""
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape) + bytes(values)


def write_idx(path: Path, shape: Sequence[int], values: Iterable[int]) -> Path:
    """Write unsigned bytes, gzipped if the name says so."""
    content = idx_bytes(shape, values)
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
