"""Pictures of a report as PNG: samples, kernels, and how often classes are confused.

What has a sign or a share is drawn in one colour that is the less transparent the larger it is, so
that it can be seen on light and on dark paper.
"""

import io
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array

Bytes = NDArray[np.uint8]
# Okabe and Ito's orange and blue.
_ORANGE, _BLUE = np.array([213, 94, 0], np.uint8), np.array([0, 114, 178], np.uint8)
_GAP = 1  # px between kernels
_ROWS, _COLUMNS = 32, 32  # kernels that a picture shows at most


def sample_picture(image: NDArray[np.uint8]) -> bytes:
    """Draw an image (channels, height, width)."""
    return _png(image[0] if len(image) == 1 else np.moveaxis(image, 0, -1))


def confusion_picture(rates: Array) -> bytes:
    """Draw the shares (n, n) of each true class: right ones blue, others orange.

    The root of a share counts, so that rare mistakes are seen.
    """
    right = np.eye(len(rates), dtype=bool)[..., np.newaxis]
    colours = np.where(right, _BLUE, _ORANGE)
    return _png(_with_strength(colours, np.sqrt(np.nan_to_num(rates))))


def kernels_picture(kernels: Array) -> tuple[bytes, int, int]:
    """Draw kernels (maps, channels, k, k), a px for each weight; return the picture and its size.

    There is a row for each map and a column for each channel, or many maps in a row where there is
    one channel. At most 32 rows and columns are drawn.
    """
    tiles = shown_kernels(kernels)
    rows, columns, k = tiles.shape[:3]
    shape = rows * (k + _GAP) - _GAP, columns * (k + _GAP) - _GAP
    colours = np.zeros((*shape, 4), np.uint8)
    largest = float(np.abs(kernels).max()) or 1.0
    strength = np.nan_to_num(np.abs(tiles) / largest)
    signs = np.where(tiles[..., np.newaxis] < 0, _BLUE, _ORANGE)
    drawn = _with_strength(signs, strength)
    for row in range(rows):
        for column in range(columns):
            top, left = row * (k + _GAP), column * (k + _GAP)
            colours[top : top + k, left : left + k] = drawn[row, column]
    return _png(colours), shape[1], shape[0]


def shown_kernels(kernels: Array) -> Array:
    """Return the kernels that are drawn, as (rows, columns, k, k); NaN where there is none."""
    maps, channels, k, _ = kernels.shape
    if channels > 1:
        return kernels[:_ROWS, :_COLUMNS]
    columns = min(_COLUMNS // 2, maps)
    rows = min(_ROWS, math.ceil(maps / columns))
    tiles = np.full((rows * columns, k, k), np.nan)
    count = min(maps, rows * columns)
    tiles[:count] = kernels[:count, 0]
    return tiles.reshape(rows, columns, k, k)


def _with_strength(colours: NDArray[np.uint8], strength: Array) -> Bytes:
    """Give colours (..., 3) a strength (...) of 0 to 1."""
    alpha = np.clip(255 * strength, 0, 255).round().astype(np.uint8)
    shown: Bytes = np.concatenate([colours, alpha[..., np.newaxis]], axis=-1)
    return shown


def _png(pixels: NDArray[Any]) -> bytes:
    from PIL import Image  # takes 20 ms

    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "png", optimize=True)
    return buffer.getvalue()
