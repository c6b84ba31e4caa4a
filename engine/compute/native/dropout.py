"""Dropout over compiled loops."""

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, plain
from engine.compute.native.loops import random_loops
from engine.compute.native.threads.sharing import by_parts, parts_of
from engine.compute.thread_pool import Pool


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
    """Write a mask, 0 for a share of so much of the values, else 1 / (1 - rate), and x · mask."""
    shape = len(inputs), -1
    rows, masks, results = plain(inputs).reshape(shape), mask.reshape(shape), out.reshape(shape)
    least, scale = round(rate * 65536), np.array([1.0 / (1.0 - rate)], inputs.dtype)

    def leave_out(_: int, part: slice) -> None:
        random_loops.dropout(
            *(rows[part], key, counters, first + part.start, least, scale),
            *(masks[part], results[part]),
        )

    by_parts(leave_out, parts_of(inputs, pool), pool)


def dropout_derivative(gradient: Array, mask: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y · mask."""
    random_loops.dropout_derivative(plain(gradient).reshape(-1), mask.reshape(-1), out.reshape(-1))
