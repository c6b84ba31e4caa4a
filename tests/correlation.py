"""Convolutions where the kernel lies within, by `ndimage`; to load scipy's `signal` takes long."""

import numpy as np
from scipy import ndimage

from engine.array_types import Array


def correlate2d(values: Array, kernel: Array) -> Array:
    """Return values (H, W) ⋆ kernel (k, k): (H - k + 1, W - k + 1)."""
    found = ndimage.correlate(values, kernel, np.float64, mode="constant")
    return _within(found, len(kernel), len(kernel) // 2)


def convolve2d(values: Array, kernel: Array) -> Array:
    """Return values (H, W) ∗ kernel (k, k): (H - k + 1, W - k + 1)."""
    found = ndimage.convolve(values, kernel, np.float64, mode="constant")
    return _within(found, len(kernel), (len(kernel) - 1) // 2)


def _within(found: Array, k: int, begin: int) -> Array:
    height, width = np.subtract(found.shape, k - 1)
    return found[begin : begin + height, begin : begin + width]
