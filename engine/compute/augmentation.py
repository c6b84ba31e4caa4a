"""Random changes of images, each by numbers of its own.

Random numbers are those of SplitMix64: each has a key and a number, so it is had without those
before it. Places in an image are in parts of 2²⁴, weights in parts of 2¹¹; all sums are of whole
numbers, so they are the same on every machine, and those of the native twin.
"""

import math

import numpy as np
from numpy.typing import NDArray

from engine.random_streams import draws

_PLACE_BITS, _WEIGHT_BITS = 24, 11
_SUM_DEVIATION = 65536 / math.sqrt(3)  # of the sum of four numbers from 0 to 65535

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.int64]


def augment(
    images: Bytes,
    places: Numbers,
    key: np.uint64,
    shift: float,
    rotate: float,
    zoom: float,
    noise: float,
    flip: bool,
    fill: int,
    out: Bytes,
) -> None:
    """Write each image (n, channels, H, W) changed by the draws of its place (n,) under a key.

    It is shifted by up to so many pixels each way, turned by up to so many radians, zoomed by up to
    so large a part, mirrored with a probability of one half, all in one with bilinear weights, and
    `fill` is around it. Then each value gets noise of so many bytes' deviation.
    """
    warped = shift > 0 or rotate > 0 or zoom > 0 or flip
    for image, own, result in zip(images, draws(key, places + 1), out, strict=True):
        down, across, turn, growth, side = _signed(own, np.arange(1, 6))
        if warped:
            angle, size = rotate * turn, 1.0 + zoom * growth
            cosine, sine = math.cos(angle) / size, math.sin(angle) / size
            mirror = -1.0 if flip and side < 0 else 1.0
            result[...] = _warped(image, shift * down, shift * across, cosine, sine, mirror, fill)
        if noise > 0:
            before, (noise_key,) = result if warped else image, draws(own, np.array([6]))
            result[...] = _with_noise(before, noise_key, noise)


def _signed(key: np.uint64, numbers: Numbers) -> list[float]:
    """Return random numbers from -1 to 1."""
    found: list[float] = ((draws(key, numbers) >> np.uint64(11)) / 2.0**52 - 1.0).tolist()
    return found


def _warped(
    image: Bytes,
    down: float,
    across: float,
    cosine: float,
    sine: float,
    mirror: float,
    fill: int,
) -> Numbers:
    """Return an image (channels, H, W) turned about its middle and shifted.

    A value comes from the place (y, x) of the image, between four of its pixels, and is their mean
    with the weights of how near they are.
    """
    height, width = image.shape[1:]
    one, whole = 2.0**_PLACE_BITS, 1 << _WEIGHT_BITS
    middle_y, middle_x = (height - 1) / 2, (width - 1) / 2
    from_y, from_x = -middle_y - down, -middle_x - across
    first_y = round((middle_y + cosine * from_y + sine * from_x) * one)
    first_x = round((middle_x + mirror * (cosine * from_x - sine * from_y)) * one)
    rows, columns = np.arange(height)[:, np.newaxis], np.arange(width)
    # From row to row, and from column to column, the place moves on.
    y = first_y + rows * round(cosine * one) + columns * round(sine * one)
    x = first_x + rows * round(-sine * mirror * one) + columns * round(cosine * mirror * one)
    top, left = y >> _PLACE_BITS, x >> _PLACE_BITS
    part = _PLACE_BITS - _WEIGHT_BITS
    low, right = (y >> part) & (whole - 1), (x >> part) & (whole - 1)
    around = np.pad(image.astype(np.int64), ((0, 0), (1, 1), (1, 1)), constant_values=fill)

    def pixels(rows: Numbers, columns: Numbers) -> Numbers:
        """Take pixels by row and column; whatever lies outside has the value of the border."""
        return around[:, np.clip(rows + 1, 0, height + 1), np.clip(columns + 1, 0, width + 1)]

    upper = pixels(top, left) * (whole - right) + pixels(top, left + 1) * right
    lower = pixels(top + 1, left) * (whole - right) + pixels(top + 1, left + 1) * right
    half = 1 << (2 * _WEIGHT_BITS - 1)
    values: Numbers = (upper * (whole - low) + lower * low + half) >> (2 * _WEIGHT_BITS)
    return values


def _with_noise(values: Bytes, key: np.uint64, deviation: float) -> Numbers:
    """Return values with the sum of four random numbers added, which is nearly normal."""
    factor = round(deviation / _SUM_DEVIATION * 2.0**_PLACE_BITS)
    middle, half = 2 * 65535, 1 << (_PLACE_BITS - 1)
    bits = draws(key, np.arange(1, values.size + 1)).reshape(values.shape)
    total = bits.view(np.uint16).reshape(*values.shape, 4).sum(axis=-1, dtype=np.int64)
    noisy: Numbers = np.clip(values + (((total - middle) * factor + half) >> _PLACE_BITS), 0, 255)
    return noisy
