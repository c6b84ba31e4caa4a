"""The steps of the optimizers over compiled loops, each of which goes through all arrays once."""

import math

from engine.array_types import Array, plain
from engine.compute import optimizers
from engine.compute.native import optimizer_loops


def momentum_step(
    weights: Array,
    gradient: Array,
    velocity: Array | None,
    *,
    rate: float,
    momentum: float,
    nesterov: bool,
    decay: float,
) -> None:
    """Do a step of gradient descent; without a velocity there is no momentum."""
    if velocity is None:
        optimizers.momentum_step(
            *(weights, gradient, None), rate=rate, momentum=0.0, nesterov=False, decay=decay
        )
        return
    optimizer_loops.momentum_step(
        weights.reshape(-1),
        plain(gradient).reshape(-1),
        velocity.reshape(-1),
        rate,
        momentum,
        nesterov,
        decay,
    )


def adam_step(
    weights: Array,
    gradient: Array,
    mean: Array,
    square: Array,
    *,
    rate: float,
    betas: tuple[float, float],
    epsilon: float,
    step: int,
    decay: float,
    decoupled: bool,
) -> None:
    """Do a step of Adam, or with a decoupled decay of AdamW; steps count from 1."""
    length, root = rate / (1.0 - betas[0] ** step), 1.0 / math.sqrt(1.0 - betas[1] ** step)
    optimizer_loops.adam_step(
        *(weights.reshape(-1), plain(gradient).reshape(-1), mean.reshape(-1), square.reshape(-1)),
        *(betas, epsilon, length, root),
        *((0.0, 1.0 - rate * decay) if decoupled else (decay, 1.0)),
    )
