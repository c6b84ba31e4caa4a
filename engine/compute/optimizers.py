"""The steps of the optimizers: how weights follow their gradient, in place.

What a rule counts with stands in an array of float64, which is refilled for every step.
"""

import math

import numpy as np

from engine.array_types import Array
from engine.compute.thread_pool import Pool


def add_scaled(weights: Array, values: Array, scales: Array) -> None:
    """Do W ← f · X + g · W in place, with scales (f, g)."""
    factor, kept = scales
    weights *= kept
    weights += factor * values


def add_product(
    weights: Array, left: Array, right: Array, scales: Array, pool: Pool | None, first: int = 0
) -> None:
    """Do W ← f · leftᵀ right + g · W in place: with ∂E/∂y and x, a step along ∂E/∂W.

    Of left, the columns from `first` on are taken, as many as W has rows. W is not read where g is
    0.
    """
    factor, kept = scales
    product = factor * (left[:, first : first + len(weights)].T @ right)
    weights[...] = product + kept * weights if kept else product


def write_product(out: Array, left: Array, right: Array, first: int) -> None:
    """Write leftᵀ right, as `add_product` adds it."""
    np.matmul(left[:, first : first + len(out)].T, right, out=out)


def momentum_step(
    weights: Array,
    gradient: Array,
    slopes: Array | None,
    velocity: Array | None,
    numbers: Array,
    nesterov: bool,
) -> None:
    """Do a step of gradient descent by the numbers (η, μ, λ); without a velocity, μ counts as 0.

    g ← ∂E/∂W + λ W; v ← μ v + g; W ← W - η v, or with Nesterov's look ahead W ← W - η (g + μ v)
    (Sutskever et al., 2013, in the form that PyTorch has). With slopes (rows,),
    ∂E/∂W is their product with a row (columns,).
    """
    rate, momentum, decay = numbers.tolist()
    step = _formed(gradient, slopes) + decay * weights
    if velocity is not None:
        velocity *= momentum
        velocity += step
        step = step + momentum * velocity if nesterov else velocity
    weights -= rate * step


def adam_step(
    weights: Array,
    gradient: Array,
    slopes: Array | None,
    mean: Array,
    square: Array,
    numbers: Array,
) -> None:
    """Do a step of Adam by the numbers (η, β₁, β₂, ε, 1 - β₁ᵗ, 1 - β₂ᵗ, λ, λ of AdamW).

    m ← β₁ m + (1 - β₁) g; v ← β₂ v + (1 - β₂) g²;
    W ← W - η m̂ / (√v̂ + ε) with m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ). Decay: g ← ∂E/∂W + λ W, or
    that of AdamW W ← W - η λ W (Kingma and Ba, 2015; Loshchilov and Hutter, 2019).
    """
    rate, beta1, beta2, epsilon, mean_weight, square_weight, decay, decoupled = numbers.tolist()
    gradient = _formed(gradient, slopes) + decay * weights
    mean *= beta1
    mean += (1.0 - beta1) * gradient
    square *= beta2
    square += (1.0 - beta2) * np.square(gradient)
    divisor = np.sqrt(square) / math.sqrt(square_weight) + epsilon
    weights *= 1.0 - rate * decoupled
    weights -= rate / mean_weight * mean / divisor


def _formed(gradient: Array, slopes: Array | None) -> Array:
    return gradient if slopes is None else np.outer(slopes, gradient)
