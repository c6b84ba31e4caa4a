"""The steps of the optimizers: how weights follow their gradient, in place."""

import math

import numpy as np

from engine.array_types import Array


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
    """Do a step of gradient descent; without a velocity there is no momentum.

    g ← ∂E/∂W + λ W; v ← μ v + g; W ← W - η v, or with Nesterov's look ahead W ← W - η (g + μ v)
    (Sutskever et al., 2013, in the form that PyTorch has).
    """
    step = gradient + decay * weights if decay else gradient
    if velocity is not None:
        velocity *= momentum
        velocity += step
        step = step + momentum * velocity if nesterov else velocity
    weights -= rate * step


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
    """Do a step of Adam, or with a decoupled decay of AdamW; steps count from 1.

    m ← β₁ m + (1 - β₁) g; v ← β₂ v + (1 - β₂) g²;
    W ← W - η m̂ / (√v̂ + ε) with m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ). Decay: g ← g + λ W, or
    decoupled W ← W - η λ W (Kingma and Ba, 2015; Loshchilov and Hutter, 2019).
    """
    if decay and decoupled:
        weights *= 1.0 - rate * decay
    elif decay:
        gradient = gradient + decay * weights
    beta1, beta2 = betas
    mean *= beta1
    mean += (1.0 - beta1) * gradient
    square *= beta2
    square += (1.0 - beta2) * np.square(gradient)
    divisor = np.sqrt(square) / math.sqrt(1.0 - beta2**step) + epsilon
    weights -= rate / (1.0 - beta1**step) * mean / divisor
