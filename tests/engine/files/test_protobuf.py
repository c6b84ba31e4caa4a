"""The wire format of protobuf, against its own documentation and a plain decoder."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.files import protobuf
from engine.files.untrusted_read import DamagedError

WHOLE = st.integers(-(2**63), 2**63 - 1)


def decoded(content: bytes) -> list[tuple[int, int | bytes]]:
    found = protobuf.FieldReader().fields(memoryview(content))
    return [(number, each if isinstance(each, int) else bytes(each)) for number, each in found]


def test_the_examples_of_the_documentation() -> None:
    assert b"".join(protobuf.integer(1, 150)) == bytes.fromhex("089601")
    assert b"".join(protobuf.text(2, "testing")) == bytes.fromhex("120774657374696e67")
    inner = protobuf.integer(1, 150)
    assert b"".join(protobuf.message(3, inner)) == bytes.fromhex("1a03089601")
    packed = memoryview(bytes.fromhex("038e029ea705"))
    assert protobuf.packed_numbers(packed).tolist() == [3, 270, 86942]


@given(st.integers(1, 2**29 - 1), WHOLE)
def test_a_number_comes_back(field: int, value: int) -> None:
    ((number, found),) = protobuf.FieldReader().fields(
        memoryview(b"".join(protobuf.integer(field, value)))
    )
    assert (number, protobuf.number_of(found)) == (field, value)


@given(st.lists(WHOLE, max_size=20))
def test_packed_numbers_come_back(values: list[int]) -> None:
    content = b"".join(protobuf.varint(value % 2**64) for value in values)
    assert protobuf.packed_numbers(memoryview(content)).tolist() == values
    assert protobuf.FieldReader().integers(memoryview(content)) == values


@given(st.floats(width=32), st.text())
def test_texts_and_real_numbers_come_back(value: float, said: str) -> None:
    content = b"".join([*protobuf.real(4, value), *protobuf.text(5, said)])
    (_, found), (_, text) = protobuf.FieldReader().fields(memoryview(content))
    np.testing.assert_equal(protobuf.real_of(found), value)
    assert protobuf.FieldReader().text(text) == said
    assert decoded(content)[0] == (4, struct.pack("<f", value))


@pytest.mark.parametrize(
    "content", ["08", "0880", "1205746573", "0b", "0f", "00", "08" + "80" * 10 + "01", "0d0000"]
)
def test_what_is_cut_off_or_has_no_order_is_refused(content: str) -> None:
    with pytest.raises(DamagedError):
        decoded(bytes.fromhex(content))


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused_in_one_way(content: bytes) -> None:
    try:
        decoded(content)
        protobuf.packed_numbers(memoryview(content))
    except DamagedError:
        pass


def test_so_many_fields_that_they_would_fill_the_memory_are_refused() -> None:
    with pytest.raises(DamagedError, match="far more parts than a network needs"):
        decoded(b"\x08\x01" * 300_001)


def test_so_many_numbers_or_so_much_text_that_they_would_fill_the_memory_are_refused() -> None:
    for read, content in (
        (protobuf.FieldReader().integers, bytes(300_000)),
        (protobuf.FieldReader().reals, bytes(300_000)),
        (protobuf.FieldReader().text, bytes(5_000_000)),
    ):
        for _ in range(3):
            assert len(read(memoryview(content))) in (300_000, 75_000, 5_000_000)
        with pytest.raises(DamagedError, match="far more"):
            read(memoryview(content))


def test_a_number_in_place_of_bytes_is_refused() -> None:
    for wrong in (protobuf.bytes_of, protobuf.FieldReader().text, protobuf.real_of):
        with pytest.raises(DamagedError):
            wrong(7)
    with pytest.raises(DamagedError):
        protobuf.number_of(memoryview(b"x"))
    with pytest.raises(DamagedError, match="no text"):
        protobuf.FieldReader().text(memoryview(b"\xff"))
