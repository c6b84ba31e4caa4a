"""The cells of the confusion matrix: their colours, numbers and dots in pixels."""

from itertools import product

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter, QRegion
from PySide6.QtWidgets import QApplication

from engine.training.evaluation import Confusion
from gui.theme import DARK, LIGHT, Colours, palette_for
from gui.widgets.confusion_model import ConfusionModel
from gui.widgets.confusion_sheet import paint_cells, tile
from tests.gui.showing import rgb

# 200 of class 3, 50 of class 5 and none of class 8, which is never predicted either.
COUNTS = np.array([[187, 12, 1], [5, 45, 0], [0, 0, 0]])
PLACES = list(product(range(3), range(3)))


def painted(
    colours: Colours, *, cell: tuple[int, int] = (60, 30), numbers: bool = True, rates: bool = False
) -> QImage:
    model = ConfusionModel()
    model.set_confusion(Confusion(COUNTS), ("3", "5", "8"))
    model.as_rates = rates
    place = QRect(0, 0, 3 * cell[0], 3 * cell[1])
    image = QImage(place.size(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    asked = QRegion(place)
    paint_cells(painter, model, place, palette_for(colours), asked, says_numbers=numbers)
    painter.end()
    return image


def inked(image: QImage, place: QRect) -> int:
    """Count the pixels inside a place that have not the colour of its corner."""
    pixels = rgb(image.copy(place))
    return int((pixels != pixels[0, 0]).any(axis=2).sum())


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_cells_have_the_colour_of_their_rate_a_framed_diagonal_and_dots_for_nothing(
    qapp: QApplication, colours: Colours
) -> None:
    bare, full = painted(colours, numbers=False), painted(colours)
    for row, column in PLACES:
        place = tile(bare.rect(), 3, row, column)
        framed = full.pixelColor(place.topLeft()) == QColor(colours.pinned)
        assert framed == (row == column), "even where nothing is right"
        spots = inked(full, place.adjusted(3, 3, -3, -3))
        assert (1 <= spots <= 9) if COUNTS[row, column] == 0 else spots > 15
        rate = COUNTS[row, column] / max(1, COUNTS[row].sum())
        low, high = QColor(colours.base), QColor(colours.pinned if framed else colours.wrong)
        found = bare.pixelColor(place.center())
        for part in (QColor.red, QColor.green, QColor.blue):
            mixed = part(low) + (part(high) - part(low)) * rate**0.5
            assert part(found) == pytest.approx(mixed, abs=1.5)


@pytest.mark.parametrize("cell", [(6, 6), (27, 21), (138, 90), (241, 160)])
def test_every_pixel_of_a_tile_has_its_colour_and_the_ground_is_seen_between(
    qapp: QApplication, cell: tuple[int, int]
) -> None:
    image = painted(LIGHT, cell=cell, numbers=False)
    for row, column in PLACES:
        place = tile(image.rect(), 3, row, column)
        assert inked(image, place.adjusted(1, 1, -1, -1)) == 0
        assert image.pixelColor(place.right() + 1, 5).name() == QColor(LIGHT.window).name()


@pytest.mark.parametrize("rates", [False, True])
def test_large_cells_say_count_and_rate(qapp: QApplication, rates: bool) -> None:
    """There is writing in both halves, where a smaller cell has it in the middle alone."""
    image = painted(LIGHT, cell=(90, 70), rates=rates)
    cell = tile(image.rect(), 3, 0, 1).adjusted(3, 3, -3, -3)
    half = QRect(cell.left(), cell.top(), cell.width(), cell.height() // 2)
    assert inked(image, half) > 20
    assert inked(image, half.translated(0, cell.height() - half.height())) > 20
