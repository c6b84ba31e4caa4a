"""The metrics of a run as a file of events, which TensorBoard shows.

A file is a row of records: the length of the data (8 bytes), a checksum of these, the data, a
checksum of it. The data is an `Event` of TensorFlow's `event.proto`, in which a `Summary` has a
number for each curve. The checksums are CRC-32C, turned and shifted as `record_writer.h` says.
"""

import struct
from collections.abc import Iterator
from functools import cache

from engine.files.protobuf import Piece, double, integer, message, real, text
from engine.runs.run_folder import EpochMetrics, Run

# By the fields of the metrics; TensorBoard puts those with one beginning side by side.
_CURVES = {
    "loss": "loss/training",
    "test_loss": "loss/test",
    "validation_loss": "loss/validation",
    "accuracy": "accuracy/training",
    "test_accuracy": "accuracy/test",
    "validation_accuracy": "accuracy/validation",
    "samples_per_second": "speed/samples per second",
}
_FORMAT = "brain.Event:2"
_POLYNOMIAL = 0x82F63B78  # of CRC-32C, its bits reversed
_MASK = 0xA282EAD8


def event_records(run: Run) -> Iterator[bytes]:
    """Give the records of a file, one by one: the first says its format, each other is an epoch.

    A step is an epoch of the network's age, so that the curves of a run go on where those of its
    parent end.
    """
    clock = 0.0 if run.started is None else run.started.timestamp()
    yield _record(double(1, clock) + text(3, _FORMAT))
    for metrics in run.metrics:
        clock += metrics.seconds
        step = run.age(metrics.epoch)
        yield _record(double(1, clock) + integer(2, step) + message(5, _summary(metrics)))


def _summary(metrics: EpochMetrics) -> list[Piece]:
    pieces: list[Piece] = []
    for field, tag in _CURVES.items():
        value = getattr(metrics, field)
        if value is not None:
            pieces += message(1, text(1, tag) + real(2, value))
    return pieces


def _record(pieces: list[Piece]) -> bytes:
    data = b"".join(pieces)
    length = struct.pack("<Q", len(data))
    return length + _checksum(length) + data + _checksum(data)


def _checksum(data: bytes) -> bytes:
    table, crc = _table(), 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    turned = crc >> 15 | crc << 17
    return struct.pack("<I", turned + _MASK & 0xFFFFFFFF)


@cache
def _table() -> tuple[int, ...]:
    """Return what each byte does to the checksum."""
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (_POLYNOMIAL if byte & 1 else 0)
        table.append(byte)
    return tuple(table)
