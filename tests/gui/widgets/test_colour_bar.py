"""The colours of values: in the dark theme too, and with ink that can be read on them."""

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.theme import DARK, LIGHT, Colours, contrast, palette_for
from gui.widgets.colour_bar import ColourBar, table_for, takes_black
from gui.widgets.mosaic import Mosaic
from gui.widgets.number_grid import NumberGrid
from tests.gui.showing import on_screen

MAPS = ("viridis", "CET-D1", "CET-D2")


def shades(name: str, colours: Colours) -> list[QColor]:
    return [QColor(*(int(part) for part in row)) for row in table_for(name, palette_for(colours))]


@pytest.mark.parametrize("name", MAPS[1:])
def test_zero_is_next_to_the_ground_and_the_ends_are_far_from_it(name: str) -> None:
    for colours in (LIGHT, DARK):
        found, ground = shades(name, colours), QColor(colours.window)
        away = [contrast(colour, ground) for colour in found]
        assert max(away[127:129]) < 1.3
        assert min(away[0], away[255]) > 2.5


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_the_ink_can_be_read_on_every_colour(name: str, colours: Colours) -> None:
    black = takes_black(table_for(name, palette_for(colours)))
    for colour, dark in zip(shades(name, colours), black, strict=True):
        assert contrast(colour, QColor("black" if dark else "white")) >= 4.5


def _made(kind: type[QWidget]) -> QWidget:
    """Return a widget in whose middle lies zero."""
    if kind is NumberGrid:
        grid = NumberGrid("CET-D1")
        grid.set_values(np.zeros((2, 2)))
        return grid
    if kind is Mosaic:
        mosaic = Mosaic("CET-D1")
        mosaic.set_maps(np.zeros((1, 2, 2)))
        return mosaic
    bar = ColourBar("CET-D1")
    bar.set_levels((-1.0, 1.0))
    return bar


@pytest.mark.parametrize(("kind", "x"), [(NumberGrid, 100), (Mosaic, 100), (ColourBar, 6)])
def test_another_theme_is_followed_at_once(qtbot: QtBot, kind: type[QWidget], x: int) -> None:
    widget, found = on_screen(qtbot, _made(kind), 300, 300), []
    for colours in (LIGHT, DARK, LIGHT):
        widget.setPalette(palette_for(colours))
        seen, expected = widget.grab().toImage().pixelColor(x, 150), shades("CET-D1", colours)[128]
        assert abs(seen.red() - expected.red()) <= 8
        assert abs(seen.blue() - expected.blue()) <= 8
        found.append(seen.lightness())
    assert found[1] < 60 < 200 < found[0]
    assert found[2] == found[0]
