"""Dropout: leaving out values at random (Srivastava et al., 2014)."""

import numpy as np

from engine.array_types import Array
from engine.random_streams import sample_draws


def dropout(
    inputs: Array, key: np.uint64, step: int, first: int, rate: float, mask: Array, out: Array
) -> None:
    """Write a mask, 0 for a share of so much of the values, else 1 / (1 - rate), and x · mask.

    The mask is that of a key, a step and the places of the samples in the batch, from `first` on.
    """
    rows = mask.reshape(len(mask), -1)
    drawn = sample_draws(key, step, first, rows.shape)
    np.greater_equal(drawn, round(rate * 65536), out=rows, casting="unsafe")
    mask *= 1.0 / (1.0 - rate)
    np.multiply(inputs, mask, out=out)
