"""Compiled loops of the activation functions.

The outputs may be written over the inputs, and gradients over those that they are made of. LLVM
makes vectors of a loop only where it knows that two arrays do not overlap, or that there is one
alone: so there is a loop for either case.
"""

import numpy as np

from engine.array_types import Array
from engine.compute.native.machine_code.compiled import compiled, compiled_in_order


@compiled_in_order
def _reduced(x: np.float32) -> tuple[np.int32, np.float32]:
    """Return n and s with eˣ = 2ⁿ (1 + s), where n is as near to x / log(2) as can be.

    s is r + r² p(r) with r = x - n log(2) and the polynomial p of Cephes' expf.
    """
    n = np.floor(x * np.float32(1.44269504) + np.float32(0.5))
    r = x - n * np.float32(0.693359375) + n * np.float32(2.12194440e-4)
    p = np.float32(1.9875691500e-4)
    p = p * r + np.float32(1.3981999507e-3)
    p = p * r + np.float32(8.3334519073e-3)
    p = p * r + np.float32(4.1665795894e-2)
    p = p * r + np.float32(1.6666665459e-1)
    p = p * r + np.float32(5.0000001201e-1)
    return np.int32(n), p * r * r + r


@compiled_in_order
def _two_to(n: np.int32) -> np.float32:
    """Return 2ⁿ, written into the exponent's bits."""
    power: np.float32 = np.int32((n + np.int32(127)) << np.int32(23)).view(np.float32)
    return power


@compiled_in_order
def _power(x: np.float32) -> np.float32:
    """Return eˣ of a float32 number up to 0, with a relative error below 2e-7 where it is normal.

    2ⁿ is two factors, since the smallest eˣ are below the normal numbers. NaN stays NaN.
    """
    least = np.float32(-104)
    n, s = _reduced(least if x < least else x)
    normal = max(n, np.int32(-126))
    result: np.float32 = (s + np.float32(1)) * _two_to(normal) * _two_to(n - normal)
    return result


@compiled_in_order
def _power_less_one(x: np.float32) -> np.float32:
    """Return eˣ - 1 of a float32 number up to 0, to its last digits near 0, too. NaN stays NaN."""
    least = np.float32(-36)  # below it is -1
    n, s = _reduced(least if x < least else x)
    power = _two_to(n)
    return s * power + (power - np.float32(1))


@compiled
def _are_same(inputs: Array, outputs: Array) -> bool:
    """Return whether two vectors are the same numbers in memory."""
    return inputs.ctypes.data == outputs.ctypes.data


@compiled
def _sigmoid(x: np.float32) -> np.float32:
    """Return σ(x): with e = e⁻|ˣ|, it is 1 / (1 + e) or e / (1 + e)."""
    one, e = np.float32(1), _power(-abs(x))
    s = one / (one + e)
    return s if x >= 0 else e * s


@compiled
def sigmoid_float32(inputs: Array, outputs: Array) -> None:
    """Write σ(x) for vectors of float32."""
    if _are_same(inputs, outputs):
        for i in range(outputs.size):
            outputs[i] = _sigmoid(outputs[i])
    else:
        for i in range(outputs.size):
            outputs[i] = _sigmoid(inputs[i])


@compiled
def _tanh(x: np.float32) -> np.float32:
    """Return tanh(x): with m = exp(-2|x|) - 1, it is ±m / (2 + m)."""
    two = np.float32(2)
    m = _power_less_one(-two * abs(x))
    t = m / (two + m)
    return t if x < 0 else -t


@compiled
def tanh_float32(inputs: Array, outputs: Array) -> None:
    """Write tanh(x) for vectors of float32."""
    if _are_same(inputs, outputs):
        for i in range(outputs.size):
            outputs[i] = _tanh(outputs[i])
    else:
        for i in range(outputs.size):
            outputs[i] = _tanh(inputs[i])


@compiled
def softmax_float32(inputs: Array, outputs: Array) -> None:
    """Write e^x_i / Σ_j e^x_j of each row of float32 (n, classes), shifted by the largest.

    The powers of all rows are taken in one loop: few classes alone would fill no vector.
    """
    samples, classes = inputs.shape
    for s in range(samples):
        row, shifted = inputs[s], outputs[s]
        largest = row[0]
        for c in range(classes):
            x = row[c]
            largest = x if x > largest else largest
        for c in range(classes):
            shifted[c] = row[c] - largest
    flat = outputs.reshape(-1)
    for i in range(flat.size):
        flat[i] = _power(flat[i])
    for s in range(samples):
        row = outputs[s]
        share = np.float32(1) / row.sum()
        for c in range(classes):
            row[c] *= share


@compiled
def softmax_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x_i = y_i (∂E/∂y_i - Σ_j y_j ∂E/∂y_j) of each row (n, classes)."""
    samples, classes = outputs.shape
    for s in range(samples):
        slopes, row, result = gradient[s], outputs[s], out[s]
        shared = outputs.dtype.type(0)
        for c in range(classes):
            shared += slopes[c] * row[c]
        for c in range(classes):
            result[c] = row[c] * (slopes[c] - shared)


@compiled
def tanh_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y · (1 - y²) for vectors."""
    one = outputs.dtype.type(1)
    if _are_same(gradient, out):
        for i in range(out.size):
            y = outputs[i]
            out[i] = out[i] * (one - y * y)
    else:
        for i in range(out.size):
            y = outputs[i]
            out[i] = gradient[i] * (one - y * y)


@compiled
def sigmoid_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y · y · (1 - y) for vectors."""
    one = outputs.dtype.type(1)
    if _are_same(gradient, out):
        for i in range(out.size):
            out[i] = out[i] * outputs[i] * (one - outputs[i])
    else:
        for i in range(out.size):
            out[i] = gradient[i] * outputs[i] * (one - outputs[i])


@compiled
def relu(inputs: Array, outputs: Array) -> None:
    """Write max(0, x) for vectors. NaN stays NaN."""
    zero = inputs.dtype.type(0)
    if _are_same(inputs, outputs):
        for i in range(outputs.size):
            x = outputs[i]
            outputs[i] = zero if x < zero else x
    else:
        for i in range(outputs.size):
            x = inputs[i]
            outputs[i] = zero if x < zero else x


@compiled
def relu_derivative(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y where y > 0, else 0, for vectors."""
    zero = gradient.dtype.type(0)
    if _are_same(gradient, out):
        for i in range(out.size):
            out[i] = out[i] if outputs[i] > zero else zero
    else:
        for i in range(out.size):
            out[i] = gradient[i] if outputs[i] > zero else zero


@compiled
def leaky_relu(inputs: Array, slope: Array, outputs: Array) -> None:
    """Write x where x > 0, else slope · x, for vectors; slope (1,)."""
    zero, factor = inputs.dtype.type(0), slope[0]
    if _are_same(inputs, outputs):
        for i in range(outputs.size):
            x = outputs[i]
            outputs[i] = x if x > zero else factor * x
    else:
        for i in range(outputs.size):
            x = inputs[i]
            outputs[i] = x if x > zero else factor * x


@compiled
def leaky_relu_derivative(gradient: Array, outputs: Array, slope: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y where y > 0, else slope · ∂E/∂y, for vectors; slope (1,)."""
    zero, factor = gradient.dtype.type(0), slope[0]
    if _are_same(gradient, out):
        for i in range(out.size):
            g = out[i]
            out[i] = g if outputs[i] > zero else factor * g
    else:
        for i in range(out.size):
            g = gradient[i]
            out[i] = g if outputs[i] > zero else factor * g
