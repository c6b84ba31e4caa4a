"""Random changes of images over compiled loops."""

import numpy as np
from numpy.typing import NDArray

from engine.compute.native.loops import augmentation_loops

Bytes = NDArray[np.uint8]


def augment(
    images: Bytes,
    places: NDArray[np.int64],
    key: np.uint64,
    shift: float,
    rotate: float,
    zoom: float,
    noise: float,
    flip: bool,
    fill: int,
    out: Bytes,
) -> None:
    """Write each image (n, channels, H, W) changed by the draws of its place (n,) under a key."""
    augmentation_loops.augment(
        np.require(images, requirements=["C", "W"]),  # of others, the loop would be compiled anew
        np.require(places, np.int64, ["C", "W"]),
        *(key, shift, rotate, zoom, noise, flip, fill, out),
    )
