"""Images as inputs of a network, and labels as targets, over compiled loops."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.native.loops import image_loops
from engine.compute.native.threads.sharing import share
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
    size = math.prod(out.shape[2:])
    held = np.ascontiguousarray(images).reshape(len(images), out.shape[1], size)
    held.setflags(write=False)  # as a data set's are: of others, the loop would be compiled anew
    share(
        lambda inputs, own: image_loops.scale_images(held, own, factors, shifts, inputs),
        (out.reshape(*out.shape[:2], size), places),
        pool,
    )


def one_hot(labels: NDArray[np.int64], places: NDArray[np.int64], out: Array) -> None:
    """Write 1 at the label of the sample at each place, and 0 elsewhere: out (n, classes)."""
    held = np.ascontiguousarray(labels).view()
    held.setflags(write=False)  # as a data set's are
    image_loops.one_hot(held, places, out)
