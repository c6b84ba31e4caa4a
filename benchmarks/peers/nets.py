"""The nets of the comparison as plain numbers, for programs that do not know Layerscope."""

import math

import numpy as np
from numpy.typing import NDArray

NETS: dict[str, tuple[int, ...]] = {
    "conv5": (5,),
    "conv8-16": (8, 16),
    "conv16-32-32": (16, 32, 32),
}
BATCH_SIZES = (1, 32, 128, 512)
LEARNING_RATE = 0.1

Values = NDArray[np.float32]


def weights(depths: tuple[int, ...]) -> list[Values]:
    """Draw kernels and biases of the convolutions, then of Dense 100 and Dense 10.

    A bias of a convolution has the shape of its output, as in the notebook.
    """
    rng = np.random.default_rng(0)
    arrays: list[Values] = []
    channels, side = 1, 28
    for depth in depths:
        side -= 2
        arrays += _drawn(rng, (depth, channels, 3, 3), (depth, side, side))
        channels = depth
    arrays += _drawn(rng, (100, channels * side * side), (100,))
    return arrays + _drawn(rng, (10, 100), (10,))


def samples(count: int) -> tuple[Values, Values]:
    """Draw images (n, 1, 28, 28) and one-hot targets (n, 10)."""
    rng = np.random.default_rng(1)
    images = rng.random((count, 1, 28, 28), dtype=np.float32)
    return images, np.eye(10, dtype=np.float32)[rng.integers(0, 10, count)]


def _drawn(
    rng: np.random.Generator, shape: tuple[int, ...], bias_shape: tuple[int, ...]
) -> list[Values]:
    drawn = rng.standard_normal(shape) / math.sqrt(math.prod(shape[1:]))
    return [drawn.astype(np.float32), np.zeros(bias_shape, np.float32)]
