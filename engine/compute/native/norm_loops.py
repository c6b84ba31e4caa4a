"""Compiled loops of batch normalisation, over batches as matrices (samples, maps · places).

One block of columns is done for all samples before the next. So the numbers that belong to a
column stay in the first cache, and the inner loops are long whatever size the maps have.
"""

import numpy as np

from engine.array_types import Array
from engine.compute.native.compiled import compiled

BLOCK = 512  # columns


@compiled
def moments(values: Array, places: int, found: Array) -> None:
    """Write the count, the mean and Σ (x - mean)² of each map: (3, maps).

    Each map is shifted by its first value: so large means cost no digits.
    """
    samples, columns = values.shape
    first = np.empty(columns, np.float64)
    for c in range(columns):
        first[c] = values[0, c - c % places]
    sums, squares = np.zeros(columns, np.float64), np.zeros(columns, np.float64)
    for start in range(0, columns, BLOCK):
        own = slice(start, min(start + BLOCK, columns))
        shifts, total, square = first[own], sums[own], squares[own]
        for s in range(0, samples - 1, 2):  # by twos, so that the sums are read and written less
            row, other = values[s, own], values[s + 1, own]
            for i in range(row.size):
                x, y = row[i] - shifts[i], other[i] - shifts[i]
                total[i] += x + y
                square[i] += x * x + y * y
        if samples % 2:
            row = values[samples - 1, own]
            for i in range(row.size):
                x = row[i] - shifts[i]
                total[i] += x
                square[i] += x * x
    count = float(samples * places)
    for m in range(found.shape[1]):
        own = slice(m * places, (m + 1) * places)
        away = sums[own].sum() / count
        found[0, m] = count
        found[1, m] = first[m * places] + away
        rest = squares[own].sum() - count * away * away
        found[2, m] = 0.0 if rest < 0.0 else rest  # written so that NaN stays NaN


@compiled
def join(parts: Array, mean: Array, variance: Array) -> None:
    """Write mean and variance of each map over all parts (parts, 3, maps) of a batch."""
    for m in range(len(mean)):
        count = total = squares = 0.0
        for i in range(len(parts)):
            count += parts[i, 0, m]
            total += parts[i, 0, m] * parts[i, 1, m]
        middle = total / count
        for i in range(len(parts)):
            away = parts[i, 1, m] - middle
            squares += parts[i, 2, m] + parts[i, 0, m] * away * away
        mean[m], variance[m] = middle, squares / count


@compiled
def normalise(
    inputs: Array, places: int, mean: Array, inverse: Array, weight: Array, bias: Array, out: Array
) -> None:
    """Write y = γ (x - μ) · inverse + β.

    What the type of the values cannot hold of a mean is added at the end.
    """
    samples, columns = inputs.shape
    table = np.empty((3, columns), inputs.dtype)
    shifts, scales, ends = table[0], table[1], table[2]
    for c in range(columns):
        m = c // places
        factor = inverse[m] * weight[m]
        shifts[c], scales[c] = mean[m], factor
        ends[c] = bias[m] + (shifts[c] - mean[m]) * factor
    for start in range(0, columns, BLOCK):
        own = slice(start, min(start + BLOCK, columns))
        shift, scale, end = shifts[own], scales[own], ends[own]
        for s in range(samples):
            row, result = inputs[s, own], out[s, own]
            for i in range(row.size):
                result[i] = (row[i] - shift[i]) * scale[i] + end[i]


@compiled
def gradient_sums(
    gradient: Array, inputs: Array, places: int, mean: Array, inverse: Array, found: Array
) -> None:
    """Write Σ ∂E/∂y x̂ and Σ ∂E/∂y of each map: (2, maps)."""
    samples, columns = inputs.shape
    middles = np.empty(columns, np.float64)
    for c in range(columns):
        middles[c] = mean[c // places]
    sums, products = np.zeros(columns, np.float64), np.zeros(columns, np.float64)
    for start in range(0, columns, BLOCK):
        own = slice(start, min(start + BLOCK, columns))
        middle, total, product = middles[own], sums[own], products[own]
        for s in range(samples):
            slopes, row = gradient[s, own], inputs[s, own]
            for i in range(row.size):
                slope = np.float64(slopes[i])
                total[i] += slope
                product[i] += slope * (row[i] - middle[i])
    for m in range(found.shape[1]):
        own = slice(m * places, (m + 1) * places)
        found[0, m] = products[own].sum() * inverse[m]
        found[1, m] = sums[own].sum()


@compiled
def input_gradient(
    gradient: Array,
    inputs: Array,
    places: int,
    mean: Array,
    inverse: Array,
    weight: Array,
    shares: Array,
    out: Array,
) -> None:
    """Write ∂E/∂x = γ · inverse · (∂E/∂y - s_β - x̂ s_γ), with the shares (2, maps)."""
    samples, columns = inputs.shape
    table = np.empty((4, columns), inputs.dtype)
    shifts, scales, factors, ends = table[0], table[1], table[2], table[3]
    for c in range(columns):
        m = c // places
        share = inverse[m] * shares[0, m]
        shifts[c], scales[c], factors[c] = mean[m], inverse[m] * weight[m], share
        ends[c] = shares[1, m] + (shifts[c] - mean[m]) * share
    for start in range(0, columns, BLOCK):
        own = slice(start, min(start + BLOCK, columns))
        shift, scale, factor, end = shifts[own], scales[own], factors[own], ends[own]
        for s in range(samples):
            slopes, row, result = gradient[s, own], inputs[s, own], out[s, own]
            for i in range(row.size):
                shared = (row[i] - shift[i]) * factor[i] + end[i]
                result[i] = (slopes[i] - shared) * scale[i]
