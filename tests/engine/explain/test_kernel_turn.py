"""Cross-correlation against convolution, by plain loops."""

import numpy as np
import pytest

from engine.array_types import Array
from engine.explain.convolution import turn_kernel

RNG = np.random.default_rng(0)


def slide(x: Array, kernel: Array, *, turn: bool) -> Array:
    size = len(kernel)
    found = np.zeros((x.shape[0] - size + 1, x.shape[1] - size + 1))
    for r, c in np.ndindex(found.shape):
        for a, b in np.ndindex(size, size):
            weight = kernel[size - 1 - a, size - 1 - b] if turn else kernel[a, b]
            found[r, c] += x[r + a, c + b] * weight
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_both_operations_and_their_difference(size: int) -> None:
    x, kernel = RNG.standard_normal((6, 7)), RNG.standard_normal((size, size))
    found = turn_kernel(x, kernel)
    correlation, convolution = slide(x, kernel, turn=False), slide(x, kernel, turn=True)
    assert found.correlation == pytest.approx(correlation)
    assert found.convolution == pytest.approx(convolution)
    assert found.difference == pytest.approx(convolution - correlation)
    assert found.turned_correlation == pytest.approx(convolution)  # X ∗ K = X ⋆ rot180(K)
    assert np.array_equal(found.turned_kernel, kernel[::-1, ::-1])
    assert found.is_symmetric == (size == 1)


def test_a_kernel_that_a_turn_does_not_change_makes_no_difference() -> None:
    kernel = np.array([[1.0, 2, 3], [4, 5, 4], [3, 2, 1]])
    found = turn_kernel(RNG.standard_normal((6, 6)), kernel)
    assert found.is_symmetric
    assert not found.difference.any()
