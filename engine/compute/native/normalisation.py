"""Batch normalisation over compiled loops, each of which goes through the batch once."""

import math

import numpy as np

from engine.array_types import Array, plain
from engine.compute.native import norm_loops


def batch_moments(inputs: Array) -> Array:
    """Return how many values each map has, their mean, and Σ (x - mean)²: (3, maps)."""
    found = np.empty((3, inputs.shape[1]))
    norm_loops.moments(_rows(inputs), _places(inputs), found)
    return found


def known_moments(mean: Array, variance: Array) -> Array:
    """Return moments of one value a map from which mean and variance follow: (1, 3, maps)."""
    found = np.empty((1, 3, len(mean)))
    norm_loops.write_moments(mean, variance, found)
    return found


def batch_norm(
    inputs: Array, moments: Array, epsilon: float, weight: Array, bias: Array, out: Array
) -> Array:
    """Write y = γ (x - μ) · inverse + β; return μ, σ² and inverse of each map: (3, maps)."""
    statistics = np.empty(moments.shape[1:])
    norm_loops.normalise(
        *(_rows(inputs), _places(inputs), moments, np.array([epsilon]), weight, bias),
        *(statistics, out.reshape(len(out), -1)),
    )
    return statistics


def batch_norm_sums(gradient: Array, inputs: Array, statistics: Array) -> tuple[Array, Array]:
    """Return ∂E/∂γ = Σ ∂E/∂y x̂ and ∂E/∂β = Σ ∂E/∂y of the part of a batch given: (2, maps)."""
    sums = np.empty((2, inputs.shape[1]))
    own = np.empty(sums.shape, gradient.dtype)
    norm_loops.gradient_sums(_rows(gradient), _rows(inputs), _places(inputs), statistics, sums, own)
    return sums, own


def batch_norm_gradient(
    gradient: Array,
    inputs: Array,
    statistics: Array,
    weight: Array,
    sums: Array,
    values: int,
    out: Array,
) -> None:
    """Write ∂E/∂x = γ · inverse · (∂E/∂y - ∂E/∂β / m - x̂ ∂E/∂γ / m)."""
    norm_loops.input_gradient(
        *(_rows(gradient), _rows(inputs), _places(inputs), statistics, weight, sums, values),
        out.reshape(len(out), -1),
    )


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
