"""Batch normalisation: each map, or value of a vector, by its mean and variance over the batch.

With m values a map, inverse = 1 / √(σ² + ε) and x̂ = (x - μ) · inverse: y = γ x̂ + β;
∂E/∂β = Σ ∂E/∂y; ∂E/∂γ = Σ ∂E/∂y x̂; ∂E/∂x = γ · inverse · (∂E/∂y - ∂E/∂β / m - x̂ ∂E/∂γ / m)
(Ioffe and Szegedy, 2015). Sums are taken in float64: of many values, or of values far from zero,
float32 would lose what the batch is about.
"""

import numpy as np

from engine.array_types import Array


def batch_moments(inputs: Array) -> Array:
    """Return how many values each map has, their mean, and Σ (x - mean)²: (3, maps)."""
    axes = _all_but_maps(inputs)
    mean = inputs.mean(axis=axes, dtype=np.float64)
    squares = np.square(inputs - _wide(mean, inputs)).sum(axis=axes)
    return np.stack([np.full_like(mean, inputs.size / len(mean)), mean, squares])


def joined_moments(parts: Array) -> tuple[Array, Array]:
    """Return mean and variance of each map over all parts of a batch: (parts, 3, maps).

    n = Σ n_i; μ = Σ n_i μ_i / n; σ² = Σ (M_i + n_i (μ_i - μ)²) / n (Chan, Golub and LeVeque, 1983).
    """
    counts, means, squares = parts[:, 0], parts[:, 1], parts[:, 2]
    count = counts.sum(axis=0)
    mean = (counts * means).sum(axis=0) / count
    variance = (squares + counts * np.square(means - mean)).sum(axis=0) / count
    return mean, variance


def batch_norm(
    inputs: Array, mean: Array, inverse: Array, weight: Array, bias: Array, out: Array
) -> None:
    """Write y = γ (x - μ) · inverse + β."""
    np.subtract(inputs, _wide(mean, inputs), out=out)
    out *= _wide(inverse * weight, inputs)
    out += _wide(bias, inputs)


def batch_norm_sums(gradient: Array, inputs: Array, mean: Array, inverse: Array) -> Array:
    """Return ∂E/∂γ = Σ ∂E/∂y x̂ and ∂E/∂β = Σ ∂E/∂y of the part of a batch given: (2, maps)."""
    axes = _all_but_maps(inputs)
    normal = (inputs - _wide(mean, inputs)) * _wide(inverse, inputs)
    return np.stack([(gradient * normal).sum(axis=axes), gradient.sum(axis=axes, dtype=np.float64)])


def batch_norm_gradient(
    gradient: Array,
    inputs: Array,
    mean: Array,
    inverse: Array,
    weight: Array,
    shares: Array,
    out: Array,
) -> None:
    """Write ∂E/∂x = γ · inverse · (∂E/∂y - s_β - x̂ s_γ).

    The shares s_γ = ∂E/∂γ / m and s_β = ∂E/∂β / m, (2, maps), are those of the batch's own
    statistics; they are 0 where running ones were used, which depend on no input.
    """
    np.subtract(inputs, _wide(mean, inputs), out=out)
    out *= _wide(inverse * shares[0], inputs)
    out += _wide(shares[1], inputs)
    np.subtract(gradient, out, out=out)
    out *= _wide(inverse * weight, inputs)


def _all_but_maps(values: Array) -> tuple[int, ...]:
    return (0, *range(2, values.ndim))


def _wide(numbers: Array, values: Array) -> Array:
    """Return one number per map the axes to be broadcast over a batch."""
    return numbers.reshape(-1, *(1,) * (values.ndim - 2))
