"""Dropout over a compiled loop."""

import numpy as np

from engine.array_types import Array, plain
from engine.compute.native import random_loops


def dropout(
    inputs: Array, key: np.uint64, step: int, first: int, rate: float, mask: Array, out: Array
) -> None:
    """Write a mask, 0 for a share of so much of the values, else 1 / (1 - rate), and x · mask."""
    rows = len(inputs), -1
    least, scale = round(rate * 65536), 1.0 / (1.0 - rate)
    random_loops.dropout(
        *(plain(inputs).reshape(rows), key, step, first, least, scale),
        *(mask.reshape(rows), out.reshape(rows)),
    )
