"""Max pooling over compiled loops."""

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, plain
from engine.compute.native import pool_loops


def max_pool(inputs: Array, size: int, stride: int, out: Array, places: NDArray[np.int32]) -> None:
    """Write the first largest value of each window, and its place in the map, row by row."""
    pool_loops.max_pool(plain(inputs), size, stride, out, places)


def max_pool_gradient(gradient: Array, places: NDArray[np.int32], out: Array) -> None:
    """Write ∂E/∂x: each ∂E/∂y is added where its window's largest value stood."""
    out[...] = 0.0
    pool_loops.max_pool_gradient(plain(gradient), places, out)
