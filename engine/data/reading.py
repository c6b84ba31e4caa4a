"""What all readers of data share: how they report their progress, and how they say what failed."""

import gzip
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Protocol, cast

from engine.errors import DataError

COPY_AGAIN = "Copy or download it again."
_GZIP_MAGIC = b"\x1f\x8b"
_PIECE = 1 << 20


class Report(Protocol):
    """Hears how much is done, and how much there is, 0 while that is not known.

    It may raise something to end the reading.
    """

    def __call__(self, done: int, total: int) -> None: ...


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
