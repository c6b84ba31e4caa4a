"""Dropout: leaving out values at random (Srivastava et al., 2014)."""

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.thread_pool import Pool
from engine.random_streams import sample_draws


def dropout(
    inputs: Array,
    key: np.uint64,
    counters: NDArray[np.int64],
    first: int,
    rate: float,
    mask: Array,
    out: Array,
    pool: Pool | None = None,
) -> None:
    """Write a mask, 0 for a share of so much of the values, else 1 / (1 - rate), and x · mask.

    The mask is that of a key, the counters (2,) of epoch and step, and the places of the samples in
    the batch, from `first` on.
    """
    rows = mask.reshape(len(mask), -1)
    drawn = sample_draws(key, counters, first, rows.shape)  # whole numbers below 65536
    np.greater_equal(drawn, round(rate * 65536), out=rows, casting="unsafe")  # 1 or 0
    mask *= 1.0 / (1.0 - rate)
    np.multiply(inputs, mask, out=out)


def dropout_derivative(gradient: Array, mask: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y · mask."""
    np.multiply(gradient, mask, out=out)
