"""The compiled loops that make inputs of images, and targets of labels."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.native.machine_code.compiled import compiled
from engine.compute.native.threads.sharing import share
from engine.compute.thread_pool import Pool


@compiled
def _scale_images(
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
def _one_hot(labels: NDArray[np.int64], places: NDArray[np.int64], out: Array) -> None:
    """Write 1 at the label of each place (n,), and 0 elsewhere: out (n, classes)."""
    for s in range(len(places)):
        row, label = out[s], labels[places[s]]
        for c in range(row.size):
            row[c] = c == label


def scale_images(
    images: NDArray[np.uint8],
    places: NDArray[np.int64],
    factors: Array,
    shifts: Array,
    out: Array,
    pool: Pool | None,
) -> None:
    size = math.prod(out.shape[2:])
    held = np.ascontiguousarray(images).reshape(len(images), out.shape[1], size)
    held.setflags(write=False)  # as a data set's are: of others, the loop would be compiled anew
    share(
        lambda inputs, own: _scale_images(held, own, factors, shifts, inputs),
        (out.reshape(*out.shape[:2], size), places),
        pool,
    )


def one_hot(labels: NDArray[np.int64], places: NDArray[np.int64], out: Array) -> None:
    held = np.ascontiguousarray(labels).view()
    held.setflags(write=False)  # as a data set's are
    _one_hot(held, places, out)
