"""The colours of values: in the dark theme too, and with ink that can be read on them."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPalette, QPixmap
from pytestqt.qtbot import QtBot

from gui.theme import DARK, LIGHT, Colours, contrast, palette_for
from gui.widgets.colour_scale import paint_scale, table_for, takes_black
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


@pytest.mark.parametrize("kind", [NumberGrid, Mosaic])
def test_another_theme_is_followed_at_once(
    qtbot: QtBot, kind: type[NumberGrid] | type[Mosaic]
) -> None:
    made = kind("CET-D1")  # in whose middle lies zero
    show = made.set_values if isinstance(made, NumberGrid) else made.set_maps
    show(np.zeros((1, 2, 2)))
    widget, found = on_screen(qtbot, made, 300, 300), []
    for colours in (LIGHT, DARK, LIGHT):
        widget.setPalette(palette_for(colours))
        seen, expected = (
            widget.grab().toImage().pixelColor(100, 150),
            shades("CET-D1", colours)[128],
        )
        assert abs(seen.red() - expected.red()) <= 8
        assert abs(seen.blue() - expected.blue()) <= 8
        found.append(seen.lightness())
    assert found[1] < 60 < 200 < found[0]
    assert found[2] == found[0]


@pytest.mark.parametrize(("width", "texts"), [(300, ["−1.7e−3", "1.7e−3"]), (50, ["±1.7e−3"])])
def test_ends_that_would_overlap_are_one_text(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, width: int, texts: list[str]
) -> None:
    drawn: list[object] = []
    monkeypatch.setattr(QPainter, "drawText", lambda _painter, *said: drawn.append(said[-1]))
    pixmap = QPixmap(300, 40)
    painter, cells = QPainter(pixmap), QRectF(0, 0, width, 20)
    inside = QRectF(0, 0, width, 40)
    table = table_for("CET-D1", QPalette())
    paint_scale(painter, "below", cells, inside, table, (-0.0017, 0.0017))
    painter.end()
    assert drawn == texts
