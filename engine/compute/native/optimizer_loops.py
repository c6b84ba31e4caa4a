"""Compiled loops of the optimizers."""

from engine.array_types import Array
from engine.compute.native.compiled import compiled


@compiled
def subtract_outer(weights: Array, left: Array, right: Array) -> None:
    """Do W ← W - left rightᵀ in place, for vectors left (rows,) and right (columns,)."""
    for i in range(weights.shape[0]):
        for j in range(weights.shape[1]):
            weights[i, j] -= left[i] * right[j]
