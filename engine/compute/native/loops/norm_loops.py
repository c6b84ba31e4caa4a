"""Compiled loops of batch normalisation, over batches as matrices (samples, maps · places).

Maps of many places are done one by one. For those of few places there is a number in a table for
each column, and one block of columns is done for all samples before the next. So the numbers that
belong to a column stay in the first cache, and inner loops are long whatever size the maps have.
"""

import numpy as np

from engine.array_types import Array
from engine.compute.native.machine_code.compiled import compiled

MANY = 32  # places of a map, with which loops over one map fill vectors
BLOCK = 512  # columns


@compiled
def moments(values: Array, places: int, found: Array) -> None:
    """Write the count, the mean and Σ (x - mean)² of each map: (3, maps).

    Each map is shifted by its first value: so large means cost no digits.
    """
    if places >= MANY:
        _add_powers_of_maps(values, places, found[1], found[2])
    else:
        _add_powers_of_columns(values, places, found[1], found[2])
    count = float(len(values) * places)
    for m in range(found.shape[1]):
        away = found[1, m] / count
        rest = found[2, m] - count * away * away
        found[0, m] = count
        found[1, m] = values[0, m * places] + away
        found[2, m] = 0.0 if rest < 0.0 else rest  # written so that NaN stays NaN


@compiled
def _add_powers_of_maps(values: Array, places: int, sums: Array, squares: Array) -> None:
    """Write Σ (x - x₀) and Σ (x - x₀)² of each map, where x₀ is its first value."""
    sums[:] = 0.0
    squares[:] = 0.0
    for s in range(len(values)):
        for m in range(len(sums)):
            row, first = values[s, m * places : (m + 1) * places], np.float64(values[0, m * places])
            total = square = 0.0
            for i in range(row.size):
                x = row[i] - first
                total += x
                square += x * x
            sums[m] += total
            squares[m] += square


@compiled
def _add_powers_of_columns(values: Array, places: int, sums: Array, squares: Array) -> None:
    """Do what `_add_powers_of_maps` does, by columns."""
    samples, columns = values.shape
    starts = np.empty((1, len(sums)), np.float64)
    for m in range(len(sums)):
        starts[0, m] = values[0, m * places]
    first, found = _for_columns(starts, places)[0], np.zeros((2, columns), np.float64)
    for start in range(0, columns, BLOCK):
        own = slice(start, min(start + BLOCK, columns))
        shifts, total, square = first[own], found[0, own], found[1, own]
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
    _add_columns(found[0], sums)
    _add_columns(found[1], squares)


@compiled
def _for_columns(table: Array, places: int) -> Array:
    """Return a table of numbers for each map, (n, maps), as one for each column."""
    wide = np.empty((len(table), table.shape[1] * places), table.dtype)
    for i in range(len(table)):
        numbers, own = table[i], wide[i]
        for m in range(len(numbers)):
            own[m * places : (m + 1) * places] = numbers[m]
    return wide


@compiled
def _add_columns(values: Array, sums: Array) -> None:
    """Write the sum of the numbers of each map's columns."""
    places = len(values) // len(sums)
    for m in range(len(sums)):
        total, own = values.dtype.type(0), values[m * places :]
        for i in range(places):
            total += own[i]
        sums[m] = total


@compiled
def write_moments(mean: Array, variance: Array, found: Array) -> None:
    """Write a count of 1, mean and variance of each map: (1, 3, maps)."""
    for m in range(len(mean)):
        found[0, 0, m], found[0, 1, m], found[0, 2, m] = 1.0, mean[m], variance[m]


@compiled
def join_moments(moments: Array, joined: Array) -> None:
    """Write the moments (3, maps) of all parts, of those of each, (parts, 3, maps)."""
    for m in range(joined.shape[1]):
        count = total = squares = 0.0
        for i in range(len(moments)):
            count += moments[i, 0, m]
            total += moments[i, 0, m] * moments[i, 1, m]
        middle = total / count
        for i in range(len(moments)):
            away = moments[i, 1, m] - middle
            squares += moments[i, 2, m] + moments[i, 0, m] * away * away
        joined[0, m], joined[1, m], joined[2, m] = count, middle, squares


@compiled
def join(moments: Array, epsilon: Array, statistics: Array) -> None:
    """Write mean, variance and 1 / √(σ² + ε) of each map, of the moments (parts, 3, maps).

    epsilon (1,).
    """
    join_moments(moments, statistics)
    for m in range(statistics.shape[1]):
        count, middle, squares = statistics[0, m], statistics[1, m], statistics[2, m]
        variance = squares / count
        statistics[0, m], statistics[1, m] = middle, variance
        statistics[2, m] = 1.0 / np.sqrt(variance + epsilon[0])


@compiled
def normalise(
    inputs: Array, places: int, statistics: Array, weight: Array, bias: Array, out: Array
) -> None:
    """Write y = γ (x - μ) / √(σ² + ε) + β, by the statistics μ, σ² and 1 / √(σ² + ε) (3, maps).

    What the type of the values cannot hold of a mean is added at the end.
    """
    samples, columns = inputs.shape
    table = np.empty((3, len(weight)), inputs.dtype)
    for m in range(len(weight)):
        mean, factor = statistics[0, m], statistics[2, m] * weight[m]
        table[0, m], table[1, m] = mean, factor
        table[2, m] = bias[m] + (table[0, m] - mean) * factor
    if places >= MANY:
        for s in range(samples):
            for m in range(len(weight)):
                own = slice(m * places, (m + 1) * places)
                row, result = inputs[s, own], out[s, own]
                a, b, c = table[0, m], table[1, m], table[2, m]
                for i in range(row.size):
                    result[i] = (row[i] - a) * b + c
        return
    wide = _for_columns(table, places)
    for start in range(0, columns, BLOCK):
        own = slice(start, min(start + BLOCK, columns))
        shift, scale, end = wide[0, own], wide[1, own], wide[2, own]
        for s in range(samples):
            row, result = inputs[s, own], out[s, own]
            for i in range(row.size):
                result[i] = (row[i] - shift[i]) * scale[i] + end[i]


@compiled
def gradient_sums(
    gradient: Array, inputs: Array, places: int, statistics: Array, found: Array
) -> None:
    """Write Σ ∂E/∂y x̂ and Σ ∂E/∂y of each map: (2, maps)."""
    if places >= MANY:
        _add_products_of_maps(gradient, inputs, places, statistics[0], found)
    else:
        _add_products_of_columns(gradient, inputs, places, statistics, found)
    for m in range(found.shape[1]):
        found[0, m] *= statistics[2, m]


@compiled
def add_sums(parts: Array, sums: Array, own: Array) -> None:
    """Write the sums of all parts, (parts, 2, maps), in float64 and in a type of their own."""
    for k in range(2):
        for m in range(sums.shape[1]):
            total = 0.0
            for i in range(len(parts)):
                total += parts[i, k, m]
            sums[k, m], own[k, m] = total, total


@compiled
def _add_products_of_maps(
    gradient: Array, inputs: Array, places: int, mean: Array, found: Array
) -> None:
    """Write Σ ∂E/∂y (x - μ) and Σ ∂E/∂y of each map: (2, maps)."""
    found[:] = 0.0
    for s in range(len(inputs)):
        for m in range(len(mean)):
            each, middle = slice(m * places, (m + 1) * places), mean[m]
            slopes, row = gradient[s, each], inputs[s, each]
            total = product = 0.0
            for i in range(row.size):
                slope = np.float64(slopes[i])
                total += slope
                product += slope * (row[i] - middle)
            found[0, m] += product
            found[1, m] += total


@compiled
def _add_products_of_columns(
    gradient: Array, inputs: Array, places: int, statistics: Array, found: Array
) -> None:
    """Do what `_add_products_of_maps` does, by columns; the first of the statistics is the mean."""
    samples, columns = inputs.shape
    middles, sums = _for_columns(statistics[:1], places)[0], np.zeros((2, columns), np.float64)
    for start in range(0, columns, BLOCK):
        block = slice(start, min(start + BLOCK, columns))
        middle, product, total = middles[block], sums[0, block], sums[1, block]
        for s in range(samples):
            slopes, row = gradient[s, block], inputs[s, block]
            for i in range(row.size):
                slope = np.float64(slopes[i])
                total[i] += slope
                product[i] += slope * (row[i] - middle[i])
    _add_columns(sums[0], found[0])
    _add_columns(sums[1], found[1])


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
    table = np.empty((4, len(weight)), inputs.dtype)
    for m in range(len(weight)):
        mean, inverse = statistics[0, m], statistics[2, m]
        share = inverse * shares[0, m]
        table[0, m], table[1, m], table[2, m] = mean, share, inverse * weight[m]
        table[3, m] = shares[1, m] + (table[0, m] - mean) * share
    if places >= MANY:
        for s in range(samples):
            for m in range(len(weight)):
                own = slice(m * places, (m + 1) * places)
                slopes, row, result = gradient[s, own], inputs[s, own], out[s, own]
                a, b, c, d = table[0, m], table[1, m], table[2, m], table[3, m]
                for i in range(row.size):
                    result[i] = (slopes[i] - ((row[i] - a) * b + d)) * c
        return
    wide = _for_columns(table, places)
    for start in range(0, columns, BLOCK):
        own = slice(start, min(start + BLOCK, columns))
        shift, factor, scale, end = wide[0, own], wide[1, own], wide[2, own], wide[3, own]
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
