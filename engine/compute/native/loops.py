"""Compiled loops: what numpy could only do in several passes over memory.

Measured rules: walk along a row that was sliced before the loop, from 0 on, since an index that
might be negative is not made a vector; hand no slice to another function in a loop, since that
costs a reference count; keep scalars in the arrays' own type. Matrix products are those of BLAS.
"""

import math

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.native.compiled import compiled, compiled_in_order

SMALL_PRODUCTS = 1_000_000
LEAST_ROWS = 8


@compiled_in_order
def sigmoid_float32(inputs: Array, outputs: Array) -> None:
    """Write σ(x) for vectors of float32, with a relative error below 3e-7 where it is normal.

    With e = e⁻|ˣ|, σ is 1 / (1 + e) or e / (1 + e). e is 2ⁿ p(r) with |r| at most log(2) / 2: p is
    the polynomial of Cephes' expf, and 2ⁿ is written into exponents' bits, as two factors since
    the smallest e are below the normal numbers. NaN stays NaN.
    """
    one, least = np.float32(1), np.float32(-104)
    for i in range(inputs.size):
        x = inputs[i]
        a = least if -abs(x) < least else -abs(x)
        n = np.floor(a * np.float32(1.44269504) + np.float32(0.5))
        r = a - n * np.float32(0.693359375) + n * np.float32(2.12194440e-4)
        p = np.float32(1.9875691500e-4)
        p = p * r + np.float32(1.3981999507e-3)
        p = p * r + np.float32(8.3334519073e-3)
        p = p * r + np.float32(4.1665795894e-2)
        p = p * r + np.float32(1.6666665459e-1)
        p = p * r + np.float32(5.0000001201e-1)
        p = p * r * r + r + one
        power = np.int32(n)
        normal = max(power, np.int32(-126))
        scale = np.int32((normal + np.int32(127)) << np.int32(23)).view(np.float32)
        rest = np.int32((power - normal + np.int32(127)) << np.int32(23)).view(np.float32)
        e = p * scale * rest
        s = one / (one + e)
        outputs[i] = s if x >= 0 else e * s


@compiled
def sigmoid_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y · y · (1 - y) for vectors."""
    one = outputs.dtype.type(1)
    for i in range(gradient.size):
        out[i] = gradient[i] * outputs[i] * (one - outputs[i])


@compiled
def relu(inputs: Array, outputs: Array) -> None:
    """Write max(0, x) for vectors. NaN stays NaN."""
    zero = inputs.dtype.type(0)
    for i in range(inputs.size):
        x = inputs[i]
        outputs[i] = zero if x < zero else x


@compiled
def relu_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y where y > 0, else 0, for vectors."""
    zero = gradient.dtype.type(0)
    for i in range(gradient.size):
        out[i] = gradient[i] if outputs[i] > zero else zero


@compiled
def leaky_relu(inputs: Array, slope: float, outputs: Array) -> None:
    """Write x where x > 0, else slope · x, for vectors."""
    zero, factor = inputs.dtype.type(0), inputs.dtype.type(slope)
    for i in range(inputs.size):
        x = inputs[i]
        outputs[i] = x if x > zero else factor * x


@compiled
def leaky_relu_derivative(gradient: Array, outputs: Array, slope: float, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y where y > 0, else slope · ∂E/∂y, for vectors."""
    zero, factor = gradient.dtype.type(0), gradient.dtype.type(slope)
    for i in range(gradient.size):
        g = gradient[i]
        out[i] = g if outputs[i] > zero else factor * g


@compiled
def binary_cross_entropy(outputs: Array, targets: Array, lowest: float, values: Array) -> None:
    """Write -1/c · Σ_i (y*_i log y_i + (1 - y*_i) log(1 - y_i)) of every sample (n, c)."""
    samples, classes = outputs.shape
    for n in range(samples):
        total = 0.0
        for i in range(classes):
            hit, miss = math.log(outputs[n, i]), math.log1p(-outputs[n, i])
            hit = lowest if hit < lowest else hit  # written so that NaN stays NaN
            miss = lowest if miss < lowest else miss
            total -= targets[n, i] * hit + (1.0 - targets[n, i]) * miss
        values[n] = total / classes


@compiled
def subtract_outer(weights: Array, left: Array, right: Array) -> None:
    """Do W ← W - left rightᵀ in place, for vectors left (rows,) and right (columns,)."""
    for i in range(weights.shape[0]):
        for j in range(weights.shape[1]):
            weights[i, j] -= left[i] * right[j]


@compiled
def multiply(left: Array, right: Array, out: Array) -> None:
    """Write the product of two matrices, in parts that are small enough for a faster way of BLAS.

    OpenBLAS copies large matrices into an order of its own first; up to 10⁶ products it does not.
    """
    height = len(left)
    fitting = SMALL_PRODUCTS // (left.shape[1] * right.shape[1])
    rows = height if fitting < LEAST_ROWS else fitting
    for start in range(0, height, rows):
        np.dot(left[start : start + rows], right, out[start : start + rows])


@compiled
def fill_columns(maps: Array, size: int, stride: int, columns: Array) -> None:
    """Write one row per kernel cell with all values that meet it: (channels·k·k, length).

    maps (channels, H, W). At stride 1 a row is one contiguous slice of the map, so it also has the
    k - 1 values between the ends of the output rows: length (H' - 1)·W + W'. At other strides it
    is H'·W'.
    """
    channels, height, width = maps.shape
    down, across = (height - size) // stride + 1, (width - size) // stride + 1
    length = columns.shape[1]
    flat = maps.reshape((channels, height * width))
    for c in range(channels):
        for i in range(size):
            for j in range(size):
                cell = (c * size + i) * size + j
                if stride == 1:
                    source, row = flat[c, i * width + j :], columns[cell]
                    for f in range(length):
                        row[f] = source[f]
                else:
                    for y in range(down):
                        for x in range(across):
                            columns[cell, y * across + x] = maps[c, y * stride + i, x * stride + j]


@compiled
def correlate(
    maps: Array,
    size: int,
    stride: int,
    matrix: Array,
    addend: Array,
    out: Array,
    columns: Array,
    products: Array,
) -> None:
    """Write Y = K · columns(X) + addend, sample by sample.

    maps (n, channels, H, W); matrix (depth, channels·k·k); addend (depth, H', W'); columns and
    products are memory for one sample: (channels·k·k, length) and (depth, length).
    """
    depth, down, across = out.shape[1:]
    pitch = maps.shape[3] if stride == 1 else across
    for s in range(maps.shape[0]):
        fill_columns(maps[s], size, stride, columns)
        multiply(matrix, columns, products)
        for d in range(depth):
            for y in range(down):
                row, more, target = products[d, y * pitch :], addend[d, y], out[s, d, y]
                for x in range(across):
                    target[x] = row[x] + more[x]


@compiled
def add_columns(columns: Array, size: int, stride: int, out: Array) -> None:
    """Add every column back to where `fill_columns` takes it from. out (channels, H, W)."""
    channels, height, width = out.shape
    down, across = (height - size) // stride + 1, (width - size) // stride + 1
    length = columns.shape[1]
    flat = out.reshape((channels, height * width))
    for c in range(channels):
        for i in range(size):
            for j in range(size):
                cell = (c * size + i) * size + j
                if stride == 1:
                    target, row = flat[c, i * width + j :], columns[cell]
                    for f in range(length):
                        target[f] += row[f]
                else:
                    for y in range(down):
                        for x in range(across):
                            out[c, y * stride + i, x * stride + j] += columns[cell, y * across + x]


@compiled
def gradients(
    maps: Array,
    size: int,
    stride: int,
    gradient: Array,
    turned: Array,
    out: Array,
    wants_inputs: bool,
    total: Array,
    columns: Array,
    pitched: Array,
    part: Array,
) -> None:
    """Add ∂E/∂Kᵀ = columns(X) · ∂E/∂Yᵀ of every sample to `total`; write ∂E/∂X if asked.

    ∂E/∂columns(X) is Kᵀ · ∂E/∂Y, and each of its values belongs to the place in X that it was taken
    from: added up there, they are the full convolution of ∂E/∂Y with K.
    gradient (n, depth, H', W'); turned Kᵀ and total (channels·k·k, depth);
    columns, pitched and part are memory for one sample.
    """
    depth, down, across = gradient.shape[1:]
    pitch = maps.shape[3] if stride == 1 else across
    for d in range(depth):
        for f in range(pitched.shape[1]):
            pitched[d, f] = 0
    for s in range(maps.shape[0]):
        fill_columns(maps[s], size, stride, columns)
        for d in range(depth):
            for y in range(down):
                row, target = gradient[s, d, y], pitched[d, y * pitch :]
                for x in range(across):
                    target[x] = row[x]
        np.dot(columns, pitched.T, part)
        for k in range(len(part)):
            for d in range(depth):
                total[k, d] += part[k, d]
        if wants_inputs:
            multiply(turned, pitched, columns)
            out[s] = 0
            add_columns(columns, size, stride, out[s])


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
