"""Pictures, grey or in colour, drawn so that pixels stay pixels."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from engine.data.images import Images
from engine.errors import LostDataError

Bytes = NDArray[np.uint8]


def picture_at(images: Images, place: int) -> Bytes:
    """Return one of some images (channels, h, w); a black one if it can no longer be read.

    That its file was changed is said where it is trained on.
    """
    try:
        picture: Bytes = images[place]
    except LostDataError:
        picture = np.zeros(images.shape[1:], np.uint8)
    return picture


def whole_scale(size: float, pixels: int, ratio: float) -> float:
    """Logical px that one of `pixels` takes to fill `size`, a whole number of device px each.

    `ratio` is device px per logical px. The scale is at least one device px.
    """
    return max(1, int(size * ratio / pixels + 1e-6)) / ratio


def image_of(picture: Bytes) -> QImage:
    """Return a picture (channels, h, w) in the form that Qt draws larger the fastest.

    One channel is grey, 0 black to 255 white; three are red, green and blue.
    """
    channels, height, width = picture.shape
    pixels = np.ascontiguousarray(np.moveaxis(picture, 0, -1))
    form = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    image = QImage(pixels.data, width, height, width * channels, form)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def draw_picture(
    painter: QPainter, corner_x: float, corner_y: float, scale: float, picture: Bytes
) -> QRectF:
    """Draw a picture (channels, h, w) and give the rectangle that it takes."""
    _, height, width = picture.shape
    target = QRectF(corner_x, corner_y, width * scale, height * scale)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(target, image_of(picture))
    return target


def paint_frame(painter: QPainter, area: QRectF, colour: QColor, width: float) -> None:
    """Draw a frame with sharp corners along the edge of an area."""
    pen = QPen(colour, width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area)


def paint_edge(painter: QPainter, area: QRectF, colour: str) -> None:
    """Draw a hairline around a picture, whose own edge may be as light or dark as its ground."""
    paint_frame(painter, area.adjusted(-0.5, -0.5, 0.5, 0.5), QColor(colour), 1)


def faint(colour: str, opacity: float) -> QColor:
    """Return a colour through which what lies behind is seen."""
    faint = QColor(colour)
    faint.setAlphaF(opacity)
    return faint
