"""The painted reading: a line, and a box where there is something to be read."""

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from gui.theme import LIGHT
from gui.widgets.plot_reading import Reading, paint_reading

ROW = (QColor("red"), "train", "98 %")


def painted_columns(*rows: tuple[QColor, str, str]) -> set[int]:
    """Paint a reading at x = 50 on white, and return the columns of pixels that are not white."""
    image = QImage(200, 80, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    area = QRectF(image.rect())
    paint_reading(painter, Reading(2.5, "epoch 2.5", rows), 50, area, QFont(), LIGHT)
    painter.end()
    white = QColor("white")
    return {x for x in range(200) for y in range(80) if image.pixelColor(x, y) != white}


@pytest.mark.usefixtures("qapp")
def test_where_no_curve_has_a_value_there_is_a_line_and_no_box() -> None:
    assert painted_columns() <= {49, 50}
    assert max(painted_columns(ROW)) > 60, "with a value, the box stands beside the line"
