"""Arrays in pages of their own: zeros, and memory that goes back to the system."""

import errno
import gc
import sys

import numpy as np
import psutil
import pytest

from engine.array_types import LARGE, is_finite, mapped_zeros, quiet_overflow
from tests.failing import failing, os_error

MEGABYTE = 1_000_000


@pytest.mark.parametrize("count", [3, LARGE // 4 - 1, LARGE // 4, LARGE])
def test_there_are_zeros_to_write_to(count: int) -> None:
    array = mapped_zeros((2, count), np.float32)
    assert array.shape == (2, count)
    assert array.dtype == np.float32
    assert array.flags.c_contiguous
    assert not array.any()
    array[1] = 1.0
    assert array.sum(dtype=np.float64) == count


@pytest.mark.skipif(sys.platform != "linux", reason="looks at how Linux counts memory")
def test_memory_goes_back_though_smaller_arrays_between_them_stay() -> None:
    # After it has freed one of 30 MB, the C library takes arrays below that from its heap.
    np.ones(30 * MEGABYTE, np.uint8).sum()
    held, stay = [], []
    for _ in range(100):
        held.append(mapped_zeros((MEGABYTE,), np.uint8))
        held[-1][:] = 1
        stay.append(np.ones(1_000, np.uint8))
    full = psutil.Process().memory_info().rss
    held.clear()
    gc.collect()
    assert full - psutil.Process().memory_info().rss > 90 * MEGABYTE
    assert len(stay) == 100


def test_what_does_not_fit_is_a_memory_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.array_types.mmap.mmap", failing(os_error(errno.ENOMEM)))
    with pytest.raises(MemoryError):
        mapped_zeros((LARGE,), np.float32)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_are_finite_or_not(dtype: type) -> None:
    largest = np.finfo(dtype).max
    for values in ([], [0.0, -1.5], [largest, -largest], [[1.0], [largest]]):
        assert is_finite(np.array(values, dtype))
    for bad in (np.nan, np.inf, -np.inf):
        for values in ([bad], [0.0, bad], [np.inf, bad], [[largest], [bad]]):
            assert not is_finite(np.array(values, dtype))


def test_numpy_is_quiet_about_overflow_but_not_about_zeros_that_divide() -> None:
    large, zero = np.full(2, 3e38, np.float32), np.zeros(2, np.float32)
    with np.errstate(all="raise"):
        with quiet_overflow():
            assert np.isinf(large * 2).all()
            assert np.isnan(large * 2 - large * 2).all()
            with pytest.raises(FloatingPointError):
                large / zero
        with pytest.raises(FloatingPointError):
            large * 2
