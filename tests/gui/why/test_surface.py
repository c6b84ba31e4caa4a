"""The surface: where points are seen, what hides what, and how it is turned."""

from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.array_types import Array
from gui.why.surface import Surface
from gui.widgets.colour_scale import lookup_table

SIDE = 7
KEYS, LEFT = Qt.Key, Qt.MouseButton.LeftButton


@pytest.fixture
def surface(qtbot: QtBot) -> Surface:
    made = Surface("surface")
    qtbot.addWidget(made)
    made.resize(600, 500)
    axis = np.linspace(-1, 1, SIDE)
    heights = np.sin(4 * axis)[:, np.newaxis] + np.cos(5 * axis)
    made.show_heights("heights", heights, axis, axis, np.array([[3.0, 3.0]]))
    made.show()
    return made


def grid(surface: Surface) -> Array:
    """Return where the points of the grid are seen (rows, columns, 3)."""
    places = np.moveaxis(np.indices((SIDE, SIDE), np.float64), 0, -1)
    return surface.project(places, surface.heights)


def depth_in(triangle: Array, spot: Array) -> float:
    """Return how near a triangle (3, 3) of px and depth is at a spot; −∞ beside it."""
    system = np.vstack((triangle[:, :2].T, np.ones(3)))
    shares = np.linalg.solve(system, [*spot, 1.0])
    return float(shares @ triangle[:, 2]) if (shares > -1e-9).all() else -np.inf


def is_near(one: QColor, other: QColor) -> bool:
    """Return whether two colours are the same but for rounding."""
    pairs = [(c.red(), c.green(), c.blue()) for c in (one, other)]
    return all(abs(part - of_other) <= 2 for part, of_other in zip(*pairs, strict=True))


def from_edge(spot: Array, quad: Array) -> float:
    """Return how many px a spot is away from the lines around a quad (4, 3)."""
    starts, ways = quad[:, :2], np.roll(quad[:, :2], -1, axis=0) - quad[:, :2]
    shares = ((spot - starts) * ways).sum(axis=1) / (ways**2).sum(axis=1)
    nearest = starts + np.clip(shares, 0, 1)[:, np.newaxis] * ways
    return float(np.linalg.norm(nearest - spot, axis=1).min())


def test_from_above_it_lies_as_the_contour_does(surface: Surface) -> None:
    surface.turn, surface.tilt = 0, 90
    spots = grid(surface)
    cell = spots[0, 1, 0] - spots[0, 0, 0]
    for row in range(SIDE):
        for column in range(SIDE):
            expected = spots[0, 0, :2] + (column * cell, row * cell)
            np.testing.assert_allclose(spots[row, column, :2], expected, atol=1e-9)


@pytest.mark.parametrize(("turn", "tilt"), [(30, 20), (205, 15)])
def test_what_is_nearer_hides_what_is_behind(surface: Surface, turn: float, tilt: float) -> None:
    surface.turn, surface.tilt = turn, tilt
    spots, heights = grid(surface), surface.heights
    up, slope = (heights - heights.min()) / np.ptp(heights), np.radians(tilt)
    spots[..., 2] = spots[..., 2] * np.cos(slope) + 0.6 * up * np.sin(slope)
    cells = [(row, column) for row in range(SIDE - 1) for column in range(SIDE - 1)]
    corners = {
        (r, c): np.array([spots[r, c], spots[r, c + 1], spots[r + 1, c + 1], spots[r + 1, c]])
        for r, c in cells
    }
    image, table = surface.grab().toImage(), lookup_table("viridis")
    seen = hidden = 0
    for cell in cells:
        middle = corners[cell][:, :2].mean(axis=0)
        depths = {
            other: max(depth_in(quad[[0, 1, 2]], middle), depth_in(quad[[0, 2, 3]], middle))
            for other, quad in corners.items()
        }
        first, second = sorted(depths, key=lambda other: -depths[other])[:2]
        if (
            depths[first] - depths[second] < 0.15
            or min(map(partial(from_edge, middle), corners.values())) < 2
        ):
            continue
        row, column = first
        mean = heights[row : row + 2, column : column + 2].mean()
        step = round(255 * (mean - heights.min()) / np.ptp(heights))
        found = image.pixelColor(QPointF(*middle).toPoint())
        assert is_near(found, QColor(*map(int, table[step]))), (cell, first)
        seen += 1
        hidden += first != cell
    assert seen > 5
    assert hidden > 0


def test_keys_and_dragging_turn_it(surface: Surface) -> None:
    before = surface.grab().toImage()
    for key in (KEYS.Key_Right, KEYS.Key_Up):
        QTest.keyClick(surface, key)
    assert (surface.turn, surface.tilt) == (40, 45)
    assert surface.grab().toImage() != before
    for key in (KEYS.Key_Left, KEYS.Key_Down):
        QTest.keyClick(surface, key)
    assert surface.grab().toImage() == before
    for _ in range(20):
        QTest.keyClick(surface, KEYS.Key_Up)
    assert surface.tilt == 90
    for _ in range(20):
        QTest.keyClick(surface, KEYS.Key_Down)
    assert surface.tilt == 5
    front = grid(surface).reshape(-1, 3)[:, 2].argmax()
    left = grid(surface).reshape(-1, 3)[front, 0]
    QTest.mousePress(surface, LEFT, pos=QPoint(300, 250))
    QTest.mouseMove(surface, QPoint(320, 250))
    QTest.mouseRelease(surface, LEFT, pos=QPoint(320, 250))
    assert grid(surface).reshape(-1, 3)[front, 0] > left


def test_the_path_lies_on_it(surface: Surface) -> None:
    flat, axis = np.zeros((SIDE, SIDE)), np.linspace(-1, 1, SIDE)
    surface.show_heights("flat", flat, axis, axis, np.array([[1.0, 2.0], [4.5, 5.0]]))
    spots = surface.project(np.array([[1.0, 2.0], [4.5, 5.0]]), 0.0)
    image = surface.grab().toImage()
    for across, down, _ in spots.tolist():
        assert image.pixelColor(QPointF(across, down).toPoint()) == QColor("white")
    middle = QPointF(*spots.mean(axis=0)[:2].tolist()).toPoint()
    assert is_near(image.pixelColor(middle), surface.palette().highlight().color())
