"""Compiled loops of the optimizers, over vectors and in place."""

import math

import numpy as np

from engine.array_types import Array
from engine.compute.native.compiled import compiled


@compiled
def add_scaled(weights: Array, values: Array, scales: Array) -> None:
    """Do W ← f · X + g · W, with scales (f, g)."""
    factor, kept = weights.dtype.type(scales[0]), weights.dtype.type(scales[1])
    for i in range(weights.size):
        weights[i] = factor * values[i] + kept * weights[i]


@compiled
def descend(weights: Array, gradient: Array, numbers: Array) -> None:
    """Do a step of gradient descent without momentum, by the numbers (η, μ, λ)."""
    kind = weights.dtype.type
    rate, decay = kind(numbers[0]), kind(numbers[2])
    for i in range(weights.size):
        weights[i] -= rate * (gradient[i] + decay * weights[i])


@compiled
def momentum_step(
    weights: Array, gradient: Array, velocity: Array, numbers: Array, nesterov: int
) -> None:
    """Do a step of gradient descent with momentum, by the numbers (η, μ, λ)."""
    kind = weights.dtype.type
    rate, momentum, decay = kind(numbers[0]), kind(numbers[1]), kind(numbers[2])
    for i in range(weights.size):
        g = gradient[i] + decay * weights[i]
        v = momentum * velocity[i] + g
        velocity[i] = v
        weights[i] -= rate * (g + momentum * v if nesterov else v)


@compiled
def adam_step(weights: Array, gradient: Array, mean: Array, square: Array, numbers: Array) -> None:
    """Do a step of Adam by the numbers (η, β₁, β₂, ε, 1 - β₁ᵗ, 1 - β₂ᵗ, λ, λ of AdamW)."""
    kind = weights.dtype.type
    old_mean, new_mean = kind(numbers[1]), kind(1.0 - numbers[1])
    old_square, new_square = kind(numbers[2]), kind(1.0 - numbers[2])
    rate, least = kind(numbers[0] / numbers[4]), kind(numbers[3])
    factor = kind(1.0 / math.sqrt(numbers[5]))
    decay, kept = kind(numbers[6]), kind(1.0 - numbers[0] * numbers[7])
    for i in range(weights.size):
        g = gradient[i] + decay * weights[i]
        m = old_mean * mean[i] + new_mean * g
        v = old_square * square[i] + new_square * (g * g)
        mean[i], square[i] = m, v
        weights[i] = kept * weights[i] - rate * m / (factor * np.sqrt(v) + least)
