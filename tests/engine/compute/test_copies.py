"""Copies of the same arrays, in memory that is used again only when nobody holds it any more."""

import gc

import numpy as np
import pytest

from engine.array_types import CACHE_LINE, Array
from engine.compute.copies import BLOCKS, FREE, LARGEST, Copies

ONES = np.ones((3, 5), np.float32)


def place(array: Array) -> int:
    return int(array.ctypes.data)


def test_copies_are_equal_and_apart() -> None:
    arrays: dict[str, Array] = {
        "maps": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
        "turned": np.arange(6, dtype=np.float64).reshape(2, 3).T,
        "none": np.zeros((0, 3), np.float32),
        "one": np.array([7.0]),
    }
    copies = Copies[str]().copy(arrays)
    assert list(copies) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(copies[name], array)
        assert (copies[name].dtype, copies[name].shape) == (array.dtype, array.shape)
        assert copies[name].flags.c_contiguous
        assert not array.size or place(copies[name]) % CACHE_LINE == 0
    for array in copies.values():
        array[...] = -1.0
    assert all((array == -1.0).all() for array in copies.values())
    assert arrays["maps"].min() == 0.0


def test_memory_that_nobody_holds_is_used_again() -> None:
    copies = Copies[str]()
    before = place(copies.copy({"a": ONES})["a"])
    assert place(copies.copy({"a": 2 * ONES})["a"]) == before


def test_memory_of_many_that_were_held_is_used_again_and_little_is_kept_of_it() -> None:
    copies = Copies[str]()
    held = [copies.copy({"a": number * ONES})["a"] for number in range(BLOCKS + 10)]
    places = [place(each) for each in held]
    assert len({*places}) == len(held)
    del held[3]
    assert place(copies.copy({"a": ONES})["a"]) == places[3]
    held.clear()
    copies.copy({"a": ONES})
    assert len(copies._blocks) <= BLOCKS + 1  # white box: all else is the system's again
    large = np.ones(LARGEST // 8, np.float32)
    held = [copies.copy({"a": large})["a"] for _ in range(20)]
    held.clear()
    copies.copy({"a": large})
    assert sum(len(memory) for memory, _ in copies._blocks) <= FREE + LARGEST


@pytest.mark.parametrize(
    "held",
    [
        lambda copied: copied,
        lambda copied: copied[1:, ::2],
        lambda copied: copied.reshape(-1)[3:].view(np.int32),
        lambda copied: memoryview(copied),
        lambda copied: np.frombuffer(copied.data, np.uint8),
    ],
    ids=["it", "a part", "a view of a view", "its bytes", "an array of its bytes"],
)
def test_what_somebody_holds_stays_as_it_is(held: object) -> None:
    assert callable(held)
    copies = Copies[str]()
    kept = held(copies.copy({"a": ONES, "b": ONES})["a"])
    as_it_was = bytes(kept)
    for number in range(3 * BLOCKS):  # far more than are watched
        copies.copy({"a": number * ONES, "b": -ONES})
        if number == BLOCKS:
            gc.collect()  # whoever holds a part alone does not hold what it is a part of
        assert bytes(kept) == as_it_was


def test_the_last_copy_stays_while_the_next_is_made() -> None:
    copies = Copies[str]()
    last = copies.copy({"a": ONES})
    for number in range(2, 9):
        last, before = copies.copy({"a": number * ONES}), last
        assert (last["a"] == number).all()
        assert (before["a"] == number - 1).all()


def test_large_arrays_hold_no_memory_for_the_next() -> None:
    copies, large = Copies[str](), np.ones(LARGEST // 4, np.float32)
    copied = copies.copy({"a": large})["a"]
    np.testing.assert_array_equal(copied, large)
    assert copied.flags.owndata
