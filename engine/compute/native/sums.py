"""Compiled loops of sums over a batch, which is a matrix (samples, numbers) here."""

import numpy as np

from engine.array_types import Array, plain
from engine.compute.native.machine_code.compiled import compiled

BLOCK = 2048  # columns whose sums stay in the first cache
AT_ONCE = 4  # samples: so the sums are read and written less, and their errors are smaller


@compiled
def add_samples(values: Array, sums: Array) -> None:
    """Write the sum of every column."""
    samples, columns = values.shape
    alone = (samples - 1) % AT_ONCE + 1
    for start in range(0, columns, BLOCK):
        own = slice(start, min(start + BLOCK, columns))
        total, row = sums[own], values[0, own]
        for i in range(total.size):
            total[i] = row[i]
        for s in range(1, alone):
            row = values[s, own]
            for i in range(total.size):
                total[i] += row[i]
        for s in range(alone, samples, AT_ONCE):
            first, second = values[s, own], values[s + 1, own]
            third, fourth = values[s + 2, own], values[s + 3, own]
            for i in range(total.size):
                total[i] += (first[i] + second[i]) + (third[i] + fourth[i])


@compiled
def _add_maps(values: Array, sums: Array) -> None:
    """Write the sum of each map, whose places stand side by side in the columns."""
    places = values.shape[1] // len(sums)
    columns = np.empty(values.shape[1], values.dtype)
    add_samples(values, columns)
    for m in range(len(sums)):
        own, total = columns[m * places : (m + 1) * places], sums.dtype.type(0)
        for i in range(places):
            total += own[i]
        sums[m] = total


def sample_sums(values: Array) -> Array:
    sums = np.empty(values.shape[1:], values.dtype)
    add_samples(plain(values).reshape(len(values), -1), sums.reshape(-1))
    return sums


def map_sums(values: Array) -> Array:
    sums = np.empty(values.shape[1], values.dtype)
    _add_maps(plain(values).reshape(len(values), -1), sums)
    return sums
