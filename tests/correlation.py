"""Convolutions where the kernel lies within, by `ndimage`; to load scipy's `signal` takes long."""

import numpy as np
from scipy import ndimage

from engine.array_types import Array


def correlate2d(values: Array, kernel: Array) -> Array:
    """Return values (H, W) ⋆ kernel (k, k): (H - k + 1, W - k + 1)."""
    return _cut(ndimage.correlate(values, kernel, np.float64, origin=-(len(kernel) // 2)), kernel)


def convolve2d(values: Array, kernel: Array) -> Array:
    """Return values (H, W) ∗ kernel (k, k): (H - k + 1, W - k + 1)."""
    return _cut(ndimage.convolve(values, kernel, np.float64, origin=(len(kernel) - 1) // 2), kernel)


def _cut(found: Array, kernel: Array) -> Array:
    return found[: len(found) - len(kernel) + 1, : found.shape[1] - len(kernel) + 1]
