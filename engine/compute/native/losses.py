"""The losses over compiled loops; logarithms in float64 are taken by the plain twin."""

import numpy as np

from engine.array_types import Array, plain
from engine.compute import losses
from engine.compute.native.loops import loss_loops


def binary_cross_entropy(outputs: Array, targets: Array, out: Array) -> None:
    """Write -1/c · Σ_i (y*_i log y_i + (1 - y*_i) log(1 - y_i)) of each sample; NaN stays NaN."""
    if outputs.dtype == np.float32:
        terms = np.empty(outputs.shape, np.float32)
        loss_loops.binary_cross_entropy(plain(outputs), plain(targets), terms, out)
    else:
        losses.binary_cross_entropy(outputs, targets, out)


def binary_cross_entropy_gradient(outputs: Array, targets: Array, out: Array) -> None:
    """Write 1/c · (y - y*) / (y (1 - y)), with the divisor at least 1e-12."""
    loss_loops.binary_cross_entropy_gradient(plain(outputs), plain(targets), out)


def cross_entropy(outputs: Array, targets: Array, out: Array) -> None:
    """Write -Σ_i y*_i log y_i of each sample; NaN stays NaN."""
    if outputs.dtype == np.float32:
        terms = np.empty(outputs.shape, np.float32)
        loss_loops.cross_entropy(plain(outputs), plain(targets), terms, out)
    else:
        losses.cross_entropy(outputs, targets, out)


def cross_entropy_gradient(outputs: Array, targets: Array, out: Array) -> None:
    """Write -y* / y, with the divisor at least 1e-12."""
    loss_loops.cross_entropy_gradient(plain(outputs), plain(targets), out)


def squared_error(outputs: Array, targets: Array, out: Array) -> None:
    """Write 1/c · Σ_i (y_i - y*_i)² of each sample."""
    loss_loops.squared_error(plain(outputs), plain(targets), out)


def scaled_difference(outputs: Array, targets: Array, times: int, parts: int, out: Array) -> None:
    """Write times · (y - y*) / parts."""
    loss_loops.scaled_difference(plain(outputs), plain(targets), times, parts, out)


def tally(values: Array, outputs: Array, targets: Array, out: Array) -> None:
    """Write Σ values, and how many samples have their largest output at the largest target."""
    loss_loops.tally(plain(values), plain(outputs), plain(targets), out)


def scale(values: Array, factors: Array) -> None:
    """Multiply values in place by a number, which stands in an array (1,)."""
    loss_loops.scale(values.reshape(-1), factors)
