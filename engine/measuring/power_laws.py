"""Power laws: powers fitted to measured times, and where one gives way to another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEAST_POINTS = 3  # of a piece: two lie on a line whatever was measured
TOLERATED = 0.05  # relative deviation up to which one power is good enough
DIFFERENT = 0.15  # exponents that are closer to each other are no bend


@dataclass(frozen=True)
class Power:
    """y = factor · x^exponent from `first` to `last`, with `error` as the usual deviation.

    The error is relative: the root of the mean square in the logarithms.
    """

    first: float
    last: float
    factor: float
    exponent: float
    error: float


def fitted_powers(x: Sequence[float], y: Sequence[float]) -> list[Power]:
    """Fit one power to y over x, or two that share a point where one does not do.

    x grows; all are positive. Of two, the break is where the least squares of deviations are left.
    """
    count = len(x)
    whole = _fit(x, y, 0, count)
    if whole.error <= TOLERATED:
        return [whole]
    bent, least = [whole], whole.error**2 * count
    for at in range(LEAST_POINTS - 1, count - LEAST_POINTS + 1):
        low, high = _fit(x, y, 0, at + 1), _fit(x, y, at, count)
        squares = low.error**2 * (at + 1) + high.error**2 * (count - at)
        if squares < least and abs(low.exponent - high.exponent) >= DIFFERENT:
            bent, least = [low, high], squares
    return bent


def power_over(x: Sequence[float], y: Sequence[float], law: Power) -> Power:
    """Fit a power to other values over the part of x that a law is about."""
    places = [place for place, each in enumerate(x) if law.first <= each <= law.last]
    return _fit(x, y, places[0], places[-1] + 1)


def _fit(x: Sequence[float], y: Sequence[float], start: int, stop: int) -> Power:
    logs, wanted = np.log(x[start:stop]), np.log(y[start:stop])
    exponent, offset = np.polyfit(logs, wanted, 1)
    error = np.sqrt(np.square(exponent * logs + offset - wanted).mean())
    return Power(x[start], x[stop - 1], float(np.exp(offset)), float(exponent), float(error))
