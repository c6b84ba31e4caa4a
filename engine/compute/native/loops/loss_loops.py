"""Compiled loops of the losses: outputs and targets are (n, classes)."""

import math

from engine.array_types import Array
from engine.compute.losses import LEAST_DIVISOR, LOWEST_LOGARITHM
from engine.compute.native.machine_code.compiled import compiled


@compiled
def binary_cross_entropy(outputs: Array, targets: Array, values: Array) -> None:
    """Write -1/c · Σ_i (y*_i log y_i + (1 - y*_i) log(1 - y_i)) of every sample."""
    samples, classes = outputs.shape
    for n in range(samples):
        total = 0.0
        for i in range(classes):
            hit, miss = math.log(outputs[n, i]), math.log1p(-outputs[n, i])
            total -= targets[n, i] * _clamped(hit) + (1.0 - targets[n, i]) * _clamped(miss)
        values[n] = total / classes


@compiled
def binary_cross_entropy_gradient(outputs: Array, targets: Array, gradient: Array) -> None:
    """Write 1/c · (y - y*) / (y (1 - y)), with the divisor at least 1e-12."""
    kind = gradient.dtype.type
    one, least, classes = kind(1), kind(LEAST_DIVISOR), kind(outputs.shape[1])
    for n in range(outputs.shape[0]):
        for i in range(outputs.shape[1]):
            y = outputs[n, i]
            divisor = y * (one - y)
            divisor = least if divisor < least else divisor  # written so that NaN stays NaN
            gradient[n, i] = (y - targets[n, i]) / (divisor * classes)


@compiled
def cross_entropy(outputs: Array, targets: Array, values: Array) -> None:
    """Write -Σ_i y*_i log y_i of every sample."""
    for n in range(outputs.shape[0]):
        total = 0.0
        for i in range(outputs.shape[1]):
            total -= targets[n, i] * _clamped(math.log(outputs[n, i]))
        values[n] = total


@compiled
def cross_entropy_gradient(outputs: Array, targets: Array, gradient: Array) -> None:
    """Write -y* / y, with the divisor at least 1e-12."""
    least = gradient.dtype.type(LEAST_DIVISOR)
    for n in range(outputs.shape[0]):
        for i in range(outputs.shape[1]):
            y = outputs[n, i]
            gradient[n, i] = -targets[n, i] / (least if y < least else y)


@compiled
def squared_error(outputs: Array, targets: Array, values: Array) -> None:
    """Write 1/c · Σ_i (y_i - y*_i)² of every sample."""
    samples, classes = outputs.shape
    for n in range(samples):
        total = 0.0
        for i in range(classes):
            difference = outputs[n, i] - targets[n, i]
            total += difference * difference
        values[n] = total / classes


@compiled
def scaled_difference(
    outputs: Array, targets: Array, times: int, parts: int, gradient: Array
) -> None:
    """Write times · (y - y*) / parts."""
    factor = gradient.dtype.type(times / parts)
    for n in range(outputs.shape[0]):
        for i in range(outputs.shape[1]):
            gradient[n, i] = factor * (outputs[n, i] - targets[n, i])


@compiled
def tally(values: Array, outputs: Array, targets: Array, sums: Array) -> None:
    """Write Σ values, and how many samples have their largest output at the largest target."""
    sums[:] = 0
    for n in range(len(values)):
        sums[0] += values[n]
        sums[1] += _largest(outputs[n]) == _largest(targets[n])


@compiled
def scale(values: Array, factors: Array) -> None:
    """Multiply a vector by a number."""
    factor = values.dtype.type(factors[0])
    for i in range(len(values)):
        values[i] *= factor


@compiled
def _clamped(logarithm: float) -> float:
    return LOWEST_LOGARITHM if logarithm < LOWEST_LOGARITHM else logarithm  # NaN stays NaN


@compiled
def _largest(row: Array) -> int:
    """Return the first place of the largest value; as in numpy, NaN counts as the largest."""
    place, best = 0, row[0]
    for i in range(1, len(row)):
        if row[i] > best or (row[i] != row[i] and best == best):
            place, best = i, row[i]
    return place
