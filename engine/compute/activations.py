"""Activation functions that are finite at every finite input, and their derivatives."""

import numpy as np

from engine.array_types import Array, plain
from engine.compute.load_loops import activation_loops


def sigmoid(inputs: Array, out: Array) -> None:
    """Write σ(x) = 1 / (1 + e⁻ˣ), in float64 as (1 + tanh(x/2)) / 2.

    The form by tanh is the fastest that numpy has and overflows nowhere, but it rounds small values
    to 0; for x < -8, σ(x) is e^x / (1 + e^x), which keeps them.
    """
    if inputs.dtype == np.float32:
        activation_loops().sigmoid_float32(plain(inputs).reshape(-1), out.reshape(-1))
        return
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
    activation_loops().sigmoid_derivative(
        plain(gradient).reshape(-1), outputs.reshape(-1), out.reshape(-1)
    )


def tanh(inputs: Array, out: Array) -> None:
    """Write tanh(x)."""
    np.tanh(inputs, out=out)


def tanh_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y · (1 - y²)."""
    np.multiply(outputs, outputs, out=out)
    np.subtract(1.0, out, out=out)
    out *= gradient


def relu(inputs: Array, out: Array) -> None:
    """Write max(0, x)."""
    activation_loops().relu(plain(inputs).reshape(-1), out.reshape(-1))


def relu_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y where y > 0, else 0."""
    activation_loops().relu_derivative(
        plain(gradient).reshape(-1), outputs.reshape(-1), out.reshape(-1)
    )


def leaky_relu(inputs: Array, out: Array, slope: float) -> None:
    """Write x where x > 0, else slope · x."""
    activation_loops().leaky_relu(plain(inputs).reshape(-1), slope, out.reshape(-1))


def leaky_relu_derivative(gradient: Array, outputs: Array, out: Array, slope: float) -> None:
    """Write ∂E/∂x = ∂E/∂y where y > 0, else slope · ∂E/∂y."""
    flat = plain(gradient).reshape(-1)
    activation_loops().leaky_relu_derivative(flat, outputs.reshape(-1), slope, out.reshape(-1))


def softmax(inputs: Array, out: Array) -> None:
    """Write e^x_i / Σ_j e^x_j over all values of each sample, shifted by the largest."""
    axes = tuple(range(1, inputs.ndim))
    np.subtract(inputs, inputs.max(axis=axes, keepdims=True), out=out)
    np.exp(out, out=out)
    out /= out.sum(axis=axes, keepdims=True)


def softmax_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x_i = y_i (∂E/∂y_i - Σ_j y_j ∂E/∂y_j)."""
    axes = tuple(range(1, outputs.ndim))
    np.multiply(gradient, outputs, out=out)
    shared = out.sum(axis=axes, keepdims=True)
    np.subtract(gradient, shared, out=out)
    out *= outputs
