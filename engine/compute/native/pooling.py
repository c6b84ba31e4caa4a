"""Compiled loops of pooling, over planes: the maps of all samples, in a row.

First come the values of a row of windows below each other, for all columns, which fills the
processor's vectors; then the results beside each other.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, plain
from engine.compute.native.machine_code.compiled import compiled

SUMMED = 512  # values at most that are added up in their own type
Places = NDArray[np.int32]


@compiled
def _max_pool(inputs: Array, size: int, stride: int, outputs: Array, places: Places) -> None:
    """Write the largest value of every window, the first of several, and its place in the map.

    inputs (planes, H, W); outputs and places (planes, H', W'). NaN counts as largest. No branch
    depends on which value is larger: no processor could foretell it.
    """
    planes, down, across = outputs.shape
    width = (across - 1) * stride + size  # of the columns that windows reach
    largest, rows = np.empty(width, inputs.dtype), np.empty(width, np.int32)
    for n in range(planes):
        for y in range(down):
            first = inputs[n, y * stride]
            for x in range(width):
                largest[x], rows[x] = first[x], 0
            for i in range(1, size):
                row, own = inputs[n, y * stride + i], np.int32(i)
                for x in range(width):
                    takes = _exceeds(row[x], largest[x])
                    largest[x] = row[x] if takes else largest[x]
                    rows[x] = own if takes else rows[x]
            for x in range(across):
                start = x * stride
                value, column, highest = largest[start], start, rows[start]
                for j in range(start + 1, start + size):
                    above = (rows[j] < highest) & (not _exceeds(value, largest[j]))
                    takes = _exceeds(largest[j], value) | above
                    value = largest[j] if takes else value
                    highest = rows[j] if takes else highest
                    column = j if takes else column
                outputs[n, y, x] = value
                places[n, y, x] = (y * stride + highest) * inputs.shape[2] + column


@compiled
def _exceeds(value: float, best: float) -> bool:
    """Return whether a value is larger, or NaN and the best is not."""
    return (not value <= best) & (best == best)


@compiled
def _max_pool_gradient(gradient: Array, places: Places, out: Array) -> None:
    """Write every gradient, added up, to the place where its window's largest value stood.

    gradient and places (planes, H' · W'); out (planes, H · W).
    """
    planes, windows = gradient.shape
    for n in range(planes):
        own, slopes, own_places = out[n], gradient[n], places[n]
        own[:] = 0
        for i in range(windows):
            own[own_places[i]] += slopes[i]


@compiled
def _average_pool(inputs: Array, size: int, stride: int, outputs: Array) -> None:
    """Write the mean of every window. inputs (planes, H, W); outputs (planes, H', W')."""
    planes, down, across = outputs.shape
    sums, share = np.empty(inputs.shape[2], inputs.dtype), inputs.dtype.type(1.0 / size**2)
    for n in range(planes):
        for y in range(down):
            first = inputs[n, y * stride]
            for x in range(sums.size):
                sums[x] = first[x]
            for i in range(1, size):
                row = inputs[n, y * stride + i]
                for x in range(sums.size):
                    sums[x] += row[x]
            means = outputs[n, y]
            for x in range(across):
                means[x] = sums[x * stride]
            for j in range(1, size):
                shifted = sums[j:]
                for x in range(across):
                    means[x] += shifted[x * stride]
            for x in range(across):
                means[x] *= share


@compiled
def _average_pool_gradient(gradient: Array, size: int, stride: int, out: Array) -> None:
    """Write ∂E/∂x: what all windows that a value is in send back to it."""
    planes, down, across = gradient.shape
    line, share = np.empty(out.shape[2], out.dtype), out.dtype.type(1.0 / size**2)
    for n in range(planes):
        out[n] = 0
        for y in range(down):
            line[:] = 0
            slopes = gradient[n, y]
            for j in range(size):
                shifted = line[j:]
                for x in range(across):
                    shifted[x * stride] += slopes[x] * share
            for i in range(size):
                row = out[n, y * stride + i]
                for x in range(line.size):
                    row[x] += line[x]


@compiled
def _global_average_pool(inputs: Array, outputs: Array) -> None:
    """Write the mean of every plane (planes, H · W), of sums that are short enough for float32."""
    planes, area = inputs.shape
    for n in range(planes):
        total = np.float64(0)
        for start in range(0, area, SUMMED):
            values, part = inputs[n, start : start + SUMMED], inputs.dtype.type(0)
            for i in range(values.size):
                part += values[i]
            total += part
        outputs[n] = total / area


@compiled
def _global_average_pool_gradient(gradient: Array, out: Array) -> None:
    """Write ∂E/∂x of every plane (planes, H · W)."""
    planes, area = out.shape
    for n in range(planes):
        out[n] = gradient[n] / area


def max_pool(inputs: Array, size: int, stride: int, out: Array, places: NDArray[np.int32]) -> None:
    _max_pool(_planes(plain(inputs)), size, stride, _planes(out), _planes(places))


def max_pool_gradient(gradient: Array, places: NDArray[np.int32], out: Array) -> None:
    windows = gradient.shape[0] * gradient.shape[1], -1
    _max_pool_gradient(
        plain(gradient).reshape(windows), places.reshape(windows), out.reshape(windows)
    )


def average_pool(inputs: Array, size: int, stride: int, out: Array) -> None:
    _average_pool(_planes(plain(inputs)), size, stride, _planes(out))


def average_pool_gradient(gradient: Array, size: int, stride: int, out: Array) -> None:
    _average_pool_gradient(_planes(plain(gradient)), size, stride, _planes(out))


def global_average_pool(inputs: Array, out: Array) -> None:
    _global_average_pool(plain(inputs).reshape(out.size, -1), out.reshape(-1))


def global_average_pool_gradient(gradient: Array, out: Array) -> None:
    _global_average_pool_gradient(plain(gradient).reshape(-1), out.reshape(gradient.size, -1))


def _planes(maps: NDArray[Any]) -> NDArray[Any]:
    """Return maps (n, channels, H, W) as (n · channels, H, W)."""
    return maps.reshape(-1, *maps.shape[2:])
