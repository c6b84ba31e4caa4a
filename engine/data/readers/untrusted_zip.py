"""Open ZIP archives that are not trusted: their tables are bounded, and nothing goes to disk.

What an archive says of the sizes of its members is not believed: whoever reads one sets a limit.
"""

import io
import itertools
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.data.reading import faults_in_words, require_regular_file
from engine.errors import DataError

_LARGEST_TABLE = 64 << 20  # bytes: half a million members; Python takes ten times that
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others unpack to more in less time
_ENCRYPTED = 0x1
_LEAST_HEADER = 30  # bytes before the content of a member


@contextmanager
def opened_archive(path: Path, expected: str, remedy: str) -> Iterator[zipfile.ZipFile]:
    """Open an archive to read its members; they may be read by several threads.

    `expected` and `remedy` are sentences on what should be there, and what to do about a damaged
    one. Raises DataError for whatever goes wrong, also within the block.
    """
    with faults_in_words(path, remedy):
        require_regular_file(path, expected)
        with _BoundedReader(path) as file, zipfile.ZipFile(file) as archive:
            if _overlap(archive.infolist(), path.stat().st_size):
                raise zipfile.BadZipFile("its members overlap")
            yield archive


def why_unreadable(member: zipfile.ZipInfo) -> str:
    """Return a sentence on why a member is not read; empty if it is."""
    if member.flag_bits & _ENCRYPTED:
        return "It is encrypted with a password."
    if member.compress_type not in _METHODS:
        return "It is packed by another method than the usual one (deflate)."
    return ""


def _overlap(members: Iterable[zipfile.ZipInfo], file_size: int) -> bool:
    """Return whether members share bytes, as those of a bomb do, or reach beyond the file."""
    starts = sorted((member.header_offset, member.compress_size) for member in members)
    return any(
        start + _LEAST_HEADER + size > following
        for (start, size), (following, _) in itertools.pairwise([*starts, (file_size, 0)])
    )


class _BoundedReader(io.BufferedReader):
    """A file that gives no more at a time than the table of an archive may have.

    Python reads the table at once.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self._path = path

    def read(self, size: int | None = -1, /) -> bytes:
        """Read some bytes, if they are not too many."""
        if size is not None and size > _LARGEST_TABLE:
            raise DataError(f"{self._path} has too many members to be read. Divide it.")
        return super().read(size)
