"""What all readers of data share: files and ZIP archives that are not trusted, faults in words.

Tables of archives are bounded, and nothing goes to disk. What an archive says of the sizes of its
members is not believed: whoever reads one sets a limit.
"""

import gzip
import io
import itertools
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Protocol, cast

from engine.errors import DataError

COPY_AGAIN = "Copy or download it again."
_GZIP_MAGIC = b"\x1f\x8b"
_PIECE = 1 << 20
_LARGEST_TABLE = 64 << 20  # bytes: half a million members; Python takes ten times that
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others unpack to more in less time
_ENCRYPTED = 0x1
_LEAST_HEADER = 30  # bytes before the content of a member


class Report(Protocol):
    """Hears how much is done, and how much there is, 0 while that is not known.

    It may raise something to end the reading.
    """

    def __call__(self, done: int, total: int, /) -> None: ...


def unheard(done: int, total: int) -> None:
    """Take a report that nobody wants."""


@contextmanager
def faults_in_words(path: Path, remedy: str = COPY_AGAIN) -> Iterator[None]:
    """Raise a DataError that names a file in place of whatever reading it raises.

    `remedy` says what to do about a damaged one.
    """
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(f"{path} does not exist. Check the folder and the name.") from None
    except EOFError as fault:
        raise DataError(f"{path} is cut off: its gzip data has no end. {remedy}") from fault
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, NotImplementedError) as fault:
        raise DataError(f"{path} is damaged ({fault}). {remedy}") from fault
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or fault
        raise DataError(f"{path} cannot be read: {reason}. Check its name and rights.") from fault
    except MemoryError as fault:
        raise DataError(f"{path} does not fit into memory. Choose a smaller file.") from fault


@contextmanager
def opened(path: Path, expected: str) -> Iterator[BinaryIO]:
    """Open a file, unpacked where it is gzipped, whatever its name.

    `expected` is a sentence that says what should be there. Raises DataError for whatever goes
    wrong, also within the block.
    """
    with faults_in_words(path):
        require_regular_file(path, expected)
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP_MAGIC
            file.seek(0)
            if not packed:
                yield file
                return
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield cast(BinaryIO, unpacked)


def require_regular_file(path: Path, expected: str) -> None:
    """Refuse folders, and devices or pipes, which could keep a reader waiting for ever.

    `expected` is a sentence that says what should be there.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise DataError(f"{path} is a folder. Choose a file in it.")
    if not stat.S_ISREG(mode):
        raise DataError(f"{path} is not a regular file. {expected}")


def read_up_to(stream: IO[bytes], size: int) -> bytearray:
    """Read in pieces, so that memory grows with what is there and not with what a header says."""
    data = bytearray()
    while len(data) < size and (piece := stream.read(min(_PIECE, size - len(data)))):
        data += piece
    return data


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
