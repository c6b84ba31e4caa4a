"""Compiled loops of batch normalisation, over batches as matrices (samples, maps · places).

Maps of many places are done one by one. For those of few places there is a number in a table for
each column, and one block of columns is done for all samples before the next. So the numbers that
belong to a column stay in the first cache, and inner loops are long whatever size the maps have.

Vectors have as many maps as values. So loops over maps fill vectors, too: each writes to one or two
arrays alone, since LLVM gives up where it had to ask of too many whether they overlap.
"""

import math

import numpy as np

from engine.array_types import Array, plain
from engine.compute.native.machine_code.compiled import compiled
from engine.compute.native.threads.sharing import by_parts, parts_of, share
from engine.compute.thread_pool import Pool

MANY = 32  # places of a map, with which loops over one map fill vectors
BLOCK = 512  # columns


@compiled
def _moments(values: Array, places: int, found: Array) -> None:
    """Write the count, the mean and Σ (x - mean)² of each map: (3, maps).

    Each map is shifted by its first value: so large means cost no digits.
    """
    if places >= MANY:
        _add_powers_of_maps(values, places, found[1], found[2])
    else:
        _add_powers_of_columns(values, places, found[1:])
    count = float(len(values) * places)
    sums, squares, first = found[1], found[2], values[0]
    for m in range(len(sums)):
        away = sums[m] / count
        rest = squares[m] - away * sums[m]
        sums[m] = away
        squares[m] = 0.0 if rest < 0.0 else rest  # written so that NaN stays NaN
    for m in range(len(sums)):
        sums[m] += first[m * places]
    found[0] = count


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
def _add_powers_of_columns(values: Array, places: int, powers: Array) -> None:
    """Do what `_add_powers_of_maps` does, by columns: powers (2, maps)."""
    samples, columns = values.shape
    starts = np.empty((1, powers.shape[1]), np.float64)
    for m in range(starts.shape[1]):
        starts[0, m] = values[0, m * places]
    first, found = _for_columns(starts, places)[0], _zeros_for_columns(powers, places)
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
    _add_columns(found, places, powers)


@compiled
def _for_columns(table: Array, places: int) -> Array:
    """Return a table of numbers for each map, (n, maps), as one for each column."""
    if places == 1:
        return table
    wide = np.empty((len(table), table.shape[1] * places), table.dtype)
    for i in range(len(table)):
        numbers, own = table[i], wide[i]
        for m in range(len(numbers)):
            own[m * places : (m + 1) * places] = numbers[m]
    return wide


@compiled
def _zeros_for_columns(table: Array, places: int) -> Array:
    """Return zeros for each column: those of a table (n, maps) where each map has one column."""
    wide = table if places == 1 else np.empty((len(table), table.shape[1] * places), table.dtype)
    wide[:] = 0
    return wide


@compiled
def _add_columns(wide: Array, places: int, table: Array) -> None:
    """Write the sums of the numbers of each map's columns, of zeros to which these were added."""
    if places == 1:
        return
    for i in range(len(table)):
        for m in range(table.shape[1]):
            total, own = table.dtype.type(0), wide[i, m * places :]
            for p in range(places):
                total += own[p]
            table[i, m] = total


@compiled
def _write_moments(mean: Array, variance: Array, found: Array) -> None:
    """Write a count of 1, mean and variance of each map: (1, 3, maps)."""
    for m in range(len(mean)):
        found[0, 0, m], found[0, 1, m], found[0, 2, m] = 1.0, mean[m], variance[m]


@compiled
def _join_moments(moments: Array, joined: Array) -> None:
    """Write the moments (3, maps) of all parts, of those of each, (parts, 3, maps)."""
    if len(moments) == 1:
        joined[:] = moments[0]
        return
    joined[:] = 0.0
    count, middle, squares = joined[0], joined[1], joined[2]
    for i in range(len(moments)):
        own, mean = moments[i, 0], moments[i, 1]
        for m in range(len(count)):
            count[m] += own[m]
            middle[m] += own[m] * mean[m]
    for m in range(len(count)):
        middle[m] /= count[m]
    for i in range(len(moments)):
        own, mean, square = moments[i, 0], moments[i, 1], moments[i, 2]
        for m in range(len(count)):
            away = mean[m] - middle[m]
            squares[m] += square[m] + own[m] * away * away


@compiled
def _join(moments: Array, epsilon: Array, statistics: Array) -> None:
    """Write mean, variance and 1 / √(σ² + ε) of each map, of the moments (parts, 3, maps).

    epsilon (1,).
    """
    _join_moments(moments, statistics)
    first, second, third, least = statistics[0], statistics[1], statistics[2], epsilon[0]
    for m in range(len(first)):
        middle, variance = second[m], third[m] / first[m]
        first[m], second[m] = middle, variance
        third[m] = 1.0 / np.sqrt(variance + least)


@compiled
def _normalise(
    inputs: Array, places: int, statistics: Array, weight: Array, bias: Array, out: Array
) -> None:
    """Write y = γ (x - μ) / √(σ² + ε) + β, by the statistics μ, σ² and 1 / √(σ² + ε) (3, maps).

    What the type of the values cannot hold of a mean is added at the end.
    """
    samples, columns = inputs.shape
    table = np.empty((3, len(weight)), inputs.dtype)
    held, factor, rest = table[0], table[1], table[2]
    mean, inverse = statistics[0], statistics[2]
    held[:] = mean
    for m in range(len(weight)):
        factor[m] = inverse[m] * weight[m]
    for m in range(len(weight)):
        rest[m] = bias[m] + (held[m] - mean[m]) * (inverse[m] * weight[m])
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
def _gradient_sums(
    gradient: Array, inputs: Array, places: int, statistics: Array, found: Array
) -> None:
    """Write Σ ∂E/∂y x̂ and Σ ∂E/∂y of each map: (2, maps)."""
    if places >= MANY:
        _add_products_of_maps(gradient, inputs, places, statistics[0], found)
    else:
        _add_products_of_columns(gradient, inputs, places, statistics, found)
    products, inverse = found[0], statistics[2]
    for m in range(len(products)):
        products[m] *= inverse[m]


@compiled
def _add_sums(parts: Array, sums: Array, own: Array) -> None:
    """Write the sums of all parts, (parts, 2, maps), in float64 and in a type of their own."""
    sums[:] = parts[0]
    for i in range(1, len(parts)):
        sums += parts[i]
    own[:] = sums


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
    middles, sums = _for_columns(statistics[:1], places)[0], _zeros_for_columns(found, places)
    for start in range(0, columns, BLOCK):
        block = slice(start, min(start + BLOCK, columns))
        middle, product, total = middles[block], sums[0, block], sums[1, block]
        for s in range(samples):
            slopes, row = gradient[s, block], inputs[s, block]
            for i in range(row.size):
                slope = np.float64(slopes[i])
                total[i] += slope
                product[i] += slope * (row[i] - middle[i])
    _add_columns(sums, places, found)


@compiled
def _input_gradient(
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
    held, share, factor, rest = table[0], table[1], table[2], table[3]
    mean, inverse, product, total = statistics[0], statistics[2], shares[0], shares[1]
    held[:] = mean
    for m in range(len(weight)):
        share[m] = inverse[m] * product[m]
    for m in range(len(weight)):
        factor[m] = inverse[m] * weight[m]
    for m in range(len(weight)):
        rest[m] = total[m] + (held[m] - mean[m]) * (inverse[m] * product[m])
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
def _move(mean: Array, variance: Array, statistics: Array, values: int, share: Array) -> None:
    """Move running mean and variance by a share (1,) of the way to those of a batch.

    The batch has so many values a map; its variance is made unbiased.
    """
    unbiased = values / max(values - 1, 1)
    for m in range(len(mean)):
        mean[m] += share[0] * (statistics[0, m] - mean[m])
        variance[m] += share[0] * (statistics[1, m] * unbiased - variance[m])


def batch_moments(inputs: Array, pool: Pool | None = None) -> Array:
    rows, places, parts = _rows(inputs), _places(inputs), parts_of(inputs, pool)
    found = np.empty((len(parts), 3, inputs.shape[1]))

    def add(number: int, part: slice) -> None:
        _moments(rows[part], places, found[number])

    by_parts(add, parts, pool)
    joined: Array = found[0]
    if len(parts) > 1:
        joined = np.empty(found.shape[1:])
        _join_moments(found, joined)
    return joined


def known_moments(mean: Array, variance: Array) -> Array:
    found = np.empty((1, 3, len(mean)))
    _write_moments(mean, variance, found)
    return found


def batch_norm(
    inputs: Array,
    moments: Array,
    epsilon: float,
    weight: Array,
    bias: Array,
    out: Array,
    pool: Pool | None = None,
) -> Array:
    statistics, places = np.empty(moments.shape[1:]), _places(inputs)
    _join(moments, np.array([epsilon]), statistics)

    def normalise(rows: Array, results: Array) -> None:
        _normalise(rows, places, statistics, weight, bias, results)

    share(normalise, (_rows(inputs), _rows(out)), pool)
    return statistics


def batch_norm_sums(
    gradient: Array, inputs: Array, statistics: Array, pool: Pool | None = None
) -> tuple[Array, Array]:
    slopes, rows, places = _rows(gradient), _rows(inputs), _places(inputs)
    parts = parts_of(inputs, pool)
    found = np.empty((len(parts), 2, inputs.shape[1]))

    def add(number: int, part: slice) -> None:
        _gradient_sums(slopes[part], rows[part], places, statistics, found[number])

    by_parts(add, parts, pool)
    sums = np.empty(found.shape[1:])
    own = np.empty(sums.shape, gradient.dtype)
    _add_sums(found, sums, own)
    return sums, own


def batch_norm_gradient(
    gradient: Array,
    inputs: Array,
    statistics: Array,
    weight: Array,
    sums: Array,
    values: int,
    out: Array,
    pool: Pool | None = None,
) -> None:
    places = _places(inputs)

    def differentiate(slopes: Array, rows: Array, results: Array) -> None:
        _input_gradient(slopes, rows, places, statistics, weight, sums, values, results)

    share(differentiate, (_rows(gradient), _rows(inputs), _rows(out)), pool)


def move_statistics(
    mean: Array, variance: Array, statistics: Array, values: int, share: float
) -> None:
    _move(mean, variance, statistics, values, np.array([share]))


def _rows(values: Array) -> Array:
    """Return a batch as a matrix: (samples, maps · places)."""
    return plain(values).reshape(len(values), -1)


def _places(values: Array) -> int:
    """Count the values of one map of one sample."""
    return math.prod(values.shape[2:])
