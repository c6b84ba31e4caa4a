"""Drawings and photographs, brought into the form that the digits of a data set have."""

import math

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.data.images import Images

Bytes = NDArray[np.uint8]

BOX = 20 / 28  # of the image's side, which the larger side of a digit of MNIST takes
_WHITE = 200  # of 255, from which paper is as good as white
LIGHT = 127.5  # of 255; paper above it is light
_LOOKED_AT = 200  # images, of which the border is
SPECKLES = 0.15  # of the range between paper and ink, which is grain of the paper and no ink


def find_ink(grey: Bytes) -> Bytes:
    """Tell ink from paper in a picture (h, w), 0 black to 255 white.

    Of the ink (h, w), 0 is paper, and 255 the strongest. The paper is what the border shows: its
    median. Light paper means dark ink. What differs from the paper by little is grain; the rest is
    stretched to the whole range.
    """
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    paper = float(np.median(border))
    distance = paper - grey if paper > LIGHT else grey - paper
    strongest = float(distance.max())
    if strongest < 1:
        return np.zeros_like(grey)
    share = (distance / strongest - SPECKLES) / (1 - SPECKLES)
    ink: Bytes = (np.clip(share, 0, 1) * 255).round().astype(np.uint8)
    return ink


def centre(ink: Bytes, shape: tuple[int, int]) -> Bytes:
    """Make an image (height, width) of some ink (h, w) as the digits of MNIST were made.

    The ink's larger side is scaled to 20 of 28 pixels, antialiased, its strongest value to 255, and
    it is moved by whole pixels so that its centre of mass is in the middle, pixel (14, 14) of
    28×28: so do the digits of MNIST lie. No ink gives an empty image.
    """
    image = np.zeros(shape, dtype=np.uint8)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        return image
    cropped = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float64)
    scale = min(BOX * side / length for side, length in zip(shape, cropped.shape, strict=True))
    small = resize(cropped, [max(1, round(length * scale)) for length in cropped.shape])
    small *= 255 / small.max()
    top, left = (_start(small.sum(axis=1 - axis), side) for axis, side in enumerate(shape))
    image[top : top + small.shape[0], left : left + small.shape[1]] = small.round()
    return image


def _start(mass: Array, side: int) -> int:
    """Return where a profile (n,) begins, so that its centre of mass is in the middle of `side`."""
    mean = float(mass @ np.arange(len(mass)) / mass.sum())
    return min(max(0, math.floor(side // 2 - mean + 0.5)), side - len(mass))


def resize(image: Array, shape: list[int]) -> Array:
    """Resize an image (h, w): every new pixel is the mean of the area that it covers."""
    down, across = (_weights(old, new) for old, new in zip(image.shape, shape, strict=True))
    resized: Array = down @ image @ across.T
    return resized


def _weights(old: int, new: int) -> Array:
    """Return the part (new, old) that each old pixel has in the stretch that a new one covers."""
    edges = np.arange(new + 1) * (old / new)
    starts, ends = edges[:-1, np.newaxis], edges[1:, np.newaxis]
    pixels = np.arange(old)
    covered = np.minimum(ends, pixels + 1) - np.maximum(starts, pixels)
    parts: Array = np.maximum(0.0, covered) * (new / old)
    return parts


def resized(picture: Bytes, shape: tuple[int, int]) -> Bytes:
    """Resize a square picture (channels, side, side) to an image (channels, height, width).

    Every pixel is the mean of what it covers. In an oblong image the picture is in the middle, and
    its outermost rows or columns fill the rest.
    """
    side = min(shape)
    small = [resize(channel.astype(np.float64), [side, side]) for channel in picture]
    rest = [(0, 0), *(((length - side) // 2, (length - side + 1) // 2) for length in shape)]
    image: Bytes = np.pad(np.rint(small).astype(np.uint8), rest, mode="edge")
    return image


def is_bright(samples: Dataset) -> bool:
    """Return whether nearly all inputs are near 1: images on white that are not standardised.

    Trained 20 epochs on 30 black shapes of each of three classes on white, the notebook's network
    and that for ten digits get 33 to 53 % right, and 82 % with standardised inputs; on black both
    get 73 %.
    """
    return not samples.scaling.is_standard and min(paper_of(samples.images)) >= _WHITE


def paper_of(images: Images) -> tuple[int, ...]:
    """Return the colour that most of the border of images (n, channels, h, w) has, by channel.

    Each channel's is the median over the first few images.
    """
    few = np.asarray(images[: min(len(images), _LOOKED_AT)])
    border = np.concatenate(
        [few[:, :, 0], few[:, :, -1], few[:, :, :, 0], few[:, :, :, -1]], axis=2
    )
    return tuple(int(channel) for channel in np.median(border, axis=(0, 2)))
