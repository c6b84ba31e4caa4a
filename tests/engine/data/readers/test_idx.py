import gzip
import math
import os
import struct
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.data.readers import idx
from engine.data.readers.idx import read_idx, read_images_and_labels
from engine.errors import DataError
from tests.engine.data.idx_files import TYPES, Number, idx_bytes, write_idx

DTYPES = {
    0x08: "uint8",
    0x09: "int8",
    0x0B: "int16",
    0x0C: "int32",
    0x0D: "float32",
    0x0E: "float64",
}
SMALL = idx_bytes(0x08, (2, 3), [1, 2, 3, 4, 5, 6])


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that each example of a property test writes anew."""
    return tmp_path_factory.mktemp("idx") / "scratch.idx"


@st.composite
def idx_contents(draw: st.DrawFn) -> tuple[int, list[int], list[Number]]:
    """Draw a type byte, a shape of rank 1 to 5 and as many values of that type."""
    type_byte = draw(st.sampled_from(sorted(TYPES)))
    shape = draw(st.lists(st.integers(0, 4), min_size=1, max_size=5))
    numbers: dict[int, st.SearchStrategy[Any]] = {
        0x08: st.integers(0, 255),
        0x09: st.integers(-128, 127),
        0x0B: st.integers(-(2**15), 2**15 - 1),
        0x0C: st.integers(-(2**31), 2**31 - 1),
        0x0D: st.floats(width=32, allow_nan=False),
        0x0E: st.floats(allow_nan=False),
    }
    count = math.prod(shape)
    values = draw(st.lists(numbers[type_byte], min_size=count, max_size=count))
    return type_byte, shape, values


@given(idx_contents(), st.booleans())
def test_any_rank_and_type_is_read_back(
    scratch: Path, content: tuple[int, list[int], list[Number]], compressed: bool
) -> None:
    type_byte, shape, values = content
    raw = idx_bytes(type_byte, shape, values)
    scratch.write_bytes(gzip.compress(raw) if compressed else raw)

    array = read_idx(scratch)

    assert array.dtype == np.dtype(DTYPES[type_byte])
    assert array.dtype.isnative
    assert array.shape == tuple(shape)
    assert array.ravel().tolist() == values
    assert array.flags.writeable


@given(idx_contents(), st.data())
def test_any_truncation_is_an_error(
    scratch: Path, content: tuple[int, list[int], list[Number]], data: st.DataObject
) -> None:
    raw = idx_bytes(*content)
    for whole in (raw, gzip.compress(raw)):
        scratch.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
        with pytest.raises(DataError, match=r"scratch\.idx"):
            read_idx(scratch)


@given(idx_contents(), st.integers(0, 255))
def test_a_single_appended_byte_is_an_error(
    scratch: Path, content: tuple[int, list[int], list[Number]], extra: int
) -> None:
    raw = idx_bytes(*content) + bytes([extra])
    for whole in (raw, gzip.compress(raw)):
        scratch.write_bytes(whole)
        with pytest.raises(DataError, match=r"scratch\.idx is too long: its header says"):
            read_idx(scratch)


@given(
    idx_contents(),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6),
)
@example((0x08, [1], [0]), False, [(3, 255)])
@example((0x08, [1, 1, 0], []), False, [(4, 255), (8, 255)])
def test_changed_bytes_raise_nothing_but_data_errors(
    scratch: Path,
    content: tuple[int, list[int], list[Number]],
    compressed: bool,
    changes: list[tuple[int, int]],
) -> None:
    raw = idx_bytes(*content)
    changed = bytearray(gzip.compress(raw) if compressed else raw)
    for position, value in changes:
        changed[position % len(changed)] = value
    scratch.write_bytes(changed)
    try:
        array = read_idx(scratch)
    except DataError:
        return
    # What is accepted is what the header says.
    header = gzip.decompress(changed) if changed[:2] == b"\x1f\x8b" else bytes(changed)
    assert array.shape == struct.unpack_from(f">{header[3]}I", header, 4)


def test_gzip_is_told_by_content_not_by_name(tmp_path: Path) -> None:
    plain = tmp_path / "plain.gz"
    plain.write_bytes(SMALL)
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(SMALL))

    assert read_idx(plain).tolist() == [[1, 2, 3], [4, 5, 6]]
    assert read_idx(packed).tolist() == [[1, 2, 3], [4, 5, 6]]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "is empty"),
        (b"\x00\x00\x08", "no IDX file: it begins with 00 00 08"),
        (b"\x89PNG\r\n", "no IDX file: it begins with 89 50 4e 47"),
        (b"\x00\x00\x0a\x01\x00\x00\x00\x00", "no IDX file: it begins with 00 00 0a 01"),
        (b"\x00\x00\x08\x00\x05", "0 dimensions"),
        (b"\x00\x00\x08\xff" + bytes(4 * 255), "255 dimensions"),
        (b"\x00\x00\x08\x02\x00\x00\x00\x02\x00", "cut off within its header"),
        (SMALL[:-2], "cut off: its header says 2×3 unsigned bytes, which is 6 bytes, but 4 follow"),
        (SMALL + b"\x07", "too long: its header says 2×3 unsigned bytes"),
        (gzip.compress(SMALL, mtime=0)[:-9], "cut off: its gzip data has no end"),
        (gzip.compress(SMALL, mtime=0) + b"tail", "is damaged"),
        (gzip.compress(SMALL[:-2], mtime=0), "cut off: its header says 2×3 unsigned bytes"),
        (b"\x1f\x8b\x08\x00", "cut off: its gzip data has no end"),
        (b"\x1f\x8b\x07" + bytes(20), "is damaged"),
    ],
)
def test_a_broken_file_is_named_with_its_fault(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "digits.idx"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_idx(path)
    assert str(caught.value).startswith(str(path))
    assert fault in str(caught.value)


def test_a_wrong_checksum_is_an_error(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(SMALL))
    packed[-8] ^= 1
    path = tmp_path / "digits.gz"
    path.write_bytes(packed)
    with pytest.raises(DataError, match=r"is damaged .*CRC"):
        read_idx(path)


@pytest.mark.parametrize("shape", [(2**32 - 1, 2**32 - 1), (3, 2**30), (2**32 - 1, 2**31, 0)])
def test_a_header_beyond_the_cap_is_refused_before_reading(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(idx_bytes(0x08, shape, [0])))
    with pytest.raises(DataError, match="more than the 2 GiB"):
        read_idx(path)


def test_a_header_that_promises_much_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "short.gz"
    path.write_bytes(gzip.compress(idx_bytes(0x08, (2**31,), [0] * 100)))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="2,147,483,648 bytes, but 100 follow"):
            read_idx(path)
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()


def test_too_little_memory_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bytearray:
        raise MemoryError

    monkeypatch.setattr(idx, "read_up_to", fail)
    path = write_idx(tmp_path / "digits", (1,), [3])
    with pytest.raises(DataError, match="does not fit into memory"):
        read_idx(path)


def test_what_is_no_file_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nothing\.idx does not exist"):
        read_idx(tmp_path / "nothing.idx")
    with pytest.raises(DataError, match="is a folder"):
        read_idx(tmp_path)
    with pytest.raises(DataError, match="does not exist"):
        read_idx(write_idx(tmp_path / "file", (1,), [1]) / "below")
    with pytest.raises(DataError, match="cannot be read"):
        read_idx(Path("null\0byte"))


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes in folders")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="not a regular file"):
        read_idx(tmp_path / "pipe")


def test_an_unreadable_file_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Rights do not keep root from reading, so the refusal is played.
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = write_idx(tmp_path / "secret.idx", (1,), [1])
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match=r"secret\.idx cannot be read: Permission denied"):
        read_idx(path)


def test_images_and_labels_are_read_together(tmp_path: Path) -> None:
    images = write_idx(tmp_path / "images.gz", (2, 1, 3), [0, 1, 2, 253, 254, 255])
    labels = write_idx(tmp_path / "labels", (2,), [7, 200])

    pixels, digits = read_images_and_labels(images, labels)

    assert pixels[:].tolist() == [[[[0, 1, 2]]], [[[253, 254, 255]]]]
    assert digits.tolist() == [7, 200]


def test_swapped_files_are_recognised(tmp_path: Path) -> None:
    images = write_idx(tmp_path / "images", (2, 1, 1), [0, 1])
    labels = write_idx(tmp_path / "labels", (2,), [7, 8])
    with pytest.raises(DataError, match="labels looks like a labels file"):
        read_images_and_labels(labels, images)
    with pytest.raises(DataError, match="images looks like an images file"):
        read_images_and_labels(images, images)
    with pytest.raises(DataError, match="labels looks like a labels file"):
        read_images_and_labels(labels, labels)


def test_mismatched_counts_are_named(tmp_path: Path) -> None:
    images = write_idx(tmp_path / "images", (2, 1, 1), [0, 1])
    labels = write_idx(tmp_path / "labels", (3,), [7, 8, 9])
    with pytest.raises(DataError, match="are mismatched: 2 images, but 3 labels"):
        read_images_and_labels(images, labels)


@pytest.mark.parametrize(
    ("images", "labels", "fault"),
    [
        (idx_bytes(0x08, (1, 4), [0] * 4), SMALL, "images holds 1×4 unsigned bytes"),
        (idx_bytes(0x0D, (1, 2, 2), [0] * 4), SMALL, "images holds 1×2×2 float32 values"),
        (idx_bytes(0x08, (0, 2, 2), []), SMALL, "images holds no image"),
        (idx_bytes(0x08, (1, 0, 2), []), SMALL, "images holds no image"),
        (idx_bytes(0x08, (2, 1, 1), [0, 0]), SMALL, "labels holds 2×3 unsigned bytes"),
        (
            idx_bytes(0x08, (2, 1, 1), [0, 0]),
            idx_bytes(0x0C, (2,), [1, 2]),
            "labels holds 2 int32 values",
        ),
    ],
)
def test_files_of_another_kind_are_named(
    tmp_path: Path, images: bytes, labels: bytes, fault: str
) -> None:
    (tmp_path / "images").write_bytes(images)
    (tmp_path / "labels").write_bytes(labels)
    with pytest.raises(DataError) as caught:
        read_images_and_labels(tmp_path / "images", tmp_path / "labels")
    assert fault in str(caught.value)


def test_what_does_not_go_together_is_refused_by_the_headers(tmp_path: Path) -> None:
    def bomb(name: str, type_byte: int, *shape: int) -> Path:
        """A small gzip of as many zeros as its header says."""
        path = tmp_path / name
        size = math.prod(shape) * struct.calcsize(TYPES[type_byte])
        with gzip.open(path, "wb", 1) as file:
            file.write(idx_bytes(type_byte, shape, []))
            file.write(bytes(size))
        assert size >= 20_000_000
        return path

    few_images = write_idx(tmp_path / "images", (2, 1, 1), [0, 1])
    few_labels = write_idx(tmp_path / "labels", (2,), [7, 8])
    pairs = [
        (bomb("doubles", 0x0E, 3400, 28, 28), few_labels, "holds 3400×28×28 float64 values"),
        (bomb("many", 0x08, 30_000, 28, 28), few_labels, "30,000 images, but 2 labels"),
        (few_images, bomb("long", 0x08, 20_000_000), "2 images, but 20,000,000 labels"),
        (few_images, bomb("wide", 0x0C, 5_000_000), "holds 5000000 int32 values"),
    ]
    for images, labels, fault in pairs:
        tracemalloc.start()
        try:
            with pytest.raises(DataError, match=fault):
                read_images_and_labels(images, labels)
            assert tracemalloc.get_traced_memory()[1] < 2_000_000
        finally:
            tracemalloc.stop()


def test_a_file_that_is_replaced_after_its_header_was_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = write_idx(tmp_path / "images", (2, 1, 1), [0, 1])
    labels = write_idx(tmp_path / "labels", (2,), [7, 8])
    opened, honest = [], Path.open

    def replace_then_open(path: Path, mode: str) -> Any:
        opened.append(path)
        if len(opened) == 3:
            write_idx(images, (3, 1, 1), [0, 1, 2])
        return honest(path, mode)

    monkeypatch.setattr(Path, "open", replace_then_open)
    with pytest.raises(DataError, match="images was changed while it was read"):
        read_images_and_labels(images, labels)
