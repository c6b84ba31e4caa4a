"""Histogram: how often which values occur among many, or how often which sizes."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array

VALUES = 50_000  # that a histogram counts; of more, some that are spread evenly
BINS = 40  # at most
NOTHING = 1e-8  # of the largest size: what is smaller counts as 0, or it would take all the room


@dataclass(frozen=True, eq=False)
class Histogram:
    """How often values fall into bins of equal width from `low` to `high`, both of which occur.

    Of very many values it counts some; `non_finite` counts those that are infinite or NaN. Of
    sizes, the bins are of equal width in their logarithms, and `zeros` counts those that have none.
    """

    counts: NDArray[np.int64]
    low: float
    high: float
    mean: float
    deviation: float
    non_finite: int = 0
    zeros: int = 0
    of_sizes: bool = False


def counted(size: int) -> slice:
    """Return which of so many values a histogram counts."""
    step = math.ceil(size / VALUES)
    while math.gcd(step, size) > 1 and step > 1:  # a divisor would pick the same columns
        step += 1
    return slice(None, None, max(1, step))


def count_values(values: Array) -> Histogram:
    """Make a histogram of the values of an array."""
    finite, non_finite = _finite(values)
    if not finite.size:
        return Histogram(np.zeros(BINS, np.int64), 0.0, 1.0, math.nan, math.nan, non_finite)
    low, high = float(finite.min()), float(finite.max())
    counts = _count(finite, low, high)
    return Histogram(counts, low, high, float(finite.mean()), float(finite.std()), non_finite)


def count_sizes(values: Array) -> Histogram:
    """Make a histogram of the absolute values of an array, which may differ by powers of ten."""
    finite, non_finite = _finite(values)
    sizes = np.abs(finite)
    some = sizes[sizes > NOTHING * sizes.max(initial=0.0)]
    mean, deviation = (float(sizes.mean()), float(sizes.std())) if sizes.size else (math.nan,) * 2
    low, high = (float(some.min()), float(some.max())) if some.size else (1.0, 1.0)
    counts = _count(np.log10(some), math.log10(low), math.log10(high))
    zeros = len(sizes) - len(some)
    return Histogram(counts, low, high, mean, deviation, non_finite, zeros, of_sizes=True)


def _finite(values: Array) -> tuple[NDArray[np.float64], int]:
    """Return those of the counted values that are finite, and how many are not."""
    flat = values.reshape(-1)[counted(values.size)].astype(np.float64)
    finite = flat[np.isfinite(flat)]
    return finite, flat.size - finite.size


def _count(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.int64]:
    """Count values in bins of equal width between the lowest and the highest."""
    bins = max(1, min(BINS, math.ceil(2 * np.cbrt(values.size))))  # Rice's rule
    places = (values - low) * (bins / (high - low)) if high > low else np.zeros(values.size)
    counts = np.bincount(np.minimum(places.astype(np.intp), bins - 1), minlength=bins)
    counts.setflags(write=False)
    return counts
