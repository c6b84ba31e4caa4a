"""Batch normalisation: each map, or value of a vector, by its mean and variance over the batch.

With m values a map, inverse = 1 / √(σ² + ε) and x̂ = (x - μ) · inverse: y = γ x̂ + β;
∂E/∂β = Σ ∂E/∂y; ∂E/∂γ = Σ ∂E/∂y x̂; ∂E/∂x = γ · inverse · (∂E/∂y - ∂E/∂β / m - x̂ ∂E/∂γ / m)
(Ioffe and Szegedy, 2015). Sums are taken in float64: of many values, or of values far from zero,
float32 would lose what the batch is about.
"""

import numpy as np

from engine.array_types import Array
from engine.compute.thread_pool import Pool


def batch_moments(inputs: Array, pool: Pool | None = None) -> Array:
    """Return how many values each map has, their mean, and Σ (x - mean)²: (3, maps)."""
    axes = _all_but_maps(inputs)
    mean = inputs.mean(axis=axes, dtype=np.float64)
    squares = np.square(inputs - _wide(mean, inputs)).sum(axis=axes)
    return np.stack([np.full_like(mean, inputs.size / len(mean)), mean, squares])


def known_moments(mean: Array, variance: Array) -> Array:
    """Return moments of one value a map from which mean and variance follow: (1, 3, maps)."""
    return np.stack([np.ones_like(mean), mean, variance]).astype(np.float64)[np.newaxis]


def batch_norm(
    inputs: Array,
    moments: Array,
    epsilon: float,
    weight: Array,
    bias: Array,
    out: Array,
    pool: Pool | None = None,
) -> Array:
    """Write y = γ (x - μ) · inverse + β; return μ, σ² and inverse of each map: (3, maps).

    The moments are those of all parts of a batch, (parts, 3, maps): n = Σ n_i; μ = Σ n_i μ_i / n;
    σ² = Σ (M_i + n_i (μ_i - μ)²) / n (Chan, Golub and LeVeque, 1983).
    """
    counts, means, squares = moments[:, 0], moments[:, 1], moments[:, 2]
    count = counts.sum(axis=0)
    mean = (counts * means).sum(axis=0) / count
    variance = (squares + counts * np.square(means - mean)).sum(axis=0) / count
    inverse = 1.0 / np.sqrt(variance + epsilon)
    np.subtract(inputs, _wide(mean, inputs), out=out)
    out *= _wide(inverse * weight, inputs)
    out += _wide(bias, inputs)
    return np.stack([mean, variance, inverse])


def batch_norm_sums(
    gradient: Array, inputs: Array, statistics: Array, pool: Pool | None = None
) -> tuple[Array, Array]:
    """Return ∂E/∂γ = Σ ∂E/∂y x̂ and ∂E/∂β = Σ ∂E/∂y of the part of a batch given: (2, maps).

    Once in float64, and once in the type of the gradient.
    """
    axes, (mean, _, inverse) = _all_but_maps(inputs), statistics
    normal = (inputs - _wide(mean, inputs)) * _wide(inverse, inputs)
    products = (gradient * normal).sum(axis=axes)
    sums = np.stack([products, gradient.sum(axis=axes, dtype=np.float64)])
    return sums, sums.astype(gradient.dtype)


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
    """Write ∂E/∂x = γ · inverse · (∂E/∂y - ∂E/∂β / m - x̂ ∂E/∂γ / m).

    The sums are those of all parts of a batch, (parts, 2, maps), and m how many values a map has in
    the batch. With m = 0 nothing is shared: running statistics depend on no input.
    """
    mean, _, inverse = statistics
    scale, shift = sums.sum(axis=0) / values if values else np.zeros_like(sums[0])
    np.subtract(inputs, _wide(mean, inputs), out=out)
    out *= _wide(inverse * scale, inputs)
    out += _wide(shift, inputs)
    np.subtract(gradient, out, out=out)
    out *= _wide(inverse * weight, inputs)


def move_statistics(
    mean: Array, variance: Array, statistics: Array, values: int, share: float
) -> None:
    """Move running mean and variance by a share of the way to those of a batch, in place.

    The batch has so many values a map; its variance is made unbiased.
    """
    unbiased = statistics[1] * (values / max(values - 1, 1))
    for running, newest in ((mean, statistics[0]), (variance, unbiased)):
        running += share * (newest - running)


def _all_but_maps(values: Array) -> tuple[int, ...]:
    return (0, *range(2, values.ndim))


def _wide(numbers: Array, values: Array) -> Array:
    """Return one number per map the axes to be broadcast over a batch."""
    return numbers.reshape(-1, *(1,) * (values.ndim - 2))
