"""The compiled loops that make inputs of images, and targets of labels."""

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.native.machine_code.compiled import compiled


@compiled
def scale_images(
    images: NDArray[np.uint8],
    places: NDArray[np.int64],
    factors: Array,
    shifts: Array,
    out: Array,
) -> None:
    """Write x = f b - s for bytes b (m, channels, pixels) at places (n,), with f and s (channels,).

    The shift is a loop of its own, so that both are rounded as in plain numpy.
    """
    for s in range(len(places)):
        image = images[places[s]]
        for c in range(len(factors)):
            bytes_, row, factor, shift = image[c], out[s, c], factors[c], shifts[c]
            for i in range(row.size):
                row[i] = factor * bytes_[i]
            if shift != 0:
                for i in range(row.size):
                    row[i] -= shift


@compiled
def one_hot(labels: NDArray[np.int64], places: NDArray[np.int64], out: Array) -> None:
    """Write 1 at the label of each place (n,), and 0 elsewhere: out (n, classes)."""
    for s in range(len(places)):
        row, label = out[s], labels[places[s]]
        for c in range(row.size):
            row[c] = c == label
