"""Dropout over compiled loops."""

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, plain
from engine.compute.native import random_loops


def dropout(
    inputs: Array,
    key: np.uint64,
    counters: NDArray[np.int64],
    first: int,
    rate: float,
    mask: Array,
    out: Array,
) -> None:
    """Write a mask, 0 for a share of so much of the values, else 1 / (1 - rate), and x · mask."""
    rows = len(inputs), -1
    least, scale = round(rate * 65536), np.array([1.0 / (1.0 - rate)], inputs.dtype)
    random_loops.dropout(
        *(plain(inputs).reshape(rows), key, counters, first, least, scale),
        *(mask.reshape(rows), out.reshape(rows)),
    )


def dropout_derivative(gradient: Array, mask: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y · mask."""
    random_loops.dropout_derivative(plain(gradient).reshape(-1), mask.reshape(-1), out.reshape(-1))
