"""Activation functions over compiled loops; what numpy does as fast is in the plain twin."""

import numpy as np

from engine.array_types import Array, plain
from engine.compute import activations
from engine.compute.native.loops import activation_loops


def sigmoid(inputs: Array, out: Array) -> None:
    """Write σ(x) = 1 / (1 + e⁻ˣ), in float64 as (1 + tanh(x/2)) / 2.

    The form by tanh is the fastest that numpy has and overflows nowhere, but it rounds small values
    to 0; for x < -8, σ(x) is e^x / (1 + e^x), which keeps them.
    """
    if inputs.dtype == np.float32:
        activation_loops.sigmoid_float32(plain(inputs).reshape(-1), out.reshape(-1))
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
    activation_loops.sigmoid_derivative(
        plain(gradient).reshape(-1), outputs.reshape(-1), out.reshape(-1)
    )


def tanh(inputs: Array, out: Array) -> None:
    """Write tanh(x)."""
    if inputs.dtype == np.float32:
        activation_loops.tanh_float32(plain(inputs).reshape(-1), out.reshape(-1))
    else:
        activations.tanh(inputs, out)


def tanh_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y · (1 - y²)."""
    activation_loops.tanh_derivative(
        plain(gradient).reshape(-1), outputs.reshape(-1), out.reshape(-1)
    )


def softmax(inputs: Array, out: Array) -> None:
    """Write e^x_i / Σ_j e^x_j over all values of each sample."""
    if inputs.dtype == np.float32:
        rows = len(inputs), -1
        activation_loops.softmax_float32(plain(inputs).reshape(rows), out.reshape(rows))
    else:
        activations.softmax(inputs, out)


def softmax_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x_i = y_i (∂E/∂y_i - Σ_j y_j ∂E/∂y_j)."""
    rows = len(outputs), -1
    activation_loops.softmax_derivative(
        plain(gradient).reshape(rows), outputs.reshape(rows), out.reshape(rows)
    )


def relu(inputs: Array, out: Array) -> None:
    """Write max(0, x)."""
    activation_loops.relu(plain(inputs).reshape(-1), out.reshape(-1))


def relu_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y where y > 0, else 0."""
    activation_loops.relu_derivative(
        plain(gradient).reshape(-1), outputs.reshape(-1), out.reshape(-1)
    )


def leaky_relu(inputs: Array, out: Array, slope: float) -> None:
    """Write x where x > 0, else slope · x."""
    activation_loops.leaky_relu(plain(inputs).reshape(-1), _alone(slope, out), out.reshape(-1))


def leaky_relu_derivative(gradient: Array, outputs: Array, out: Array, slope: float) -> None:
    """Write ∂E/∂x = ∂E/∂y where y > 0, else slope · ∂E/∂y."""
    activation_loops.leaky_relu_derivative(
        *(plain(gradient).reshape(-1), outputs.reshape(-1), _alone(slope, out), out.reshape(-1))
    )


def _alone(number: float, values: Array) -> Array:
    """Return a number as an array (1,) of the type of some values."""
    return np.array([number], values.dtype)
