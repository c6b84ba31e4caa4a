"""Grey pictures drawn so that pixels stay pixels."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from engine.array_types import Array

Bytes = NDArray[np.uint8]


def grey_of(ink: Array) -> Bytes:
    """Return ink of 0 to 1 as the grey of a picture, 0 black to 255 white."""
    grey: Bytes = (np.clip(ink, 0, 1) * 255).round().astype(np.uint8)
    return grey


def whole_scale(size: float, pixels: int, ratio: float) -> float:
    """Logical px that one of `pixels` takes to fill `size`, a whole number of device px each.

    `ratio` is device px per logical px. The scale is at least one device px.
    """
    return max(1, int(size * ratio / pixels + 1e-6)) / ratio


def draw_grey(
    painter: QPainter, corner_x: float, corner_y: float, scale: float, grey: Bytes
) -> QRectF:
    """Draw a picture (h, w), 0 black to 255 white, and give the rectangle that it takes."""
    height, width = grey.shape
    grey = np.ascontiguousarray(grey)
    image = QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8)
    target = QRectF(corner_x, corner_y, width * scale, height * scale)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(target, image)
    return target
