"""Activation functions y = f(x) that are finite at every finite input, and their derivatives.

Derivatives are written by means of y where they can be, so that x need not be kept. To add one,
write its two functions here, and in `native/activations.py`.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from engine.array_types import Array

_DENSITY = 1 / math.sqrt(2 * math.pi)  # of a normal distribution at 0
Activation = tuple[Callable[..., Array], Callable[..., Array]]


def _sigmoid(x: Array) -> Array:
    """Return 1 / (1 + e⁻ˣ): with e = e⁻|ˣ|, which overflows nowhere, 1 / (1 + e) or e / (1 + e)."""
    powers = np.exp(-np.abs(x))
    share: Array = np.where(x >= 0, 1, powers) / (1 + powers)
    return share


def _silu_gradient(g: Array, x: Array) -> Array:
    """Return ∂E/∂y σ(x) (1 + x (1 - σ(x)))."""
    share = _sigmoid(x)
    gradient: Array = g * share * (1 + x * (1 - share))
    return gradient


def _below(x: Array) -> Array:
    """Return Φ(x), the share of a normal distribution that is below x."""
    from scipy.special import ndtr  # not at the start of the window

    return np.asarray(ndtr(x))


def _gelu_gradient(g: Array, x: Array) -> Array:
    """Return ∂E/∂y (Φ(x) + x e^(-x²/2) / √(2π))."""
    near = np.clip(x, -40, 40)  # whose square is finite; beyond, its power is 0
    gradient: Array = g * (_below(x) + near * np.exp(-0.5 * near * near) * _DENSITY)
    return gradient


def _elu(x: Array) -> Array:
    """Return x where x > 0, else eˣ - 1, to its last digits near 0, too."""
    bent: Array = np.expm1(np.minimum(x, 0))
    return np.where(x > 0, x, bent)


def _softmax(x: Array) -> Array:
    """Return e^x_i / Σ_j e^x_j over all values of each sample.

    The largest value is taken from all: that changes no quotient, and no power overflows.
    """
    axes = tuple(range(1, x.ndim))
    powers = np.exp(x - x.max(axis=axes, keepdims=True))
    shares: Array = powers / powers.sum(axis=axes, keepdims=True)
    return shares


def _softmax_gradient(g: Array, y: Array) -> Array:
    """Return y_i (∂E/∂y_i - Σ_j y_j ∂E/∂y_j)."""
    shared = (g * y).sum(axis=tuple(range(1, y.ndim)), keepdims=True)
    gradient: Array = (g - shared) * y
    return gradient


# By the kind of its block: f(x), and ∂E/∂x for g = ∂E/∂y and y; the block's options come after. In
# place of y, blocks that are not `by_value` have x.
ACTIVATIONS: dict[str, Activation] = {
    "sigmoid": (_sigmoid, lambda g, y: g * (y * (1 - y))),
    "tanh": (np.tanh, lambda g, y: g * (1 - y * y)),
    "relu": (lambda x: np.maximum(x, 0), lambda g, y: np.where(y > 0, g, 0)),
    "leaky_relu": (
        lambda x, slope: np.where(x > 0, x, slope * x),
        lambda g, y, slope: np.where(y > 0, g, slope * g),
    ),
    "elu": (_elu, lambda g, y: g * np.minimum(y + 1, 1)),
    "silu": (lambda x: x * _sigmoid(x), _silu_gradient),
    "gelu": (lambda x: x * _below(x), _gelu_gradient),
    "softmax": (_softmax, _softmax_gradient),
}


def activate(kind: str, options: Sequence[float], inputs: Array, out: Array) -> None:
    """Write y = f(x), which may be over x."""
    out[...] = ACTIVATIONS[kind][0](inputs, *options)


def activation_gradient(
    kind: str, options: Sequence[float], gradient: Array, outputs: Array, out: Array
) -> None:
    """Write ∂E/∂x = ∂E/∂y · f'(x), which may be over ∂E/∂y."""
    out[...] = ACTIVATIONS[kind][1](gradient, outputs, *options)
