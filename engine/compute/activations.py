"""Activation functions that are finite at every finite input, and their derivatives.

Each derivative is written by means of y = f(x), so that x need not be kept, and may be written
over the gradient.
"""

import numpy as np

from engine.array_types import Array


def sigmoid(inputs: Array, out: Array) -> None:
    """Write σ(x) = 1 / (1 + e⁻ˣ).

    With e = e⁻|ˣ|, which overflows nowhere, it is 1 / (1 + e), or e / (1 + e) for negative x.
    """
    powers = np.exp(-np.abs(inputs))
    np.divide(np.where(inputs >= 0, 1, powers), 1 + powers, out=out)


def sigmoid_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y · y (1 - y)."""
    np.multiply(gradient, outputs * (1 - outputs), out=out)


def tanh(inputs: Array, out: Array) -> None:
    """Write tanh(x)."""
    np.tanh(inputs, out=out)


def tanh_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y · (1 - y²)."""
    np.multiply(gradient, 1 - outputs * outputs, out=out)


def relu(inputs: Array, out: Array) -> None:
    """Write max(0, x)."""
    np.maximum(inputs, 0, out=out)


def relu_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y where y > 0, else 0."""
    out[...] = np.where(outputs > 0, gradient, 0)


def leaky_relu(inputs: Array, out: Array, slope: float) -> None:
    """Write x where x > 0, else slope · x."""
    out[...] = np.where(inputs > 0, inputs, slope * inputs)


def leaky_relu_derivative(gradient: Array, outputs: Array, out: Array, slope: float) -> None:
    """Write ∂E/∂x = ∂E/∂y where y > 0, else slope · ∂E/∂y."""
    out[...] = np.where(outputs > 0, gradient, slope * gradient)


def softmax(inputs: Array, out: Array) -> None:
    """Write e^x_i / Σ_j e^x_j over all values of each sample.

    The largest value is taken from all: that changes no quotient, and no power overflows.
    """
    axes = tuple(range(1, inputs.ndim))
    np.subtract(inputs, inputs.max(axis=axes, keepdims=True), out=out)
    np.exp(out, out=out)
    out /= out.sum(axis=axes, keepdims=True)


def softmax_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x_i = y_i (∂E/∂y_i - Σ_j y_j ∂E/∂y_j)."""
    axes = tuple(range(1, outputs.ndim))
    shared = (gradient * outputs).sum(axis=axes, keepdims=True)
    np.subtract(gradient, shared, out=out)
    out *= outputs
