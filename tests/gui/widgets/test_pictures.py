"""Pictures are drawn pixel by pixel, grey or in colour."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from gui.widgets.pictures import Bytes, draw_picture, whole_scale


def drawn(picture: Bytes, scale: float) -> tuple[QImage, QRectF]:
    image = QImage(20, 20, QImage.Format.Format_RGB32)
    image.fill(QColor("magenta"))
    painter = QPainter(image)
    place = draw_picture(painter, 2, 4, scale, picture)
    painter.end()
    return image, place


def test_a_picture_is_drawn_by_whole_pixels_in_grey_or_in_colour() -> None:
    image, place = drawn(np.array([[[0, 100, 255], [7, 8, 9]]], np.uint8), 3)
    assert place == QRectF(2, 4, 9, 6)
    for column, grey in enumerate((0, 100, 255)):
        for x in range(3):
            assert image.pixelColor(2 + 3 * column + x, 6) == QColor(grey, grey, grey)
    assert image.pixelColor(11, 4) == QColor("magenta")
    channels_last = np.array([[[200, 10, 20], [1, 2, 250]]], np.uint8)
    image, _ = drawn(np.moveaxis(channels_last, -1, 0), 2)
    assert image.pixelColor(3, 5) == QColor(200, 10, 20)
    assert image.pixelColor(5, 5) == QColor(1, 2, 250)


@pytest.mark.parametrize(
    ("size", "ratio", "scale"),
    [(56, 1.0, 2.0), (83, 1.0, 2.0), (20, 1.0, 1.0), (56, 1.5, 2.0), (50, 2.0, 1.5)],
)
def test_a_pixel_takes_whole_px_of_the_screen(size: float, ratio: float, scale: float) -> None:
    assert whole_scale(size, 28, ratio) == scale
