"""The mosaic: its values, its colours pixel by pixel, and what the mouse reads from it."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.widgets.mosaic import Mosaic
from tests.gui.finding import not_none
from tests.gui.reading import tile_rect
from tests.gui.showing import on_screen


@pytest.fixture
def mosaic(qtbot: QtBot) -> Mosaic:
    return on_screen(qtbot, Mosaic(), 480, 250)


def canvas_at(mosaic: Mosaic, place: QPointF) -> tuple[QWidget, QPoint]:
    """Return what lies at a place of a mosaic, and the place in its own px."""
    found = not_none(mosaic.childAt(place.toPoint()))
    return found, found.mapFrom(mosaic, place.toPoint())


def test_the_scale_follows_the_values_or_is_given(mosaic: Mosaic) -> None:
    mosaic.set_maps(np.array([[[0.25, np.inf]], [[np.nan, 0.75]]]))
    assert mosaic.grid.levels() == (0.25, 0.75)
    picture, base = mosaic.grid.grab().toImage(), mosaic.palette().base().color()
    corners = [mosaic.grid.cells().tile(n).topLeft().toPoint() + QPoint(2, 2) for n in range(2)]
    blank = [picture.pixelColor(corner) == base for corner in corners]
    assert blank == [False, True], "a value that is not finite is left blank"
    mosaic.set_maps(np.array([[[0.25, 0.5]]]), levels=(0.0, 1.0))
    assert mosaic.grid.levels() == (0.0, 1.0)


def test_hovering_reads_the_value_and_follows_it(qtbot: QtBot, mosaic: Mosaic) -> None:
    maps = np.zeros((5, 26, 26), np.float32)
    maps[3, 2, 1] = 0.125
    mosaic.set_maps(maps)
    canvas, at = canvas_at(mosaic, tile_rect(mosaic, 3).topLeft() + QPointF(1.5 * 4, 2.5 * 4))
    QTest.mouseMove(canvas, at)
    qtbot.waitUntil(lambda: mosaic.readout.text() == "map 4, row 3, column 2: 0.1250")
    mosaic.set_maps(maps * 2)
    assert mosaic.readout.text() == "map 4, row 3, column 2: 0.2500"
    mosaic.set_maps(maps[:, :2, :2])  # of another block: what was pointed at is gone
    assert mosaic.readout.text() == ""
    mosaic.set_maps(maps)
    tile = tile_rect(mosaic, 0)
    QTest.mouseMove(*canvas_at(mosaic, QPointF(tile.right() + 1, tile.center().y())))
    assert mosaic.readout.text() == "", "a gap"
