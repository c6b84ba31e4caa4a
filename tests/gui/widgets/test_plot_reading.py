"""The painted reading: a line, and a box where there is something to be read."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from gui.theme import LIGHT
from gui.widgets.plot_reading import Reading, paint_reading
from tests.gui.showing import rgb


def painted(heading: str, x: float, right: float, *values: str) -> QImage:
    """Paint a reading on white, where the plot lies from 40 px on, and all with its axes in 120."""
    image = QImage(240, 80, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    reading = Reading(2.5, heading, tuple((QColor("red"), "|gradients|", each) for each in values))
    plot, room = QRectF(40, 0, right - 40, 60), QRectF(0, 0, right + 10, 80)
    painter.setFont(QFont())
    paint_reading(painter, reading, x, plot, room, LIGHT)
    painter.end()
    return image


def columns(image: QImage) -> list[int]:
    """Return the columns of pixels that are not white."""
    return np.flatnonzero((rgb(image) != 255).any(axis=(0, 2))).tolist()


def test_where_no_curve_has_a_value_there_is_a_line_and_no_box() -> None:
    assert set(columns(painted("epoch 2.5", 50, 230))) <= {49, 50}
    assert max(columns(painted("epoch 2.5", 50, 230, "98 %"))) > 60, "with a value there is a box"


@pytest.mark.parametrize("x", [42.0, 75.0, 108.0])
def test_in_a_narrow_plot_the_box_stays_in_the_widget_and_the_value_is_whole(x: float) -> None:
    shown, *others = (
        painted("0.000123 to 0.000456", x, 110, value) for value in ("12.3 %", "92.3 %", "12.3 ‰")
    )
    assert max(columns(shown)) < 120
    assert shown not in others, "its first and its last letter are seen"
