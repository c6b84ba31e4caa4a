"""Pooling over compiled loops."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, plain
from engine.compute.native.copying import copy
from engine.compute.native.loops import average_pool_loops, max_pool_loops


def max_pool(inputs: Array, size: int, stride: int, out: Array, places: NDArray[np.int32]) -> None:
    """Write the first largest value of each window, and its place in the map, row by row."""
    planes, results = _planes(plain(inputs)), (_planes(out), _planes(places))
    if inputs.dtype == np.float32:
        max_pool_loops.max_pool(planes, size, stride, *results)
    else:
        max_pool_loops.max_pool_one_by_one(planes, size, stride, *results)


def max_pool_gradient(gradient: Array, places: NDArray[np.int32], out: Array) -> None:
    """Write ∂E/∂x: each ∂E/∂y is added where its window's largest value stood."""
    windows = gradient.shape[0] * gradient.shape[1], -1
    max_pool_loops.max_pool_gradient(
        plain(gradient).reshape(windows), places.reshape(windows), out.reshape(windows)
    )


def average_pool(inputs: Array, size: int, stride: int, out: Array) -> None:
    """Write the mean of each window."""
    if size == stride == 1:  # the mean of one value is the value
        copy(plain(inputs), out)
    else:
        average_pool_loops.average_pool(_planes(plain(inputs)), size, stride, _planes(out))


def average_pool_gradient(gradient: Array, size: int, stride: int, out: Array) -> None:
    """Write ∂E/∂x: each ∂E/∂y / size² is added to all of its window."""
    if size == stride == 1:
        copy(plain(gradient), out)
    else:
        slopes, result = _planes(plain(gradient)), _planes(out)
        average_pool_loops.average_pool_gradient(slopes, size, stride, result)


def global_average_pool(inputs: Array, out: Array) -> None:
    """Write the mean of each map. out (n, channels)."""
    average_pool_loops.global_average_pool(plain(inputs).reshape(out.size, -1), out.reshape(-1))


def global_average_pool_gradient(gradient: Array, out: Array) -> None:
    """Write ∂E/∂x: each ∂E/∂y / (H · W) to all of its map. gradient (n, channels)."""
    average_pool_loops.global_average_pool_gradient(
        plain(gradient).reshape(-1), out.reshape(gradient.size, -1)
    )


def _planes(maps: NDArray[Any]) -> NDArray[Any]:
    """Return maps (n, channels, H, W) as (n · channels, H, W)."""
    return maps.reshape(-1, *maps.shape[2:])
