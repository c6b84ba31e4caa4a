"""Read IDX files, the format of MNIST: a header with type and sizes, then the values.

A file is not trusted: its header is checked before anything is allocated, then exactly the stated
number of bytes is read. Whatever is wrong with a file comes out as a DataError that names it.
"""

import gzip
import math
import stat
import struct
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Shape, format_shape
from engine.errors import DataError

MAX_BYTES = 2 * 1024**3
MAX_RANK = 64

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 20
_COPY_AGAIN = "Copy or download it again."
_NOT_IDX = "An IDX file is expected, such as train-images-idx3-ubyte.gz of MNIST."

# The third byte of a file names the type of its values, which are big-endian.
_DTYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype(">u1"),
    0x09: np.dtype(">i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}


def read_idx(path: Path) -> NDArray[Any]:
    """Read one IDX file of any rank and type of value, plain or gzipped whatever its name.

    The array is in native byte order and writeable.
    Raises DataError if the file cannot be read, or is no complete IDX file and nothing more.
    """
    try:
        _require_regular_file(path)
        with path.open("rb") as file:
            compressed = file.read(2) == _GZIP_MAGIC
            file.seek(0)
            if not compressed:
                return _read_array(file, path)
            with gzip.GzipFile(fileobj=file) as unpacked:
                return _read_array(cast(BinaryIO, unpacked), path)
    except FileNotFoundError:
        raise DataError(f"{path} does not exist. Check the folder and the name.") from None
    except (gzip.BadGzipFile, zlib.error) as fault:
        raise DataError(f"{path} is damaged ({fault}). {_COPY_AGAIN}") from fault
    except EOFError as fault:
        raise DataError(f"{path} is cut off: its gzip data has no end. {_COPY_AGAIN}") from fault
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or fault
        raise DataError(f"{path} cannot be read: {reason}. Check its name and rights.") from fault
    except MemoryError as fault:
        raise DataError(f"{path} does not fit into memory. Choose a smaller file.") from fault


def read_images_and_labels(
    images_path: Path, labels_path: Path
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Read images (n, height, width) of bytes 0-255 and their labels (n,), at least one of each.

    Raises DataError if either file is faulty, is of the other kind, or if they do not go together.
    """
    images = read_idx(images_path)
    if images.ndim == 1:
        raise DataError(
            f"{images_path} looks like a labels file ({_describe(images)}), but images are "
            "expected. Give the images first and the labels second."
        )
    if images.ndim != 3 or images.dtype != np.uint8:
        raise DataError(
            f"{images_path} holds {_describe(images)}, but images are "
            "count × height × width of unsigned bytes. Choose an images file (idx3-ubyte)."
        )
    if images.size == 0:
        raise DataError(f"{images_path} holds no image ({_describe(images)}). Choose another file.")

    labels = read_idx(labels_path)
    if labels.ndim == 3:
        raise DataError(
            f"{labels_path} looks like an images file ({_describe(labels)}), but labels are "
            "expected. Give the images first and the labels second."
        )
    if labels.ndim != 1 or labels.dtype != np.uint8:
        raise DataError(
            f"{labels_path} holds {_describe(labels)}, but labels are one row of "
            "unsigned bytes. Choose a labels file (idx1-ubyte)."
        )
    if len(images) != len(labels):
        raise DataError(
            f"{images_path} and {labels_path} are mismatched: {len(images):,} images, but "
            f"{len(labels):,} labels. Choose two files of the same set."
        )
    return images, labels


def _require_regular_file(path: Path) -> None:
    """Refuse folders, and devices or pipes, which could keep a reader waiting for ever."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise DataError(f"{path} is a folder. Choose a file in it.")
    if not stat.S_ISREG(mode):
        raise DataError(f"{path} is not a regular file. {_NOT_IDX}")


def _read_array(stream: BinaryIO, path: Path) -> NDArray[Any]:
    dtype, shape = _read_header(stream, path)
    size = math.prod(shape) * dtype.itemsize
    data = _read_up_to(stream, size)
    stated = f"its header says {format_shape(shape)} {_type_name(dtype)}, which is {size:,} bytes"
    if len(data) < size:
        raise DataError(f"{path} is cut off: {stated}, but {len(data):,} follow. {_COPY_AGAIN}")
    # Reading past the end also makes gzip compare its checksum.
    if stream.read(1):
        raise DataError(f"{path} is too long: {stated}, but more follow. {_COPY_AGAIN}")
    return np.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _read_header(stream: BinaryIO, path: Path) -> tuple[np.dtype[Any], Shape]:
    magic = stream.read(4)
    if not magic:
        raise DataError(f"{path} is empty. {_COPY_AGAIN}")
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _DTYPES:
        raise DataError(f"{path} is no IDX file: it begins with {magic.hex(' ')}. {_NOT_IDX}")
    dtype, rank = _DTYPES[magic[2]], magic[3]
    if not 1 <= rank <= MAX_RANK:
        raise DataError(
            f"{path} says that its values have {rank} dimensions; 1 to {MAX_RANK} are possible. "
            f"{_NOT_IDX}"
        )
    sizes = stream.read(4 * rank)
    if len(sizes) < 4 * rank:
        raise DataError(f"{path} is cut off within its header. {_COPY_AGAIN}")
    shape: Shape = struct.unpack(f">{rank}I", sizes)
    # A size of 0 must not hide an impossible one.
    if math.prod(max(size, 1) for size in shape) * dtype.itemsize > MAX_BYTES:
        raise DataError(
            f"{path} says that it holds {format_shape(shape)} {_type_name(dtype)}, more than the "
            f"{MAX_BYTES // 1024**3} GiB that are read. Its header may be damaged. {_COPY_AGAIN}"
        )
    return dtype, shape


def _read_up_to(stream: BinaryIO, size: int) -> bytearray:
    """Read in pieces, so that memory grows with what is there and not with what a header says."""
    data = bytearray()
    while len(data) < size and (piece := stream.read(min(_CHUNK, size - len(data)))):
        data += piece
    return data


def _describe(values: NDArray[Any]) -> str:
    return f"{format_shape(values.shape)} {_type_name(values.dtype)}"


def _type_name(dtype: np.dtype[Any]) -> str:
    return "unsigned bytes" if dtype == np.uint8 else f"{dtype.name} values"
