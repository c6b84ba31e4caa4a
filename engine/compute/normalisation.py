"""Batch normalisation: each map, or value of a vector, by its mean and variance over the batch.

With m values a map, inverse = 1 / √(σ² + ε) and x̂ = (x - μ) · inverse: y = γ x̂ + β;
∂E/∂β = Σ ∂E/∂y; ∂E/∂γ = Σ ∂E/∂y x̂; ∂E/∂x = γ · inverse · (∂E/∂y - ∂E/∂β / m - x̂ ∂E/∂γ / m)
(Ioffe and Szegedy, 2015).
"""

from collections.abc import Callable

import numpy as np

from engine.array_types import Array


def batch_moments(
    inputs: Array, samples: int, total: Callable[[Array], Array]
) -> tuple[Array, Array]:
    """Return mean and variance of each map over a whole batch of so many samples.

    `total` adds an array up over all parts of the batch, of which the inputs are one.
    """
    values = samples * inputs[0, 0].size
    mean = total(_sums(inputs)) / values
    variance = total(_sums(np.square(inputs - _wide(mean, inputs)))) / values
    return mean, variance


def batch_norm(
    inputs: Array,
    mean: Array,
    inverse: Array,
    weight: Array,
    bias: Array,
    normal: Array,
    out: Array,
) -> None:
    """Write x̂ = (x - μ) · inverse to `normal` and y = γ x̂ + β to `out`."""
    np.subtract(inputs, _wide(mean, inputs), out=normal)
    normal *= _wide(inverse, inputs)
    np.multiply(normal, _wide(weight, inputs), out=out)
    out += _wide(bias, inputs)


def batch_norm_parameter_gradients(gradient: Array, normal: Array) -> tuple[Array, Array]:
    """Return ∂E/∂γ = Σ ∂E/∂y x̂ and ∂E/∂β = Σ ∂E/∂y, of the part of the batch that is given."""
    return _sums(gradient * normal), _sums(gradient)


def batch_norm_gradient(
    gradient: Array,
    normal: Array,
    scale: Array,
    shares: tuple[Array, Array] | None,
    out: Array,
) -> None:
    """Write ∂E/∂x = scale · (∂E/∂y - s_β - x̂ s_γ), with scale = γ · inverse.

    The shares s_β = ∂E/∂β / m and s_γ = ∂E/∂γ / m are those of the batch's own statistics; there
    are none where running ones were used, which depend on no input.
    """
    np.copyto(out, gradient)
    if shares is not None:
        out -= _wide(shares[0], gradient)
        out -= normal * _wide(shares[1], gradient)
    out *= _wide(scale, gradient)


def _sums(values: Array) -> Array:
    """Add up all but the second axis: one sum for each map, or value of a vector."""
    sums: Array = values.sum(axis=(0, *range(2, values.ndim)))
    return sums


def _wide(numbers: Array, values: Array) -> Array:
    """Return one number per map the axes to be broadcast over a batch."""
    return numbers.reshape(-1, *(1,) * (values.ndim - 2))
