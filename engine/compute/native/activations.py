"""Activation functions over compiled loops, in float32; in float64, numpy computes them.

The outputs may be written over the inputs, and gradients over those that they are made of. LLVM
makes vectors of a loop only where it knows that two arrays do not overlap, or that there is one
alone: so each loop has a form for either case. To what stands in its place it adds 0, which LLVM
does not know to be 0: else it would write only what changes, which takes four times as long with
AVX2.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.array_types import Array, plain
from engine.compute import activations
from engine.compute.native.machine_code.compiled import compiled, compiled_in_order

_ZERO, _ONE, _TWO = np.float32(0), np.float32(1), np.float32(2)
_DENSITY = np.float32(1 / math.sqrt(2 * math.pi))  # of a normal distribution at 0
_NO_OPTION = np.zeros(1, np.float32)


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
def _sigmoid(x: np.float32, _: np.float32) -> np.float32:
    """Return σ(x): with e = e⁻|ˣ|, it is 1 / (1 + e) or e / (1 + e)."""
    e = _power(-abs(x))
    s = _ONE / (_ONE + e)
    return s if x >= 0 else e * s


@compiled
def _sigmoid_gradient(g: np.float32, y: np.float32, _: np.float32) -> np.float32:
    return g * y * (_ONE - y)


@compiled
def _tanh(x: np.float32, _: np.float32) -> np.float32:
    """Return tanh(x): with m = exp(-2|x|) - 1, it is ±m / (2 + m)."""
    m = _power_less_one(-_TWO * abs(x))
    t = m / (_TWO + m)
    return t if x < 0 else -t


@compiled
def _tanh_gradient(g: np.float32, y: np.float32, _: np.float32) -> np.float32:
    return g * (_ONE - y * y)


@compiled
def _relu(x: np.float32, _: np.float32) -> np.float32:
    return _ZERO if x < _ZERO else x  # NaN stays NaN


@compiled
def _relu_gradient(g: np.float32, y: np.float32, _: np.float32) -> np.float32:
    return g if y > _ZERO else _ZERO


@compiled
def _leaky_relu(x: np.float32, slope: np.float32) -> np.float32:
    return x if x > _ZERO else slope * x


@compiled
def _leaky_relu_gradient(g: np.float32, y: np.float32, slope: np.float32) -> np.float32:
    return g if y > _ZERO else slope * g


@compiled
def _elu(x: np.float32, _: np.float32) -> np.float32:
    return x if x > _ZERO else _power_less_one(x)


@compiled
def _elu_gradient(g: np.float32, y: np.float32, _: np.float32) -> np.float32:
    return g if y > _ZERO else g * (y + _ONE)


@compiled
def _silu(x: np.float32, option: np.float32) -> np.float32:
    return x * _sigmoid(x, option)


@compiled
def _silu_gradient(g: np.float32, x: np.float32, option: np.float32) -> np.float32:
    share = _sigmoid(x, option)
    return g * share * (_ONE + x * (_ONE - share))


@compiled
def _bell(x: np.float32) -> np.float32:
    """Return e^(-x²/2)."""
    near = min(abs(x), np.float32(15))  # beyond, it is 0
    return _power(np.float32(-0.5) * near * near)


@compiled
def _below(x: np.float32, bell: np.float32) -> np.float32:
    """Return Φ(x), the share of a normal distribution that is below x, with an error below 2e-7.

    Of -|x| it is e^(-x²/2) / 2 times a polynomial of t = 1 / (1 + 0.33 |x| / √2) (Abramowitz and
    Stegun, 7.1.26).
    """
    t = _ONE / (_ONE + np.float32(0.3275911 * math.sqrt(0.5)) * abs(x))
    p = np.float32(1.061405429)
    p = p * t - np.float32(1.453152027)
    p = p * t + np.float32(1.421413741)
    p = p * t - np.float32(0.284496736)
    p = p * t + np.float32(0.254829592)
    share = np.float32(0.5) * p * t * bell
    return share if x < _ZERO else _ONE - share


@compiled
def _gelu(x: np.float32, _: np.float32) -> np.float32:
    return x * _below(x, _bell(x))


@compiled
def _gelu_gradient(g: np.float32, x: np.float32, _: np.float32) -> np.float32:
    bell = _bell(x)
    near = min(max(x, np.float32(-15)), np.float32(15))  # x may be infinite
    return g * (_below(x, bell) + near * bell * _DENSITY)


@compiled
def _softmax(inputs: Array, outputs: Array) -> None:
    """Write e^x_i / Σ_j e^x_j of each row (n, classes), shifted by the largest.

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
def _softmax_gradient(gradient: Array, outputs: Array, out: Array) -> None:
    """Write ∂E/∂x_i = y_i (∂E/∂y_i - Σ_j y_j ∂E/∂y_j) of each row (n, classes)."""
    samples, classes = outputs.shape
    for s in range(samples):
        slopes, row, result = gradient[s], outputs[s], out[s]
        shared = np.float32(0)
        for c in range(classes):
            shared += slopes[c] * row[c]
        for c in range(classes):
            result[c] = row[c] * (slopes[c] - shared)


@compiled
def _are_same(inputs: Array, outputs: Array) -> bool:
    """Return whether two vectors are the same numbers in memory."""
    return inputs.ctypes.data == outputs.ctypes.data


def _loops(
    kind: str, function: Callable[..., Any], slope: Callable[..., Any]
) -> tuple[Callable[..., None], Callable[..., None]]:
    """Compile a loop over vectors of y = f(x), and one of ∂E/∂x for ∂E/∂y and y; options (1,)."""

    def write(inputs: Array, options: Array, outputs: Array) -> None:
        option, nothing = options[0], np.float32(options.size - 1)
        if _are_same(inputs, outputs):
            for i in range(outputs.size):
                outputs[i] = function(outputs[i], option) + nothing
        else:
            for i in range(outputs.size):
                outputs[i] = function(inputs[i], option)

    def write_gradient(gradient: Array, outputs: Array, options: Array, out: Array) -> None:
        option, nothing = options[0], np.float32(options.size - 1)
        if _are_same(gradient, out):
            for i in range(out.size):
                out[i] = slope(out[i], outputs[i], option) + nothing
        else:
            for i in range(out.size):
                out[i] = slope(gradient[i], outputs[i], option)

    # The machine code is kept under this name.
    write.__qualname__, write_gradient.__qualname__ = f"write_{kind}", f"write_{kind}_gradient"
    return compiled(write), compiled(write_gradient)


# By the kind of its block: f(x, option), and ∂E/∂x of ∂E/∂y, y and the option.
ACTIVATIONS = {
    kind: _loops(kind, *functions)
    for kind, functions in {
        "sigmoid": (_sigmoid, _sigmoid_gradient),
        "tanh": (_tanh, _tanh_gradient),
        "relu": (_relu, _relu_gradient),
        "leaky_relu": (_leaky_relu, _leaky_relu_gradient),
        "elu": (_elu, _elu_gradient),
        "silu": (_silu, _silu_gradient),
        "gelu": (_gelu, _gelu_gradient),
    }.items()
}


def activate(kind: str, options: Sequence[float], inputs: Array, out: Array) -> None:
    if inputs.dtype != np.float32:
        activations.activate(kind, options, inputs, out)
    elif kind == "softmax":
        rows = len(inputs), -1
        _softmax(plain(inputs).reshape(rows), out.reshape(rows))
    else:
        write, _ = ACTIVATIONS[kind]
        write(plain(inputs).reshape(-1), _option(options), out.reshape(-1))


def activation_gradient(
    kind: str, options: Sequence[float], gradient: Array, outputs: Array, out: Array
) -> None:
    if gradient.dtype != np.float32:
        activations.activation_gradient(kind, options, gradient, outputs, out)
    elif kind == "softmax":
        rows = len(outputs), -1
        _softmax_gradient(plain(gradient).reshape(rows), outputs.reshape(rows), out.reshape(rows))
    else:
        _, write = ACTIVATIONS[kind]
        slopes = plain(gradient).reshape(-1)
        write(slopes, outputs.reshape(-1), _option(options), out.reshape(-1))


def _option(options: Sequence[float]) -> Array:
    return np.array(options, np.float32) if options else _NO_OPTION
