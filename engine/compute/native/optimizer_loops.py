"""Compiled loops of the optimizers."""

import numpy as np

from engine.array_types import Array
from engine.compute.native.compiled import compiled


@compiled
def subtract_outer(weights: Array, left: Array, right: Array) -> None:
    """Do W ← W - left rightᵀ in place, for vectors left (rows,) and right (columns,)."""
    for i in range(weights.shape[0]):
        for j in range(weights.shape[1]):
            weights[i, j] -= left[i] * right[j]


@compiled
def momentum_step(
    weights: Array,
    gradient: Array,
    velocity: Array,
    rate: float,
    momentum: float,
    nesterov: bool,
    decay: float,
) -> None:
    """Do a step of gradient descent with momentum for vectors, in place."""
    kind = weights.dtype.type
    length, kept, pull = kind(rate), kind(momentum), kind(decay)
    for i in range(weights.size):
        g = gradient[i] + pull * weights[i]
        v = kept * velocity[i] + g
        velocity[i] = v
        weights[i] -= length * (g + kept * v if nesterov else v)


@compiled
def adam_step(
    weights: Array,
    gradient: Array,
    mean: Array,
    square: Array,
    betas: tuple[float, float],
    epsilon: float,
    length: float,
    root: float,
    decay: float,
    shrink: float,
) -> None:
    """Do a step of Adam for vectors, in place.

    W ← shrink · W - length · m / (root · √v + ε), with m and v of the gradient and decay · W.
    """
    kind = weights.dtype.type
    old_mean, new_mean = kind(betas[0]), kind(1.0 - betas[0])
    old_square, new_square = kind(betas[1]), kind(1.0 - betas[1])
    rate, factor, least = kind(length), kind(root), kind(epsilon)
    pull, kept = kind(decay), kind(shrink)
    for i in range(weights.size):
        g = gradient[i] + pull * weights[i]
        m = old_mean * mean[i] + new_mean * g
        v = old_square * square[i] + new_square * (g * g)
        mean[i], square[i] = m, v
        weights[i] = kept * weights[i] - rate * m / (factor * np.sqrt(v) + least)
