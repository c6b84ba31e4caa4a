"""Images as inputs of a network, and their labels as targets."""

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.thread_pool import Pool


def scale_images(
    images: NDArray[np.uint8],
    places: NDArray[np.int64],
    factors: Array,
    shifts: Array,
    out: Array,
    pool: Pool | None,
) -> None:
    """Write x = f b - s for the bytes b of the images at some places, with f and s by channel."""
    np.multiply(images[places], factors[:, np.newaxis, np.newaxis], out=out, dtype=out.dtype)
    out -= shifts[:, np.newaxis, np.newaxis]


def one_hot(labels: NDArray[np.int64], places: NDArray[np.int64], out: Array) -> None:
    """Write 1 at the label of the sample at each place, and 0 elsewhere: out (n, classes)."""
    out[...] = labels[places, np.newaxis] == np.arange(out.shape[1])
