"""The steps of the optimizers over compiled loops, each of which goes through all arrays once."""

from engine.array_types import Array, plain
from engine.compute.native import optimizer_loops


def add_scaled(weights: Array, values: Array, scales: Array) -> None:
    """Do W ← f · X + g · W in place, with scales (f, g)."""
    optimizer_loops.add_scaled(weights.reshape(-1), plain(values).reshape(-1), scales)


def momentum_step(
    weights: Array, gradient: Array, velocity: Array | None, numbers: Array, nesterov: bool
) -> None:
    """Do a step of gradient descent by the numbers (η, μ, λ); without a velocity, μ counts as 0."""
    flat, slopes = weights.reshape(-1), plain(gradient).reshape(-1)
    if velocity is None:
        optimizer_loops.descend(flat, slopes, numbers)
    else:
        optimizer_loops.momentum_step(flat, slopes, velocity.reshape(-1), numbers, int(nesterov))


def adam_step(weights: Array, gradient: Array, mean: Array, square: Array, numbers: Array) -> None:
    """Do a step of Adam by the numbers (η, β₁, β₂, ε, 1 - β₁ᵗ, 1 - β₂ᵗ, λ, λ of AdamW)."""
    optimizer_loops.adam_step(
        *(weights.reshape(-1), plain(gradient).reshape(-1), mean.reshape(-1), square.reshape(-1)),
        numbers,
    )
