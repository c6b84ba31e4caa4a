"""Sums over a batch: what a bias, which is added to every sample, gets as its gradient."""

from engine.array_types import Array


def sample_sums(values: Array) -> Array:
    """Return Σ over the samples of values (n, ...): (...)."""
    sums: Array = values.sum(axis=0)
    return sums


def map_sums(values: Array) -> Array:
    """Return Σ over samples and places of maps (n, maps, H, W): (maps,).

    numpy adds numbers side by side several times as fast as along several axes.
    """
    sums: Array = values.reshape(*values.shape[:2], -1).sum(axis=2).sum(axis=0)
    return sums
