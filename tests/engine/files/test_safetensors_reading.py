"""Our reader of safetensors takes what the library takes, and nothing else."""

import json
import math
import random
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from safetensors import deserialize
from safetensors.numpy import save

from engine.files.tensors import (
    is_whole,
    read_safetensors,
    read_safetensors_notes,
    safetensors_pieces,
)
from engine.files.untrusted_read import DamagedError
from tests.engine.files.mutants import damage
from tests.engine.memory import less_memory_than

COUNT = 1_000

ARRAYS: dict[str, Any] = {
    "a.weight": np.arange(6, dtype=np.float32).reshape(2, 3) - 2.5,
    "b.half": np.array([0.5, -2], np.float16),
    "c.long": np.array([[1], [2]]),
    "d.bool": np.array([True, False, True]),
    "e.empty": np.zeros((0, 4), np.float32),
    "f.one": np.array(3.0, np.float64),
}
WHOLE = save(ARRAYS, {"format": "pt", "ä": "1"})


def by_library(data: bytes) -> dict[str, tuple[tuple[int, ...], bytes]] | None:
    try:
        found = deserialize(data)  # type: ignore[no-untyped-call]
    except Exception:
        return None
    return {name: (tuple(stored["shape"]), bytes(stored["data"])) for name, stored in found}


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.text(max_size=5),
        array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
        max_size=5,
    ),
    st.sampled_from([{}, {"a": "1"}]),
)
def test_what_is_written_in_pieces_is_what_the_library_writes(
    shapes: dict[str, tuple[int, ...]], notes: dict[str, str]
) -> None:
    shapes.pop("__metadata__", None)
    arrays = {
        name: np.arange(math.prod(shape), dtype=np.float32).reshape(shape).T
        for name, shape in shapes.items()
    }
    written = b"".join(safetensors_pieces(arrays, notes))
    whole = {
        name: np.ascontiguousarray(array).reshape(array.shape) for name, array in arrays.items()
    }
    assert by_library(written) == by_library(save(whole, notes or None))
    assert len(written) == len(save(whole, notes or None))
    assert read_safetensors_notes(written) == notes


def by_us(data: bytes) -> dict[str, tuple[int, ...]] | None:
    try:
        entries = read_safetensors(data)
        read_safetensors_notes(data)
    except Exception:  # who calls it makes one error of all
        return None
    for entry in entries:
        if entry.dtype.startswith("float"):
            assert entry.read().shape == entry.shape
    return {entry.name: entry.shape for entry in entries}


def test_what_it_reads() -> None:
    entries = {entry.name: entry for entry in read_safetensors(WHOLE)}
    assert entries.keys() == ARRAYS.keys()
    assert {name: entry.shape for name, entry in entries.items()} == {
        name: array.shape for name, array in ARRAYS.items()
    }
    assert entries["c.long"].dtype == "I64"
    for name in ("a.weight", "b.half", "e.empty", "f.one"):
        found = entries[name].read()
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, ARRAYS[name])
        found += 1  # it is a copy of its own
    assert read_safetensors_notes(WHOLE) == {"format": "pt", "ä": "1"}
    assert read_safetensors_notes(save(ARRAYS)) == {}


def test_mutants_are_read_as_the_library_reads_them() -> None:
    taken = 0
    for number in range(COUNT):
        data = damage(WHOLE, random.Random(number))
        wanted, found = by_library(data), by_us(data)
        if found is None:
            continue  # one that is stricter does no harm
        taken += 1
        assert wanted is not None, data
        assert found == {name: shape for name, (shape, _) in wanted.items()}
        for entry in read_safetensors(data):
            if entry.dtype == "float32":
                stored = np.frombuffer(wanted[entry.name][1], "<f4").reshape(entry.shape)
                np.testing.assert_array_equal(entry.read(), stored)
    assert 0 < taken < COUNT


@pytest.mark.parametrize(
    "data",
    [b"", b"\1", b"\0" * 8, b"\2" + b"\0" * 7 + b"{}x", WHOLE[:-1], WHOLE + b"\0"],
    # The library writes the notes in any order, so bytes are no name.
    ids=["empty", "short", "no header", "no numbers", "cut", "longer"],
)
def test_what_is_none_is_refused(data: bytes) -> None:
    assert by_library(data) is None
    assert by_us(data) is None


def test_values_are_not_copied_and_a_long_header_is_refused() -> None:
    data = save({"w": np.zeros(4_000_000, np.float32)})
    with less_memory_than(100_000):
        entries = read_safetensors(data)
    assert len(entries[0].read()) == 4_000_000
    long = (9_000_000).to_bytes(8, "little") + b"[" * 9_000_000
    with pytest.raises(DamagedError, match="its header is longer"):
        read_safetensors(long)


def test_a_shape_of_more_axes_than_any_array_has_is_refused_before_its_sizes_are_multiplied() -> (
    None
):
    told = {"dtype": "F32", "shape": [2**53] * 20_000, "data_offsets": [0, 4]}
    header = json.dumps({"w": told}).encode()
    with pytest.raises(msgspec.ValidationError, match="length <= 64"):
        read_safetensors(len(header).to_bytes(8, "little") + header + b"1234")


def test_a_file_is_whole_once_its_last_byte_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    for length in range(len(WHOLE)):
        path.write_bytes(WHOLE[:length])
        assert not is_whole(path)
    path.write_bytes(WHOLE)
    assert is_whole(path)
    path.write_bytes(WHOLE + b"0")
    assert not is_whole(path)
    path.write_bytes(b"\xff" * 100)
    assert not is_whole(path)
