"""Compiled loops of the optimizers, in place.

A gradient is a row and the slopes that multiply it: the factors of one sample, or for weights as
one row the gradient itself and 1.
"""

import math

import numpy as np

from engine.array_types import Array, Shape, plain
from engine.compute.native.machine_code.compiled import compiled


@compiled
def _add_scaled(weights: Array, values: Array, scales: Array) -> None:
    """Do W ← f · X + g · W, with scales (f, g)."""
    factor, kept = weights.dtype.type(scales[0]), weights.dtype.type(scales[1])
    for i in range(weights.size):
        weights[i] = factor * values[i] + kept * weights[i]


@compiled
def _descend(weights: Array, row: Array, slopes: Array, numbers: Array) -> None:
    """Do a step of gradient descent without momentum, by the numbers (η, μ, λ)."""
    kind = weights.dtype.type
    rate, decay = kind(numbers[0]), kind(numbers[2])
    for u in range(weights.shape[0]):
        own, slope = weights[u], slopes[u]
        for i in range(len(row)):
            own[i] -= rate * (slope * row[i] + decay * own[i])


@compiled
def _momentum_step(
    weights: Array, row: Array, slopes: Array, velocity: Array, numbers: Array, nesterov: int
) -> None:
    """Do a step of gradient descent with momentum, by the numbers (η, μ, λ)."""
    kind = weights.dtype.type
    rate, momentum, decay = kind(numbers[0]), kind(numbers[1]), kind(numbers[2])
    for u in range(weights.shape[0]):
        own, slope, speed = weights[u], slopes[u], velocity[u]
        for i in range(len(row)):
            g = slope * row[i] + decay * own[i]
            v = momentum * speed[i] + g
            speed[i] = v
            own[i] -= rate * (g + momentum * v if nesterov else v)


@compiled
def _adam_step(
    weights: Array, row: Array, slopes: Array, mean: Array, square: Array, numbers: Array
) -> None:
    """Do a step of Adam by the numbers (η, β₁, β₂, ε, 1 - β₁ᵗ, 1 - β₂ᵗ, λ, λ of AdamW)."""
    kind = weights.dtype.type
    old_mean, new_mean = kind(numbers[1]), kind(1.0 - numbers[1])
    old_square, new_square = kind(numbers[2]), kind(1.0 - numbers[2])
    rate, least = kind(numbers[0] / numbers[4]), kind(numbers[3])
    factor = kind(1.0 / math.sqrt(numbers[5]))
    decay, kept = kind(numbers[6]), kind(1.0 - numbers[0] * numbers[7])
    for u in range(weights.shape[0]):
        own, slope, means, squares = weights[u], slopes[u], mean[u], square[u]
        for i in range(len(row)):
            g = slope * row[i] + decay * own[i]
            m = old_mean * means[i] + new_mean * g
            v = old_square * squares[i] + new_square * (g * g)
            means[i], squares[i] = m, v
            own[i] = kept * own[i] - rate * m / (factor * np.sqrt(v) + least)


def add_scaled(weights: Array, values: Array, scales: Array) -> None:
    _add_scaled(weights.reshape(-1), plain(values).reshape(-1), scales)


def momentum_step(
    weights: Array,
    gradient: Array,
    slopes: Array | None,
    velocity: Array | None,
    numbers: Array,
    nesterov: bool,
) -> None:
    shape, factors = _rows(weights, slopes)
    parts = weights.reshape(shape), plain(gradient).reshape(-1), factors
    if velocity is None:
        _descend(*parts, numbers)
    else:
        _momentum_step(*parts, velocity.reshape(shape), numbers, int(nesterov))


def adam_step(
    weights: Array,
    gradient: Array,
    slopes: Array | None,
    mean: Array,
    square: Array,
    numbers: Array,
) -> None:
    shape, factors = _rows(weights, slopes)
    _adam_step(
        *(weights.reshape(shape), plain(gradient).reshape(-1), factors),
        *(mean.reshape(shape), square.reshape(shape), numbers),
    )


def _rows(weights: Array, slopes: Array | None) -> tuple[Shape, Array]:
    """Return how weights are looked at as rows, and the slope of each: all as one, or as it is."""
    if slopes is None:
        return (1, weights.size), np.ones(1, weights.dtype)
    return weights.shape, slopes
