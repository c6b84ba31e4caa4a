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
    paint_reading(painter, Reading(2.5, "epoch 2.5", rows), 50, area, area, QFont(), LIGHT)
    painter.end()
    white = QColor("white")
    return {x for x in range(200) for y in range(80) if image.pixelColor(x, y) != white}


@pytest.mark.usefixtures("qapp")
def test_where_no_curve_has_a_value_there_is_a_line_and_no_box() -> None:
    assert painted_columns() <= {49, 50}
    assert max(painted_columns(ROW)) > 60, "with a value, the box stands beside the line"


def narrow(value: str, x: float) -> QImage:
    """Paint a long reading where the plot lies from 40 to 110 px, and all with its axes in 120."""
    image = QImage(240, 80, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    reading = Reading(2.5, "0.000123 to 0.000456", ((QColor("red"), "|gradients|", value),))
    plot, room = QRectF(40, 0, 70, 60), QRectF(0, 0, 120, 80)
    paint_reading(painter, reading, x, plot, room, QFont(), LIGHT)
    painter.end()
    return image


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("x", [42.0, 75.0, 108.0])
def test_in_a_narrow_plot_the_box_stays_in_the_widget_and_the_value_is_whole(x: float) -> None:
    white, shown = QColor("white"), narrow("12.3 %", x)
    beyond = {c for c in range(120, 240) for y in range(80) if shown.pixelColor(c, y) != white}
    assert beyond == set()
    assert shown != narrow("92.3 %", x), "its first letter is seen"
    assert shown != narrow("12.3 ‰", x), "its last letter is seen"
