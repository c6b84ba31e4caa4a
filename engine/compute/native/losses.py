"""Compiled loops of the losses: outputs and targets are (n, classes).

The logarithms of all rows are taken in one loop: few classes alone would fill no vector.
"""

import numpy as np

from engine.array_types import Array, plain
from engine.compute import losses
from engine.compute.losses import LEAST_DIVISOR, LOWEST_LOGARITHM
from engine.compute.native.machine_code.compiled import compiled, compiled_in_order

_LEAST_NORMAL, _DOUBLINGS = 2.0**-126, 23  # smaller numbers are doubled so often, to be normal
_HALF_ROOT = 0x3F3504F3  # the bits of √½
_LOG_2 = 0.693359375, -2.12194440e-4  # the first, of few bits, times a whole number is exact


@compiled_in_order
def _bits(x: np.float32) -> np.int32:
    bits: np.int32 = np.float32(x).view(np.int32)
    return bits


@compiled_in_order
def _logarithm(x: np.float32) -> np.float32:
    """Return log x of a float32 number from 0 on, at least -100, to its last digits. NaN stays NaN.

    With x = 2ⁿ (1 + f), where 1 + f is from √½ to √2, it is n log 2 + f - f²/2 + f³ p(f), and p the
    polynomial of Cephes' logf.
    """
    tiny = x < np.float32(_LEAST_NORMAL)
    bits = _bits(x * np.float32(2**_DOUBLINGS) if tiny else x)
    n = (bits - np.int32(_HALF_ROOT)) >> np.int32(23)
    f = np.int32(bits - (n << np.int32(23))).view(np.float32) - np.float32(1)
    power = np.float32(n - (np.int32(_DOUBLINGS) if tiny else np.int32(0)))
    p = np.float32(7.0376836292e-2)
    p = p * f - np.float32(1.1514610310e-1)
    p = p * f + np.float32(1.1676998740e-1)
    p = p * f - np.float32(1.2420140846e-1)
    p = p * f + np.float32(1.4249322787e-1)
    p = p * f - np.float32(1.6668057665e-1)
    p = p * f + np.float32(2.0000714765e-1)
    p = p * f - np.float32(2.4999993993e-1)
    p = p * f + np.float32(3.3333331174e-1)
    rest = p * f * (f * f) - np.float32(0.5) * (f * f) + power * np.float32(_LOG_2[1])
    result = power * np.float32(_LOG_2[0]) + (f + rest)
    lowest = np.float32(LOWEST_LOGARITHM)  # of 0, n is so small that it comes to this
    result = lowest if result < lowest else result
    return result if x >= 0 else np.float32(np.nan)


@compiled_in_order
def _logarithm_of_rest(y: np.float32) -> np.float32:
    """Return log(1 - y) of a float32 number from 0 to 1, at least -100. NaN stays NaN.

    What 1 - y loses by rounding is added: where it is not 0, log is nearly as steep as at 1.
    """
    one = np.float32(1)
    rest = one - y
    result: np.float32 = _logarithm(rest) + ((one - rest) - y)
    return result


@compiled_in_order
def _write_cross_entropies(outputs: Array, targets: Array, terms: Array) -> None:
    """Write y* log y + (1 - y*) log(1 - y) for vectors; in another order, one log would be lost."""
    one = np.float32(1)
    for i in range(terms.size):
        y, wanted = outputs[i], targets[i]
        terms[i] = wanted * _logarithm(y) + (one - wanted) * _logarithm_of_rest(y)


@compiled
def _binary_cross_entropy(outputs: Array, targets: Array, terms: Array, values: Array) -> None:
    """Write -1/c · Σ_i (y*_i log y_i + (1 - y*_i) log(1 - y_i)) of every sample, of float32.

    terms (n, classes) is memory for what is summed up.
    """
    _write_cross_entropies(outputs.reshape(-1), targets.reshape(-1), terms.reshape(-1))
    samples, classes = outputs.shape
    for n in range(samples):
        total = 0.0
        for i in range(classes):
            total -= terms[n, i]
        values[n] = total / classes


@compiled
def _binary_cross_entropy_gradient(outputs: Array, targets: Array, gradient: Array) -> None:
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
def _cross_entropy(outputs: Array, targets: Array, terms: Array, values: Array) -> None:
    """Write -Σ_i y*_i log y_i of every sample, of float32; terms as above."""
    y, wanted, term = outputs.reshape(-1), targets.reshape(-1), terms.reshape(-1)
    for i in range(term.size):
        term[i] = wanted[i] * _logarithm(y[i])
    samples, classes = outputs.shape
    for n in range(samples):
        total = 0.0
        for i in range(classes):
            total -= terms[n, i]
        values[n] = total


@compiled
def _cross_entropy_gradient(outputs: Array, targets: Array, gradient: Array) -> None:
    """Write -y* / y, with the divisor at least 1e-12."""
    least = gradient.dtype.type(LEAST_DIVISOR)
    for n in range(outputs.shape[0]):
        for i in range(outputs.shape[1]):
            y = outputs[n, i]
            gradient[n, i] = -targets[n, i] / (least if y < least else y)


@compiled
def _squared_error(outputs: Array, targets: Array, values: Array) -> None:
    """Write 1/c · Σ_i (y_i - y*_i)² of every sample."""
    samples, classes = outputs.shape
    for n in range(samples):
        total = 0.0
        for i in range(classes):
            difference = outputs[n, i] - targets[n, i]
            total += difference * difference
        values[n] = total / classes


@compiled
def _scaled_difference(
    outputs: Array, targets: Array, times: int, parts: int, gradient: Array
) -> None:
    """Write times · (y - y*) / parts."""
    factor = gradient.dtype.type(times / parts)
    for n in range(outputs.shape[0]):
        for i in range(outputs.shape[1]):
            gradient[n, i] = factor * (outputs[n, i] - targets[n, i])


@compiled
def _tally(values: Array, outputs: Array, targets: Array, sums: Array) -> None:
    """Write Σ values, and how many samples have their largest output at the largest target."""
    total, right = 0.0, 0
    for n in range(len(values)):
        total += values[n]
        right += _largest(outputs[n]) == _largest(targets[n])
    sums[0], sums[1] = total, right


@compiled
def _scale(values: Array, factors: Array) -> None:
    """Multiply a vector by a number."""
    factor = values.dtype.type(factors[0])
    for i in range(len(values)):
        values[i] *= factor


@compiled
def _largest(row: Array) -> int:
    """Return the first place of the largest value; as in numpy, NaN counts as the largest.

    No branch depends on which value is larger: nobody, nor a processor, could foretell it.
    """
    place, best, has_nan = 0, row[0], row[0] != row[0]
    for i in range(1, row.size):
        x = row[i]
        has_nan |= x != x
        place = i if x > best else place
        best = x if x > best else best
    return _first_nan(row) if has_nan else place


@compiled
def _first_nan(row: Array) -> int:
    place = 0
    while row[place] == row[place]:
        place += 1
    return place


def binary_cross_entropy(outputs: Array, targets: Array, out: Array) -> None:
    if outputs.dtype == np.float32:
        terms = np.empty(outputs.shape, np.float32)
        _binary_cross_entropy(plain(outputs), plain(targets), terms, out)
    else:
        losses.binary_cross_entropy(outputs, targets, out)


def binary_cross_entropy_gradient(outputs: Array, targets: Array, out: Array) -> None:
    _binary_cross_entropy_gradient(plain(outputs), plain(targets), out)


def cross_entropy(outputs: Array, targets: Array, out: Array) -> None:
    if outputs.dtype == np.float32:
        terms = np.empty(outputs.shape, np.float32)
        _cross_entropy(plain(outputs), plain(targets), terms, out)
    else:
        losses.cross_entropy(outputs, targets, out)


def cross_entropy_gradient(outputs: Array, targets: Array, out: Array) -> None:
    _cross_entropy_gradient(plain(outputs), plain(targets), out)


def squared_error(outputs: Array, targets: Array, out: Array) -> None:
    _squared_error(plain(outputs), plain(targets), out)


def scaled_difference(outputs: Array, targets: Array, times: int, parts: int, out: Array) -> None:
    _scaled_difference(plain(outputs), plain(targets), times, parts, out)


def tally(values: Array, outputs: Array, targets: Array, out: Array) -> None:
    _tally(plain(values), plain(outputs), plain(targets), out)


def scale(values: Array, factors: Array) -> None:
    _scale(values.reshape(-1), factors)
