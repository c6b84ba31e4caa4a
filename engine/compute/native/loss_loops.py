"""Compiled loops of the losses."""

import math

from engine.array_types import Array
from engine.compute.native.compiled import compiled


@compiled
def binary_cross_entropy(outputs: Array, targets: Array, lowest: float, values: Array) -> None:
    """Write -1/c · Σ_i (y*_i log y_i + (1 - y*_i) log(1 - y_i)) of every sample (n, c)."""
    samples, classes = outputs.shape
    for n in range(samples):
        total = 0.0
        for i in range(classes):
            hit, miss = math.log(outputs[n, i]), math.log1p(-outputs[n, i])
            hit = lowest if hit < lowest else hit  # written so that NaN stays NaN
            miss = lowest if miss < lowest else miss
            total -= targets[n, i] * hit + (1.0 - targets[n, i]) * miss
        values[n] = total / classes
