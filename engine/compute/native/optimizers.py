"""The steps of the optimizers over compiled loops, each of which goes through all arrays once."""

import numpy as np

from engine.array_types import Array, Shape, plain
from engine.compute.native.loops import optimizer_loops


def add_scaled(weights: Array, values: Array, scales: Array) -> None:
    """Do W ← f · X + g · W in place, with scales (f, g)."""
    optimizer_loops.add_scaled(weights.reshape(-1), plain(values).reshape(-1), scales)


def momentum_step(
    weights: Array,
    gradient: Array,
    slopes: Array | None,
    velocity: Array | None,
    numbers: Array,
    nesterov: bool,
) -> None:
    """Do a step of gradient descent by the numbers (η, μ, λ); without a velocity, μ counts as 0.

    With slopes (rows,), the gradient is a row (columns,), which they multiply.
    """
    shape, factors = _rows(weights, slopes)
    parts = weights.reshape(shape), plain(gradient).reshape(-1), factors
    if velocity is None:
        optimizer_loops.descend(*parts, numbers)
    else:
        optimizer_loops.momentum_step(*parts, velocity.reshape(shape), numbers, int(nesterov))


def adam_step(
    weights: Array,
    gradient: Array,
    slopes: Array | None,
    mean: Array,
    square: Array,
    numbers: Array,
) -> None:
    """Do a step of Adam by the numbers (η, β₁, β₂, ε, 1 - β₁ᵗ, 1 - β₂ᵗ, λ, λ of AdamW)."""
    shape, factors = _rows(weights, slopes)
    optimizer_loops.adam_step(
        *(weights.reshape(shape), plain(gradient).reshape(-1), factors),
        *(mean.reshape(shape), square.reshape(shape), numbers),
    )


def _rows(weights: Array, slopes: Array | None) -> tuple[Shape, Array]:
    """Return how weights are looked at as rows, and the slope of each: all as one, or as it is."""
    if slopes is None:
        return (1, weights.size), np.ones(1, weights.dtype)
    return weights.shape, slopes
