"""The losses of outputs (n, classes) against targets, and their gradients for each sample.

The gradient of the mean squared error, and those at the inputs of the activation that cancels
against a loss, are all a multiple of the difference of outputs and targets.
"""

import numpy as np

from engine.array_types import Array

LOWEST_LOGARITHM = -100.0  # as PyTorch clamps: log 0 costs 100, not infinity
LEAST_DIVISOR = 1e-12  # as PyTorch has it


def binary_cross_entropy(outputs: Array, targets: Array, out: Array) -> None:
    """Write -1/c · Σ_i (y*_i log y_i + (1 - y*_i) log(1 - y_i)) of each sample; NaN stays NaN."""
    with np.errstate(divide="ignore"):  # log 0 is clamped
        hits = np.maximum(np.log(outputs), LOWEST_LOGARITHM)
        misses = np.maximum(np.log1p(-outputs), LOWEST_LOGARITHM)
    out[...] = -(targets * hits + (1 - targets) * misses).mean(axis=1, dtype=np.float64)


def binary_cross_entropy_gradient(outputs: Array, targets: Array, out: Array) -> None:
    """Write 1/c · (y - y*) / (y (1 - y)), with the divisor at least 1e-12."""
    divisor = np.maximum(outputs * (1.0 - outputs), LEAST_DIVISOR)
    np.divide(outputs - targets, divisor * outputs.shape[1], out=out)


def cross_entropy(outputs: Array, targets: Array, out: Array) -> None:
    """Write -Σ_i y*_i log y_i of each sample; NaN stays NaN."""
    with np.errstate(divide="ignore"):  # log 0 is clamped
        logarithms = np.maximum(np.log(outputs), LOWEST_LOGARITHM)
    out[...] = -(targets * logarithms).sum(axis=1, dtype=np.float64)


def cross_entropy_gradient(outputs: Array, targets: Array, out: Array) -> None:
    """Write -y* / y, with the divisor at least 1e-12."""
    np.divide(-targets, np.maximum(outputs, LEAST_DIVISOR), out=out)


def squared_error(outputs: Array, targets: Array, out: Array) -> None:
    """Write 1/c · Σ_i (y_i - y*_i)² of each sample."""
    out[...] = np.square(outputs - targets).mean(axis=1, dtype=np.float64)


def scaled_difference(outputs: Array, targets: Array, times: int, parts: int, out: Array) -> None:
    """Write times · (y - y*) / parts."""
    np.multiply(outputs - targets, times / parts, out=out)


def tally(values: Array, outputs: Array, targets: Array, out: Array) -> None:
    """Write Σ values, and how many samples have their largest output at the largest target."""
    out[0] = values.sum(dtype=np.float64)
    out[1] = np.count_nonzero(outputs.argmax(axis=1) == targets.argmax(axis=1))


def scale(values: Array, factors: Array) -> None:
    """Multiply values in place by a number, which stands in an array (1,)."""
    values *= factors[0]
