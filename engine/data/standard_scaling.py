"""The scaling that standardises images: their mean and deviation, channel by channel."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.data.images import Images, blocks
from engine.inputs.scaling import Scaling


def standard_scaling(images: Images, counted: NDArray[np.intp] | None = None) -> Scaling:
    """Find the mean and the deviation of each channel of images (n, channels, height, width).

    Only the images at the `counted` places count; None means all.
    Sums are of whole numbers, so they are exact. A channel that is the same everywhere has the
    deviation 1: it becomes 0.
    """
    whole, channels, *plane = images.shape
    mask = np.full(whole, counted is None)
    if counted is not None:
        mask[counted] = True
    sums, squares = ([0] * channels for _ in range(2))
    for block in blocks(images):
        values = images[block][mask[block]].astype(np.uint32)
        for channel in range(channels):
            flat = values[:, channel].reshape(-1)
            sums[channel] += int(flat.sum(dtype=np.uint64))
            squares[channel] += int((flat * flat).sum(dtype=np.uint64))
    size = np.count_nonzero(mask) * math.prod(plane)
    spreads = [size * square - total**2 for total, square in zip(sums, squares, strict=True)]
    return Scaling(
        tuple(total / (255 * size) for total in sums),
        tuple(math.sqrt(spread) / (255 * size) if spread else 1.0 for spread in spreads),
    )
