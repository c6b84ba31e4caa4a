import gzip
import math
import struct
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.data.readers.idx import read_images_and_labels
from engine.errors import DataError
from tests.approved import assert_approved, refusal
from tests.engine.data.idx_files import idx_bytes, write_idx
from tests.engine.memory import less_memory_than

SMALL = idx_bytes((2, 1, 3), [1, 2, 3, 4, 5, 6])
TWO = idx_bytes((2,), [7, 200])


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose files each example of a property test writes anew."""
    return tmp_path_factory.mktemp("idx")


def read(folder: Path, images: bytes = SMALL, labels: bytes = TWO) -> tuple[Any, Any]:
    (folder / "images").write_bytes(images)
    (folder / "labels").write_bytes(labels)
    found, numbers = read_images_and_labels(folder / "images", folder / "labels")
    return found[:], numbers


@st.composite
def pairs(draw: st.DrawFn) -> tuple[bytes, bytes, list[int], list[int]]:
    """Draw an images file, a labels file, the pixels and the labels."""
    count, height, width = (draw(st.integers(1, 4)) for _ in range(3))
    colour = draw(st.sampled_from([(), (3,)]))
    shape = count, height, width, *colour
    size = math.prod(shape)
    pixels = draw(st.lists(st.integers(0, 255), min_size=size, max_size=size))
    labels = draw(st.lists(st.integers(0, 255), min_size=count, max_size=count))
    return idx_bytes(shape, pixels), idx_bytes((count,), labels), pixels, labels


@settings(max_examples=25)
@given(pairs(), st.booleans())
def test_images_and_labels_are_read_back(
    scratch: Path, drawn: tuple[bytes, bytes, list[int], list[int]], compressed: bool
) -> None:
    images, labels, pixels, numbers = drawn
    pack = gzip.compress if compressed else bytes  # which the content tells, not the name
    found, read_numbers = read(scratch, pack(images), labels)
    assert found.ndim == 4
    in_order = found if found.shape[1] == 1 else np.moveaxis(found, 1, -1)
    assert in_order.ravel().tolist() == pixels
    assert read_numbers.tolist() == numbers


@settings(max_examples=15)
@given(pairs(), st.data())
def test_any_truncation_and_any_byte_more_is_an_error(
    scratch: Path, drawn: tuple[bytes, bytes, list[int], list[int]], data: st.DataObject
) -> None:
    extra = bytes([data.draw(st.integers(0, 255))])
    for which, file in enumerate(drawn[:2]):
        for whole, longer in ((file, file + extra), map(gzip.compress, (file, file + extra))):
            cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
            for damaged in (cut, longer):
                files = (damaged, drawn[1]) if which == 0 else (drawn[0], damaged)
                with pytest.raises(DataError, match="images" if which == 0 else "labels"):
                    read(scratch, *files)


@settings(max_examples=25)
@given(
    pairs(),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6),
)
@example((SMALL, TWO, [], []), False, [(3, 255)])
@example((SMALL, TWO, [], []), False, [(4, 255), (8, 255)])
def test_changed_bytes_raise_nothing_but_data_errors(
    scratch: Path,
    drawn: tuple[bytes, bytes, list[int], list[int]],
    compressed: bool,
    changes: list[tuple[int, int]],
) -> None:
    changed = bytearray(gzip.compress(drawn[0], mtime=0) if compressed else drawn[0])
    for position, value in changes:
        changed[position % len(changed)] = value
    try:
        found, _ = read(scratch, bytes(changed), drawn[1])
    except DataError:
        return
    # What is accepted is what the header says.
    header = gzip.decompress(changed) if changed[:2] == b"\x1f\x8b" else bytes(changed)
    assert found.size == math.prod(struct.unpack_from(f">{header[3]}I", header, 4))


PACKED = gzip.compress(SMALL, mtime=0)
REFUSED: tuple[tuple[bytes, bytes], ...] = (
    (b"", TWO),
    (b"\x00\x00\x08", TWO),
    (b"\x89PNG\r\n", TWO),
    (b"\x00\x00\x0d\x03" + bytes(12), TWO),
    (b"\x00\x00\x08\x00\x05", TWO),
    (b"\x00\x00\x08\xff" + bytes(4 * 255), TWO),
    (b"\x00\x00\x08\x02\x00\x00\x00\x02\x00", TWO),
    (SMALL[:-2], TWO),
    (SMALL + b"\x07", TWO),
    (PACKED[:-9], TWO),
    (PACKED + b"tail", TWO),
    (PACKED[:-8] + bytes([PACKED[-8] ^ 1]) + PACKED[-7:], TWO),  # another checksum
    (b"\x1f\x8b\x07" + bytes(20), TWO),
    (TWO, SMALL),
    (SMALL, SMALL),
    (idx_bytes((1, 4), [0] * 4), TWO),
    (idx_bytes((0, 2, 2), []), TWO),
    (idx_bytes((1, 0, 2), []), TWO),
    (SMALL, idx_bytes((3,), [7, 8, 9])),
    (idx_bytes((2**32 - 1, 2**32 - 1), [0]), TWO),
    (idx_bytes((3, 2**30), [0]), TWO),
    (idx_bytes((2**32 - 1, 2**31, 0), [0]), TWO),
)


def test_broken_files_and_those_of_another_kind_are_refused_in_approved_words(
    tmp_path: Path,
) -> None:
    said = "".join(refusal(partial(read, tmp_path, *each), tmp_path) for each in REFUSED)
    assert_approved("refused_idx.txt", said)


def bomb(*shape: int) -> bytes:
    """A small gzip of as many zeros as its header says."""
    return gzip.compress(idx_bytes(shape, []) + bytes(math.prod(shape)), 1, mtime=0)


@pytest.mark.parametrize(
    ("images", "labels", "fault"),
    [
        (
            gzip.compress(idx_bytes((1, 1, 2**31), [0] * 100), mtime=0),
            idx_bytes((1,), [0]),
            "100 follow",
        ),
        (bomb(15_000, 28, 28), TWO, "15,000 images, but 2 labels"),
        (SMALL, bomb(12_000_000), "2 images, but 12,000,000 labels"),
    ],
)
def test_a_header_that_promises_much_costs_no_memory(
    tmp_path: Path, images: bytes, labels: bytes, fault: str
) -> None:
    with less_memory_than(8 * 2**20), pytest.raises(DataError, match=fault):
        read(tmp_path, images, labels)


def test_a_file_that_is_replaced_after_its_header_was_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, honest = [], Path.open

    def replace_then_open(path: Path, mode: str) -> Any:
        opened.append(path)
        if len(opened) == 3:
            write_idx(tmp_path / "images", (2, 1, 1), [0, 1])
        return honest(path, mode)

    (tmp_path / "images").write_bytes(SMALL)
    (tmp_path / "labels").write_bytes(TWO)
    monkeypatch.setattr(Path, "open", replace_then_open)
    with pytest.raises(DataError, match="images was changed while it was read"):
        read_images_and_labels(tmp_path / "images", tmp_path / "labels")
