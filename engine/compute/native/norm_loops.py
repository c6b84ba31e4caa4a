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
def write_moments(mean: Array, variance: Array, found: Array) -> None:
    """Write a count of 1, mean and variance of each map: (1, 3, maps)."""
    for m in range(len(mean)):
        found[0, 0, m], found[0, 1, m], found[0, 2, m] = 1.0, mean[m], variance[m]


@compiled
def _join(moments: Array, epsilon: float, statistics: Array) -> None:
    """Write mean, variance and 1 / √(σ² + ε) of each map, of the moments (parts, 3, maps)."""
    for m in range(statistics.shape[1]):
        count = total = squares = 0.0
        for i in range(len(moments)):
            count += moments[i, 0, m]
            total += moments[i, 0, m] * moments[i, 1, m]
        middle = total / count
        for i in range(len(moments)):
            away = moments[i, 1, m] - middle
            squares += moments[i, 2, m] + moments[i, 0, m] * away * away
        variance = squares / count
        statistics[0, m], statistics[1, m] = middle, variance
        statistics[2, m] = 1.0 / np.sqrt(variance + epsilon)


@compiled
def normalise(
    inputs: Array,
    places: int,
    moments: Array,
    epsilon: Array,
    weight: Array,
    bias: Array,
    statistics: Array,
    out: Array,
) -> None:
    """Write the statistics μ, σ² and 1 / √(σ² + ε) (3, maps), and y = γ (x - μ) / √(σ² + ε) + β.

    epsilon (1,). What the type of the values cannot hold of a mean is added at the end.
    """
    _join(moments, epsilon[0], statistics)
    samples, columns = inputs.shape
    table = np.empty((3, columns), inputs.dtype)
    shifts, scales, ends = table[0], table[1], table[2]
    for c in range(columns):
        m = c // places
        mean, factor = statistics[0, m], statistics[2, m] * weight[m]
        shifts[c], scales[c] = mean, factor
        ends[c] = bias[m] + (shifts[c] - mean) * factor
    for start in range(0, columns, BLOCK):
        own = slice(start, min(start + BLOCK, columns))
        shift, scale, end = shifts[own], scales[own], ends[own]
        for s in range(samples):
            row, result = inputs[s, own], out[s, own]
            for i in range(row.size):
                result[i] = (row[i] - shift[i]) * scale[i] + end[i]


@compiled
def gradient_sums(
    gradient: Array, inputs: Array, places: int, statistics: Array, found: Array, own: Array
) -> None:
    """Write Σ ∂E/∂y x̂ and Σ ∂E/∂y of each map, (2, maps), in float64 and in a type of their own."""
    samples, columns = inputs.shape
    middles = np.empty(columns, np.float64)
    for c in range(columns):
        middles[c] = statistics[0, c // places]
    sums, products = np.zeros(columns, np.float64), np.zeros(columns, np.float64)
    for start in range(0, columns, BLOCK):
        block = slice(start, min(start + BLOCK, columns))
        middle, total, product = middles[block], sums[block], products[block]
        for s in range(samples):
            slopes, row = gradient[s, block], inputs[s, block]
            for i in range(row.size):
                slope = np.float64(slopes[i])
                total[i] += slope
                product[i] += slope * (row[i] - middle[i])
    for m in range(found.shape[1]):
        each = slice(m * places, (m + 1) * places)
        found[0, m] = products[each].sum() * statistics[2, m]
        found[1, m] = sums[each].sum()
        own[0, m], own[1, m] = found[0, m], found[1, m]


@compiled
def input_gradient(
    gradient: Array,
    inputs: Array,
    places: int,
    statistics: Array,
    weight: Array,
    sums: Array,
    values: int,
    out: Array,
) -> None:
    """Write ∂E/∂x = γ · inverse · (∂E/∂y - ∂E/∂β / m - x̂ ∂E/∂γ / m).

    sums are those of all parts, (parts, 2, maps); m is the number of values, or 0 to share nothing.
    """
    samples, columns = inputs.shape
    shares = np.zeros((2, len(weight)), np.float64)
    if values:
        for i in range(len(sums)):
            shares += sums[i]
        shares /= values
    table = np.empty((4, columns), inputs.dtype)
    shifts, scales, factors, ends = table[0], table[1], table[2], table[3]
    for c in range(columns):
        m = c // places
        mean, inverse = statistics[0, m], statistics[2, m]
        share = inverse * shares[0, m]
        shifts[c], scales[c], factors[c] = mean, inverse * weight[m], share
        ends[c] = shares[1, m] + (shifts[c] - mean) * share
    for start in range(0, columns, BLOCK):
        own = slice(start, min(start + BLOCK, columns))
        shift, scale, factor, end = shifts[own], scales[own], factors[own], ends[own]
        for s in range(samples):
            slopes, row, result = gradient[s, own], inputs[s, own], out[s, own]
            for i in range(row.size):
                shared = (row[i] - shift[i]) * factor[i] + end[i]
                result[i] = (slopes[i] - shared) * scale[i]


@compiled
def move(mean: Array, variance: Array, statistics: Array, values: int, share: Array) -> None:
    """Move running mean and variance by a share (1,) of the way to those of a batch.

    The batch has so many values a map; its variance is made unbiased.
    """
    unbiased = values / max(values - 1, 1)
    for m in range(len(mean)):
        mean[m] += share[0] * (statistics[0, m] - mean[m])
        variance[m] += share[0] * (statistics[1, m] * unbiased - variance[m])
