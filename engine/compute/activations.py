"""Activation functions that are finite at every finite input, and their derivatives."""

import numpy as np

from engine.arrays import Array


def sigmoid(inputs: Array, out: Array) -> None:
    """Write σ(x) = 1 / (1 + e⁻ˣ) as (1 + tanh(x/2)) / 2, or e^x where that is more exact.

    The form by tanh is the fastest that numpy has and overflows nowhere, but it rounds values
    below 1e-7 to 0; for x < -8, σ(x) is e^x / (1 + e^x), which keeps them.
    """
    np.multiply(inputs, 0.5, out=out)
    np.tanh(out, out=out)
    out += 1.0
    out *= 0.5
    if inputs.size and inputs.min() < -8.0:
        small = inputs < -8.0
        powers = np.exp(inputs[small])
        out[small] = powers / (1.0 + powers)


def sigmoid_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y · y · (1 - y)."""
    np.subtract(1.0, outputs, out=out)
    out *= outputs
    out *= gradient


def tanh(inputs: Array, out: Array) -> None:
    """Write tanh(x)."""
    np.tanh(inputs, out=out)


def tanh_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y · (1 - y²)."""
    np.multiply(outputs, outputs, out=out)
    np.subtract(1.0, out, out=out)
    out *= gradient
