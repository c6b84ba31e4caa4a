"""Compiled loops that change images at random, each by numbers of its own.

Random numbers are those of SplitMix64: each has a key and a number, so it is had without those
before it. Places in an image are in parts of 2²⁴, weights in parts of 2¹¹; all sums are of whole
numbers, so they are the same on every machine.
"""

import math

import numpy as np
from numpy.typing import NDArray

from engine.compute.native.dropout import draw
from engine.compute.native.machine_code.compiled import compiled

_PLACE_BITS, _WEIGHT_BITS = 24, 11
_SUM_DEVIATION = 65536 / math.sqrt(3)  # of the sum of four numbers from 0 to 65535

Bytes = NDArray[np.uint8]


@compiled
def _signed(key: np.uint64, number: int) -> float:
    """Return a random number from -1 to 1."""
    return np.int64(draw(key, number) >> np.uint64(11)) / 2.0**52 - 1.0


@compiled
def _augment(
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
    """Write each image (n, channels, H, W) changed by the draws of its place (n,) under a key.

    It is shifted by up to so many pixels each way, turned by up to so many radians, zoomed by up to
    so large a part, mirrored with a probability of one half, all in one with bilinear weights, and
    `fill` is around it. Then each value gets noise of so many bytes' deviation.
    """
    warped = shift > 0 or rotate > 0 or zoom > 0 or flip
    for s in range(len(images)):
        own = draw(key, places[s] + 1)
        if warped:
            angle, size = rotate * _signed(own, 3), 1.0 + zoom * _signed(own, 4)
            _warp(
                images[s],
                shift * _signed(own, 1),
                shift * _signed(own, 2),
                math.cos(angle) / size,
                math.sin(angle) / size,
                -1.0 if flip and _signed(own, 5) < 0 else 1.0,
                fill,
                out[s],
            )
        if noise > 0:
            before = out[s] if warped else images[s]
            _add_noise(before.reshape(-1), draw(own, 6), noise, out[s].reshape(-1))


@compiled
def _warp(
    image: Bytes,
    down: float,
    across: float,
    cosine: float,
    sine: float,
    mirror: float,
    fill: int,
    out: Bytes,
) -> None:
    """Write an image (channels, H, W) turned about its middle and shifted."""
    channels, height, width = image.shape
    one = 2.0**_PLACE_BITS
    middle_y, middle_x = (height - 1) / 2, (width - 1) / 2
    # From row to row, and from column to column, the place where a value comes from moves on.
    row_y, column_y = round(cosine * one), round(sine * one)
    row_x, column_x = round(-sine * mirror * one), round(cosine * mirror * one)
    from_y, from_x = -middle_y - down, -middle_x - across
    first_y = round((middle_y + cosine * from_y + sine * from_x) * one)
    first_x = round((middle_x + mirror * (cosine * from_x - sine * from_y)) * one)
    whole, half = 1 << _WEIGHT_BITS, 1 << (2 * _WEIGHT_BITS - 1)
    part, around = _PLACE_BITS - _WEIGHT_BITS, np.int64(fill)
    for channel in range(channels):
        for r in range(height):
            y, x = first_y + r * row_y, first_x + r * row_x
            for c in range(width):
                top, left = y >> _PLACE_BITS, x >> _PLACE_BITS
                low, right = (y >> part) & (whole - 1), (x >> part) & (whole - 1)
                if 0 <= top < height - 1 and 0 <= left < width - 1:
                    a = np.int64(image[channel, top, left])
                    b = np.int64(image[channel, top, left + 1])
                    d = np.int64(image[channel, top + 1, left])
                    e = np.int64(image[channel, top + 1, left + 1])
                elif top < -1 or top >= height or left < -1 or left >= width:
                    a = b = d = e = around
                else:
                    above, below = top >= 0, top < height - 1
                    before, after = left >= 0, left < width - 1
                    a = np.int64(image[channel, top, left]) if above and before else around
                    b = np.int64(image[channel, top, left + 1]) if above and after else around
                    d = np.int64(image[channel, top + 1, left]) if below and before else around
                    e = np.int64(image[channel, top + 1, left + 1]) if below and after else around
                upper, lower = a * (whole - right) + b * right, d * (whole - right) + e * right
                value = upper * (whole - low) + lower * low + half
                out[channel, r, c] = value >> (2 * _WEIGHT_BITS)
                y += column_y
                x += column_x


@compiled
def _add_noise(values: Bytes, key: np.uint64, deviation: float, out: Bytes) -> None:
    """Write values with the sum of four random numbers added, which is nearly normal."""
    factor = round(deviation / _SUM_DEVIATION * 2.0**_PLACE_BITS)
    middle, half = 2 * 65535, 1 << (_PLACE_BITS - 1)
    mask = np.uint64(0xFFFF)
    for i in range(values.size):
        bits = draw(key, i + 1)
        total = np.int64(bits & mask) + np.int64((bits >> np.uint64(16)) & mask)
        total += np.int64((bits >> np.uint64(32)) & mask) + np.int64(bits >> np.uint64(48))
        value = np.int64(values[i]) + (((total - middle) * factor + half) >> _PLACE_BITS)
        out[i] = 0 if value < 0 else 255 if value > 255 else value


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
    _augment(
        np.require(images, requirements=["C", "W"]),  # of others, the loop would be compiled anew
        np.require(places, np.int64, ["C", "W"]),
        *(key, shift, rotate, zoom, noise, flip, fill, out),
    )
