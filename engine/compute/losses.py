"""The loss that takes more than one expression; all others are in `engine/model/losses.py`."""

import numpy as np

from engine.array_types import Array


def binary_cross_entropy(outputs: Array, targets: Array, lowest: float, out: Array) -> None:
    """Write -1/c · Σ_i (y*_i log y_i + (1 - y*_i) log(1 - y_i)) of each sample (n, c).

    No logarithm counts as less than the lowest; NaN stays NaN.
    """
    with np.errstate(divide="ignore"):  # log 0 is clamped
        hits = np.maximum(np.log(outputs), lowest)
        misses = np.maximum(np.log1p(-outputs), lowest)
    out[...] = -(targets * hits + (1 - targets) * misses).mean(axis=1, dtype=np.float64)
