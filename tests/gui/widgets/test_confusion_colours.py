"""The colours of the confusion matrix: text that can be read, and the scale."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.theme import DARK, LIGHT, Colours, palette_for
from gui.widgets.confusion_colours import RateScale, cell_colour, text_colour
from tests.gui.showing import on_screen


def contrast(one: QColor, other: QColor) -> float:
    """Work out the contrast of two colours as WCAG 2 defines it."""

    def luminance(colour: QColor) -> float:
        parts = [part / 255 for part in (colour.red(), colour.green(), colour.blue())]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.fixture
def scale(qtbot: QtBot) -> RateScale:
    made = RateScale()
    return on_screen(qtbot, made, 600, made.sizeHint().height())


@pytest.mark.parametrize("colours", [LIGHT, DARK])
@pytest.mark.parametrize("right", [True, False])
def test_text_can_be_read_on_every_colour(
    qapp: QApplication, colours: Colours, right: bool
) -> None:
    palette = palette_for(colours)
    for step in range(101):
        ground = cell_colour(step / 100, palette, right=right)
        assert contrast(ground, text_colour(ground)) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_right_and_confused_are_told_apart_by_more_than_their_lightness(
    qapp: QApplication, colours: Colours
) -> None:
    """Okabe and Ito's blue and orange; nothing at all has the same colour on both sides."""
    palette = palette_for(colours)
    assert cell_colour(1.0, palette, right=True).name() == colours.pinned.lower()
    assert cell_colour(1.0, palette, right=False).name() == colours.wrong.lower()
    assert cell_colour(0.0, palette, right=True) == cell_colour(0.0, palette, right=False)


def test_the_scale_shows_the_colours_of_the_cells(scale: RateScale) -> None:
    image: QImage = scale.grab().toImage()
    strip = scale.strip()
    for share, right in ((0.25, True), (0.25, False), (0.64, True), (0.04, False)):
        distance = share**0.5 * strip.width() / 2
        middle = strip.center() + QPointF(distance if right else -distance, 0)
        found = image.pixelColor(middle.toPoint())
        expected = cell_colour(share, scale.palette(), right=right)
        for part in (QColor.red, QColor.green, QColor.blue):
            assert part(found) == pytest.approx(part(expected), abs=4)


def test_numbers_stand_at_their_shares_on_both_sides(scale: RateScale) -> None:
    strip, marks = scale.strip(), scale.marks()
    assert [number for _, number in marks] == [100, 50, 10, 1, 0, 1, 10, 50, 100]
    for x, number in marks:
        place = abs(x - strip.center().x()) / (strip.width() / 2)
        assert place**2 == pytest.approx(number / 100, abs=1e-9)


@pytest.mark.parametrize("width", range(250, 600, 25))
def test_numbers_of_the_scale_never_touch_nor_leave_it(scale: RateScale, width: int) -> None:
    scale.resize(width, scale.height())
    ends = []
    for x, number in scale.marks():
        half = scale.fontMetrics().horizontalAdvance(str(number)) / 2
        ends.append((x - half, x + half))
    assert all(later[0] - sooner[1] >= 2 for sooner, later in pairwise(ends))
    assert ends[0][0] >= 0
    assert ends[-1][1] <= width
    assert {0, 100} <= {number for _, number in scale.marks()}
