"""Protobuf's wire format: numbered fields, written in pieces and read without trust.

A message is a row of fields, each with a number and a value: a whole number in 7-bit groups
(varint), 4 or 8 bytes as they are, or counted bytes, which may be a message again
(protobuf.dev/programming-guides/encoding).
"""

import struct
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from engine.files.untrusted_read import DamagedError

# What is long is passed on as a view, so that it is copied once, when all is put together.
Piece = bytes | memoryview
Value = int | memoryview

_VARINT, _EIGHT_BYTES, _COUNTED, _FOUR_BYTES = 0, 1, 2, 5
_FIXED = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}
_LONGEST_VARINT = 10  # bytes, for 64 bits
_MOST_FIELDS = 300_000  # a field may take 500 bytes of memory for 2 of the file
_MOST_NUMBERS = 1_000_000  # in bytes of the file, each of which may take 40 of memory
_MOST_TEXT = 16_000_000  # in bytes of the file, each of which may take 4 of memory


def integer(number: int, value: int) -> list[Piece]:
    """Encode a field of a whole number of up to 64 bits, with or without a sign."""
    return [varint(number << 3 | _VARINT) + varint(value & (1 << 64) - 1)]


def real(number: int, value: float) -> list[Piece]:
    """Encode a field of a float32."""
    return [varint(number << 3 | _FOUR_BYTES) + struct.pack("<f", value)]


def double(number: int, value: float) -> list[Piece]:
    """Encode a field of a float64."""
    return [varint(number << 3 | _EIGHT_BYTES) + struct.pack("<d", value)]


def text(number: int, value: str) -> list[Piece]:
    """Encode a field of a text."""
    return message(number, [value.encode()])


def message(number: int, content: Iterable[Piece]) -> list[Piece]:
    """Encode a field of bytes, or of a message in pieces."""
    pieces = list(content)
    size = sum(len(piece) for piece in pieces)
    return [varint(number << 3 | _COUNTED) + varint(size), *pieces]


class FieldReader:
    """Reads fields one by one.

    It counts them, and what it makes of them, over all messages, for each costs memory.
    """

    def __init__(self) -> None:
        self._left = _MOST_FIELDS
        self._numbers_left, self._text_left = _MOST_NUMBERS, _MOST_TEXT

    def fields(self, content: memoryview) -> Iterator[tuple[int, Value]]:
        """Give the number and the value of each field: a whole number without sign, or bytes.

        Raises DamagedError.
        """
        at = 0
        while at < len(content):
            self._left -= 1
            if self._left < 0:
                raise DamagedError("it has far more parts than a network needs")
            key, at = _read_varint(content, at)
            number, wire_type = key >> 3, key & 7
            if wire_type == _VARINT:
                value, at = _read_varint(content, at)
                yield number, value
                continue
            size = _FIXED.get(wire_type)
            if wire_type == _COUNTED:
                size, at = _read_varint(content, at)
            if size is None or number == 0:
                raise DamagedError("its parts have no order that can be read")
            if size > len(content) - at:
                raise DamagedError("it is cut off")
            yield number, content[at : at + size]
            at += size

    def text(self, value: Value, errors: str = "strict") -> str:
        """Return the text of a field; raise DamagedError if it is none, or too long."""
        content = bytes_of(value)
        self._text_left -= len(content)
        if self._text_left < 0:
            raise DamagedError("it has far more text than a network needs")
        try:
            return str(content, "utf-8", errors)
        except UnicodeDecodeError:
            raise DamagedError("one of its names is no text") from None

    def integers(self, value: Value) -> list[int]:
        """Return the whole numbers of a repeated field: one, or many that are packed.

        Raises DamagedError if they are cut off, or too many.
        """
        if isinstance(value, int):
            return [number_of(value)]
        self._count_numbers(value)
        return [int(number) for number in packed_numbers(value)]

    def reals(self, value: Value) -> list[float]:
        """Return the float32s of a repeated field: one, or many that are packed.

        Raises DamagedError if they are cut off, or too many.
        """
        content = bytes_of(value)
        self._count_numbers(content)
        if len(content) % 4:
            raise DamagedError("one of its attributes is no list of numbers")
        return [float(number) for number in np.frombuffer(content, "<f4")]

    def _count_numbers(self, content: memoryview) -> None:
        self._numbers_left -= len(content)
        if self._numbers_left < 0:
            raise DamagedError("it has far more numbers than shapes and attributes need")


def number_of(value: Value) -> int:
    """Return the whole number of a field, with its sign; raise DamagedError for bytes."""
    if isinstance(value, int):
        return value - (1 << 64) if value >> 63 else value
    raise DamagedError("it has bytes where a number belongs")


def bytes_of(value: Value) -> memoryview:
    """Return the bytes of a field; raise DamagedError for a whole number."""
    if isinstance(value, int):
        raise DamagedError("it has a number where bytes belong")
    return value


def real_of(value: Value) -> float:
    """Return the float32 of a field; raise DamagedError if it is none."""
    content = bytes_of(value)
    if len(content) != 4:
        raise DamagedError("it has bytes where a number belongs")
    return float(struct.unpack("<f", content)[0])


def packed_numbers(content: memoryview) -> NDArray[np.int64]:
    """Decode the whole numbers that lie one after the other; raise DamagedError if one is cut."""
    groups = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(groups < 128)
    if groups.size and (not ends.size or ends[-1] != groups.size - 1):
        raise DamagedError("it is cut off")
    starts = np.concatenate(([0], ends[:-1] + 1)) if ends.size else ends
    lengths = ends - starts + 1
    if lengths.size and lengths.max() > _LONGEST_VARINT:
        raise DamagedError("one of its numbers is too long")
    numbers = np.zeros(len(ends), np.uint64)
    for group in range(int(lengths.max(initial=0))):
        there = lengths > group
        bits = (groups[starts[there] + group] & 127).astype(np.uint64)
        numbers[there] |= bits << np.uint64(7 * group)
    return numbers.view(np.int64)


def varint(value: int) -> bytes:
    """Encode a whole number of up to 64 bits without a sign, in 7-bit groups, the lowest first."""
    groups = bytearray()
    while value > 127:
        groups.append(value & 127 | 128)
        value >>= 7
    groups.append(value)
    return bytes(groups)


def _read_varint(content: memoryview, at: int) -> tuple[int, int]:
    """Return the number that begins at a place, and the place behind it."""
    value = 0
    for group, byte in enumerate(content[at : at + _LONGEST_VARINT]):
        value |= (byte & 127) << 7 * group
        if byte < 128:
            if value >> 64:
                raise DamagedError("one of its numbers is too long")
            return value, at + group + 1
    raise DamagedError("it is cut off, or one of its numbers is too long")
