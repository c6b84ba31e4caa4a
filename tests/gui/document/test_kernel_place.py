"""A kernel is found by its map and channel, where there are so many."""

import numpy as np
import pytest

from gui.document.kernel_place import KernelPlace

WEIGHT = np.arange(2 * 3 * 5 * 5, dtype=np.float32).reshape(2, 3, 5, 5)


def test_a_kernel_is_that_of_its_map_and_channel() -> None:
    kernel = KernelPlace(7, 1, 2).kernel_in(WEIGHT)
    assert kernel is not None
    assert kernel.shape == (5, 5)
    assert kernel[0, 0] == (1 * 3 + 2) * 25


@pytest.mark.parametrize(("output", "channel"), [(2, 0), (0, 3)])
def test_where_there_are_fewer_there_is_none(output: int, channel: int) -> None:
    assert KernelPlace(7, output, channel).kernel_in(WEIGHT) is None
