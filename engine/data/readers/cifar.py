"""Read CIFAR-10's binary version: rows of a label and the red, green and blue of 32×32 pixels."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.parts import Parts, Samples
from engine.data.reading import COPY_AGAIN, opened
from engine.errors import DataError

TRAINING_FILES = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST_FILE = "test_batch.bin"
_SHAPE = (3, 32, 32)
_ROW = 1 + 3 * 32 * 32  # bytes
_ROWS = 10_000  # of each file


def read_cifar(folder: Path, class_names: tuple[str, ...]) -> Parts:
    """Read the six files; raise DataError if one is not as it must be."""
    training = np.concatenate([_rows(folder / name, len(class_names)) for name in TRAINING_FILES])
    test = _rows(folder / TEST_FILE, len(class_names))
    return Parts(_samples(training), _samples(test), class_names)


def _rows(path: Path, classes: int) -> NDArray[np.uint8]:
    """Read the rows (10,000, 3,073) of one file."""
    size = _ROWS * _ROW
    with opened(path, "A file of CIFAR-10's binary version is expected.") as file:
        data = file.read(size + 1)
    if len(data) != size:
        raise DataError(f"{path} has not the {size:,} bytes that are expected. {COPY_AGAIN}")
    rows = np.frombuffer(data, np.uint8).reshape(_ROWS, _ROW)
    largest = int(rows[:, 0].max())
    if largest >= classes:
        raise DataError(f"{path} has the label {largest}; {classes - 1} is the last. {COPY_AGAIN}")
    return rows


def _samples(rows: NDArray[np.uint8]) -> Samples:
    images = np.ascontiguousarray(rows[:, 1:]).reshape(-1, *_SHAPE)
    return Samples(images, rows[:, 0].astype(np.int64))
