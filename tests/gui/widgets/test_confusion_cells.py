"""The cells of the confusion matrix: their colours, numbers and dots in pixels."""

from itertools import product

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter, QRegion
from PySide6.QtWidgets import QApplication

from engine.training.evaluation import Confusion
from gui.theme import DARK, LIGHT, Colours, palette_for
from gui.widgets.confusion_cells import paint_cells, tile
from gui.widgets.confusion_model import ConfusionModel

# 200 of class 3, 50 of class 5 and none of class 8, which is never predicted either.
COUNTS = np.array([[187, 12, 1], [5, 45, 0], [0, 0, 0]])
THEMES = pytest.mark.parametrize("colours", [LIGHT, DARK])


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
    """Count the pixels inside a tile that have not the colour of its corner."""
    inside = place.adjusted(3, 3, -3, -3)
    ground = image.pixel(inside.topLeft())
    spots = product(range(inside.width()), range(inside.height()))
    return sum(image.pixel(inside.left() + x, inside.top() + y) != ground for x, y in spots)


@THEMES
def test_a_cell_has_the_colour_of_its_rate(qapp: QApplication, colours: Colours) -> None:
    image = painted(colours, numbers=False)
    for row, column, rate in ((0, 0, 187 / 200), (0, 1, 12 / 200), (1, 0, 0.1), (1, 1, 0.9)):
        high = colours.pinned if row == column else colours.wrong
        found = image.pixelColor(tile(image.rect(), 3, row, column).center())
        low = QColor(colours.base)
        for part in (QColor.red, QColor.green, QColor.blue):
            mixed = part(low) + (part(QColor(high)) - part(low)) * rate**0.5
            assert part(found) == pytest.approx(mixed, abs=1.5)


@THEMES
def test_the_diagonal_is_framed_even_where_nothing_is_right(
    qapp: QApplication, colours: Colours
) -> None:
    image = painted(colours)
    for row, column in product(range(3), range(3)):
        place = tile(image.rect(), 3, row, column)
        framed = image.pixelColor(place.left(), place.top()) == QColor(colours.pinned)
        assert framed == (row == column)


@THEMES
def test_nothing_is_a_quiet_dot(qapp: QApplication, colours: Colours) -> None:
    """A few pixels in the muted colour, where a number has many."""
    image = painted(colours)
    for row, column in product(range(3), range(3)):
        spots = inked(image, tile(image.rect(), 3, row, column))
        assert (1 <= spots <= 9) if COUNTS[row, column] == 0 else spots > 15


@pytest.mark.parametrize("cell", [(6, 6), (27, 21), (138, 90), (241, 160)])
def test_every_pixel_of_a_tile_has_its_colour(qapp: QApplication, cell: tuple[int, int]) -> None:
    image = painted(LIGHT, cell=cell, numbers=False)
    for row, column in product(range(3), range(3)):
        assert inked(image, tile(image.rect(), 3, row, column).adjusted(-2, -2, 2, 2)) == 0


def test_small_cells_have_no_number(qapp: QApplication) -> None:
    image = painted(LIGHT, cell=(12, 12), numbers=False)
    for row, column in product(range(3), range(3)):
        assert inked(image, tile(image.rect(), 3, row, column)) == 0


def test_the_ground_is_seen_between_the_cells(qapp: QApplication) -> None:
    image = painted(LIGHT, cell=(12, 10), numbers=False)
    gaps = [image.pixelColor(x, 5).name() for x in (11, 23, 35)]
    assert gaps == [QColor(LIGHT.window).name()] * 3


@pytest.mark.parametrize("rates", [False, True])
def test_large_cells_say_count_and_rate(qapp: QApplication, rates: bool) -> None:
    """There is writing in both halves, where a smaller cell has it in the middle alone."""
    image = painted(LIGHT, cell=(90, 70), rates=rates)
    cell = tile(image.rect(), 3, 0, 1)
    half = QRect(cell.left(), cell.top(), cell.width(), cell.height() // 2)
    assert inked(image, half) > 20
    assert inked(image, half.translated(0, cell.height() - half.height())) > 20


def test_cells_say_both_numbers(qapp: QApplication) -> None:
    """187 of 200 are 93.5 %."""
    model = ConfusionModel()
    model.set_confusion(Confusion(COUNTS), ("3", "5", "8"))
    assert model.texts(0, 0) == ("187", "93.5 %")
    model.as_rates = True
    assert model.texts(0, 0) == ("94", "187")
    assert model.texts(2, 2) == ("0", "0")
