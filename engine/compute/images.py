"""Images as inputs of a network."""

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.thread_pool import Pool


def scale_images(
    images: NDArray[np.uint8], factors: Array, shifts: Array, out: Array, pool: Pool | None
) -> None:
    """Write x = f b - s for bytes b (n, channels, H, W), with f and s for each channel."""
    np.multiply(images, factors[:, np.newaxis, np.newaxis], out=out, dtype=out.dtype)
    out -= shifts[:, np.newaxis, np.newaxis]
