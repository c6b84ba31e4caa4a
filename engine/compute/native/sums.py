"""Sums over a batch, by compiled loops."""

import numpy as np

from engine.array_types import Array, plain
from engine.compute.native.loops import sum_loops


def sample_sums(values: Array) -> Array:
    """Return Σ over the samples of values (n, ...): (...)."""
    sums = np.empty(values.shape[1:], values.dtype)
    sum_loops.add_samples(plain(values).reshape(len(values), -1), sums.reshape(-1))
    return sums


def map_sums(values: Array) -> Array:
    """Return Σ over samples and places of maps (n, maps, H, W): (maps,)."""
    sums = np.empty(values.shape[1], values.dtype)
    sum_loops.add_maps(plain(values).reshape(len(values), -1), sums)
    return sums
