"""Images as inputs of a network, over a compiled loop that the threads share."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.native import image_loops
from engine.compute.native.sharing import share
from engine.compute.thread_pool import Pool


def scale_images(
    images: NDArray[np.uint8], factors: Array, shifts: Array, out: Array, pool: Pool | None
) -> None:
    """Write x = f b - s for bytes b (n, channels, H, W), with f and s for each channel."""
    rows = *out.shape[:2], math.prod(out.shape[2:])
    held = np.require(images, requirements=["C", "W"])  # of others, it would be compiled anew
    share(
        lambda bytes_, inputs: image_loops.scale_images(bytes_, factors, shifts, inputs),
        (held.reshape(rows), out.reshape(rows)),
        pool,
    )
