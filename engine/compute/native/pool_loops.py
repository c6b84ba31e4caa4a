"""Compiled loops of max pooling."""

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.native.compiled import compiled


@compiled
def max_pool_of_pairs(inputs: Array, outputs: Array, places: NDArray[np.int32]) -> None:
    """Do what `max_pool` does for windows of 2×2 side by side, without branches: with vectors."""
    samples, channels, down, across = outputs.shape
    below = np.int32(inputs.shape[3])
    zero, one = np.int32(0), np.int32(1)
    for s in range(samples):
        for c in range(channels):
            for y in range(down):
                upper, lower = inputs[s, c, 2 * y], inputs[s, c, 2 * y + 1]
                row, row_places = outputs[s, c, y], places[s, c, y]
                first = np.int32(2 * y) * below
                for x in range(across):
                    best, offset = upper[2 * x], zero
                    value = upper[2 * x + 1]
                    larger = value > best
                    best, offset = value if larger else best, one if larger else offset
                    value = lower[2 * x]
                    larger = value > best
                    best, offset = value if larger else best, below if larger else offset
                    value = lower[2 * x + 1]
                    larger = value > best
                    row[x] = value if larger else best
                    row_places[x] = first + np.int32(2 * x) + (below + one if larger else offset)


@compiled
def max_pool(
    inputs: Array, size: int, stride: int, outputs: Array, places: NDArray[np.int32]
) -> None:
    """Write the first largest value of every window, and its place in the map, row by row.

    inputs (n, channels, H, W); outputs and places (n, channels, H', W').
    """
    samples, channels, down, across = outputs.shape
    width = inputs.shape[3]
    if size == 2 and stride == 2:
        max_pool_of_pairs(inputs, outputs, places)
        return
    for s in range(samples):
        for c in range(channels):
            for y in range(down):
                for x in range(across):
                    place = y * stride * width + x * stride
                    best = inputs[s, c, y * stride, x * stride]
                    for i in range(size):
                        for j in range(size):
                            value = inputs[s, c, y * stride + i, x * stride + j]
                            if value > best:
                                best = value
                                place = (y * stride + i) * width + x * stride + j
                    outputs[s, c, y, x] = best
                    places[s, c, y, x] = place


@compiled
def max_pool_gradient(gradient: Array, places: NDArray[np.int32], out: Array) -> None:
    """Add every gradient to the place where its window's largest value stood; out starts at 0."""
    samples, channels, down, across = gradient.shape
    flat = out.reshape((samples, channels, out.shape[2] * out.shape[3]))
    for s in range(samples):
        for c in range(channels):
            for y in range(down):
                for x in range(across):
                    flat[s, c, places[s, c, y, x]] += gradient[s, c, y, x]
