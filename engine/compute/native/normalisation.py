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


def joined_moments(parts: Array) -> tuple[Array, Array]:
    """Return mean and variance of each map over all parts of a batch: (parts, 3, maps)."""
    mean, variance = np.empty(parts.shape[2]), np.empty(parts.shape[2])
    norm_loops.join(parts, mean, variance)
    return mean, variance


def batch_norm(
    inputs: Array, mean: Array, inverse: Array, weight: Array, bias: Array, out: Array
) -> None:
    """Write y = γ (x - μ) · inverse + β."""
    norm_loops.normalise(
        _rows(inputs), _places(inputs), mean, inverse, weight, bias, out.reshape(len(out), -1)
    )


def batch_norm_sums(gradient: Array, inputs: Array, mean: Array, inverse: Array) -> Array:
    """Return ∂E/∂γ = Σ ∂E/∂y x̂ and ∂E/∂β = Σ ∂E/∂y of the part of a batch given: (2, maps)."""
    found = np.empty((2, inputs.shape[1]))
    rows = _rows(gradient), _rows(inputs)
    norm_loops.gradient_sums(*rows, _places(inputs), mean, inverse, found)
    return found


def batch_norm_gradient(
    gradient: Array,
    inputs: Array,
    mean: Array,
    inverse: Array,
    weight: Array,
    shares: Array,
    out: Array,
) -> None:
    """Write ∂E/∂x = γ · inverse · (∂E/∂y - s_β - x̂ s_γ)."""
    rows = _rows(gradient), _rows(inputs)
    norm_loops.input_gradient(
        *rows, _places(inputs), mean, inverse, weight, shares, out.reshape(len(out), -1)
    )


def _rows(values: Array) -> Array:
    """Return a batch as a matrix: (samples, maps · places)."""
    return plain(values).reshape(len(values), -1)


def _places(values: Array) -> int:
    """Count the values of one map of one sample."""
    return math.prod(values.shape[2:])
