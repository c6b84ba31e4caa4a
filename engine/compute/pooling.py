"""Pooling: the largest value, or the mean, of each window of a map.

The values that stand at one cell of all windows are a view of the maps. So a window of size² cells
is that many views, and each is handled for all windows at the same time.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array


def max_pool(inputs: Array, size: int, stride: int, out: Array, places: NDArray[np.int32]) -> None:
    """Write y = max of the window: the first largest value, and its place in the map, row by row.

    NaN counts as the largest, so that it is not lost.
    inputs (n, channels, H, W); out and places (n, channels, H', W').
    """
    width, (down, across) = inputs.shape[3], out.shape[2:]
    corners = stride * (width * np.arange(down)[:, np.newaxis] + np.arange(across))
    for row, column, view in _windows(inputs, size, stride, out):
        if row == column == 0:
            out[...] = view
            places[...] = corners
        else:
            larger = (view > out) | (np.isnan(view) & ~np.isnan(out))
            np.copyto(out, view, where=larger)
            np.copyto(places, corners + (row * width + column), where=larger, casting="same_kind")


def max_pool_gradient(gradient: Array, places: NDArray[np.int32], out: Array) -> None:
    """Write ∂E/∂x: each ∂E/∂y is added where its window's largest value stood."""
    out[...] = 0
    area = out.shape[2] * out.shape[3]
    maps = np.arange(out.shape[0] * out.shape[1]).reshape(*out.shape[:2], 1, 1)
    np.add.at(out.reshape(-1), (maps * area + places).reshape(-1), gradient.reshape(-1))


def average_pool(inputs: Array, size: int, stride: int, out: Array) -> None:
    """Write y = mean of the window."""
    for row, column, view in _windows(inputs, size, stride, out):
        if row == column == 0:
            np.copyto(out, view)
        else:
            out += view
    out *= 1.0 / size**2


def average_pool_gradient(gradient: Array, size: int, stride: int, out: Array) -> None:
    """Write ∂E/∂x: each ∂E/∂y / size² is added to all of its window."""
    out[...] = 0.0
    share = gradient * gradient.dtype.type(1.0 / size**2)
    for _, _, view in _windows(out, size, stride, gradient):
        view += share


def global_average_pool(inputs: Array, out: Array) -> None:
    """Write y = mean of the map. out (n, channels)."""
    np.mean(inputs, axis=(2, 3), out=out)


def global_average_pool_gradient(gradient: Array, out: Array) -> None:
    """Write ∂E/∂x: each ∂E/∂y / (H · W) to all of its map. gradient (n, channels)."""
    share = gradient * gradient.dtype.type(1.0 / math.prod(out.shape[2:]))
    out[...] = share[:, :, np.newaxis, np.newaxis]


def _windows(
    maps: Array, size: int, stride: int, outputs: Array
) -> Iterator[tuple[int, int, Array]]:
    """Give each cell of the window, row by row, with the values of maps that stand there.

    The views have the shape of the outputs.
    """
    down, across = outputs.shape[2:]
    for row in range(size):
        for column in range(size):
            yield (
                row,
                column,
                maps[
                    :,
                    :,
                    row : row + (down - 1) * stride + 1 : stride,
                    column : column + (across - 1) * stride + 1 : stride,
                ],
            )
