"""Compiled loops of the activation functions."""

import numpy as np

from engine.array_types import Array
from engine.compute.native.compiled import compiled, compiled_in_order


@compiled_in_order
def sigmoid_float32(inputs: Array, outputs: Array) -> None:
    """Write σ(x) for vectors of float32, with a relative error below 3e-7 where it is normal.

    With e = e⁻|ˣ|, σ is 1 / (1 + e) or e / (1 + e). e is 2ⁿ p(r) with |r| at most log(2) / 2: p is
    the polynomial of Cephes' expf, and 2ⁿ is written into exponents' bits, as two factors since
    the smallest e are below the normal numbers. NaN stays NaN.
    """
    one, least = np.float32(1), np.float32(-104)
    for i in range(inputs.size):
        x = inputs[i]
        a = least if -abs(x) < least else -abs(x)
        n = np.floor(a * np.float32(1.44269504) + np.float32(0.5))
        r = a - n * np.float32(0.693359375) + n * np.float32(2.12194440e-4)
        p = np.float32(1.9875691500e-4)
        p = p * r + np.float32(1.3981999507e-3)
        p = p * r + np.float32(8.3334519073e-3)
        p = p * r + np.float32(4.1665795894e-2)
        p = p * r + np.float32(1.6666665459e-1)
        p = p * r + np.float32(5.0000001201e-1)
        p = p * r * r + r + one
        power = np.int32(n)
        normal = max(power, np.int32(-126))
        scale = np.int32((normal + np.int32(127)) << np.int32(23)).view(np.float32)
        rest = np.int32((power - normal + np.int32(127)) << np.int32(23)).view(np.float32)
        e = p * scale * rest
        s = one / (one + e)
        outputs[i] = s if x >= 0 else e * s


@compiled
def sigmoid_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y · y · (1 - y) for vectors."""
    one = outputs.dtype.type(1)
    for i in range(gradient.size):
        out[i] = gradient[i] * outputs[i] * (one - outputs[i])


@compiled
def relu(inputs: Array, outputs: Array) -> None:
    """Write max(0, x) for vectors. NaN stays NaN."""
    zero = inputs.dtype.type(0)
    for i in range(inputs.size):
        x = inputs[i]
        outputs[i] = zero if x < zero else x


@compiled
def relu_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y where y > 0, else 0, for vectors."""
    zero = gradient.dtype.type(0)
    for i in range(gradient.size):
        out[i] = gradient[i] if outputs[i] > zero else zero


@compiled
def leaky_relu(inputs: Array, slope: float, outputs: Array) -> None:
    """Write x where x > 0, else slope · x, for vectors."""
    zero, factor = inputs.dtype.type(0), inputs.dtype.type(slope)
    for i in range(inputs.size):
        x = inputs[i]
        outputs[i] = x if x > zero else factor * x


@compiled
def leaky_relu_derivative(gradient: Array, outputs: Array, slope: float, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y where y > 0, else slope · ∂E/∂y, for vectors."""
    zero, factor = gradient.dtype.type(0), gradient.dtype.type(slope)
    for i in range(gradient.size):
        g = gradient[i]
        out[i] = g if outputs[i] > zero else factor * g
