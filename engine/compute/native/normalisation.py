"""Batch normalisation over compiled loops, each of which goes through a part of the batch once."""

import math

import numpy as np

from engine.array_types import Array, plain
from engine.compute.native.loops import norm_loops
from engine.compute.native.threads.sharing import by_parts, parts_of, share
from engine.compute.thread_pool import Pool


def batch_moments(inputs: Array, pool: Pool | None = None) -> Array:
    """Return how many values each map has, their mean, and Σ (x - mean)²: (3, maps)."""
    rows, places, parts = _rows(inputs), _places(inputs), parts_of(inputs, pool)
    found = np.empty((len(parts), 3, inputs.shape[1]))

    def add(number: int, part: slice) -> None:
        norm_loops.moments(rows[part], places, found[number])

    by_parts(add, parts, pool)
    joined: Array = found[0]
    if len(parts) > 1:
        joined = np.empty(found.shape[1:])
        norm_loops.join_moments(found, joined)
    return joined


def known_moments(mean: Array, variance: Array) -> Array:
    """Return moments of one value a map from which mean and variance follow: (1, 3, maps)."""
    found = np.empty((1, 3, len(mean)))
    norm_loops.write_moments(mean, variance, found)
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
    """Write y = γ (x - μ) · inverse + β; return μ, σ² and inverse of each map: (3, maps)."""
    statistics, places = np.empty(moments.shape[1:]), _places(inputs)
    norm_loops.join(moments, np.array([epsilon]), statistics)

    def normalise(rows: Array, results: Array) -> None:
        norm_loops.normalise(rows, places, statistics, weight, bias, results)

    share(normalise, (_rows(inputs), _rows(out)), pool)
    return statistics


def batch_norm_sums(
    gradient: Array, inputs: Array, statistics: Array, pool: Pool | None = None
) -> tuple[Array, Array]:
    """Return ∂E/∂γ = Σ ∂E/∂y x̂ and ∂E/∂β = Σ ∂E/∂y of the part of a batch given: (2, maps)."""
    slopes, rows, places = _rows(gradient), _rows(inputs), _places(inputs)
    parts = parts_of(inputs, pool)
    found = np.empty((len(parts), 2, inputs.shape[1]))

    def add(number: int, part: slice) -> None:
        norm_loops.gradient_sums(slopes[part], rows[part], places, statistics, found[number])

    by_parts(add, parts, pool)
    sums = np.empty(found.shape[1:])
    own = np.empty(sums.shape, gradient.dtype)
    norm_loops.add_sums(found, sums, own)
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
    """Write ∂E/∂x = γ · inverse · (∂E/∂y - ∂E/∂β / m - x̂ ∂E/∂γ / m)."""
    places = _places(inputs)

    def differentiate(slopes: Array, rows: Array, results: Array) -> None:
        norm_loops.input_gradient(slopes, rows, places, statistics, weight, sums, values, results)

    share(differentiate, (_rows(gradient), _rows(inputs), _rows(out)), pool)


def move_statistics(
    mean: Array, variance: Array, statistics: Array, values: int, share: float
) -> None:
    """Move running mean and variance by a share of the way to those of a batch, in place."""
    norm_loops.move(mean, variance, statistics, values, np.array([share]))


def _rows(values: Array) -> Array:
    """Return a batch as a matrix: (samples, maps · places)."""
    return plain(values).reshape(len(values), -1)


def _places(values: Array) -> int:
    """Count the values of one map of one sample."""
    return math.prod(values.shape[2:])
