"""The canvas: strokes in pixels, pens, undo and redo, pictures, how it looks."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.widgets.drawing_canvas import SIDE, DrawingCanvas
from gui.widgets.pictures import Bytes
from tests.gui.showing import on_screen, rgb

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture
def canvas(qtbot: QtBot) -> DrawingCanvas:
    return on_screen(qtbot, DrawingCanvas(), 140, 140)  # half of the ink's size


def stroke(canvas: DrawingCanvas, *points: tuple[int, int], button: Qt.MouseButton = LEFT) -> None:
    """Draw from point to point, in the widget's px."""
    QTest.mousePress(canvas, button, pos=QPoint(*points[0]))
    for point in points[1:]:
        QTest.mouseMove(canvas, QPoint(*point))
    QTest.mouseRelease(canvas, button, pos=QPoint(*points[-1]))


def width_at(ink: Bytes, row: int) -> int:
    return int((ink[row] > 127).sum())


def test_a_stroke_is_where_the_mouse_went(qtbot: QtBot, canvas: DrawingCanvas) -> None:
    """A line down at a quarter of the width, as wide as the brush."""
    assert canvas.is_empty()
    stroke(canvas, (35, 20), (35, 70), (35, 120))
    ink = canvas.ink()
    assert ink.shape == (SIDE, SIDE)
    assert not canvas.is_empty()
    for row in (60, 140, 220):
        assert abs(width_at(ink, row) - canvas.brush) <= 1
    rows, columns = np.nonzero(ink > 127)
    assert columns.mean() == pytest.approx(70, abs=1)
    assert rows.min() == pytest.approx(40 - canvas.brush / 2, abs=2)
    assert rows.max() == pytest.approx(240 + canvas.brush / 2, abs=2)
    canvas.clear()
    QTest.mouseClick(canvas, LEFT, pos=QPoint(70, 70))
    assert (canvas.ink() > 127).sum() == pytest.approx(np.pi * (canvas.brush / 2) ** 2, rel=0.1)
    QTest.mousePress(canvas, LEFT, pos=QPoint(20, 20))
    with qtbot.waitSignal(canvas.inked):  # while one draws
        QTest.mouseMove(canvas, QPoint(60, 60))
    assert canvas.ink()[80, 80] == 255
    QTest.mouseRelease(canvas, LEFT, pos=QPoint(60, 60))


def test_undo_and_redo_walk_through_the_strokes(canvas: DrawingCanvas) -> None:
    seen = [canvas.ink()]
    stroke(canvas, (35, 20), (35, 120))
    seen.append(canvas.ink())
    stroke(canvas, (20, 70), (120, 70))
    seen.append(canvas.ink())
    stroke(canvas, (60, 20), (60, 120), button=RIGHT)
    seen.append(canvas.ink())
    canvas.clear()
    assert not canvas.ink().any()
    for ink in reversed(seen):
        canvas.undo()
        assert (canvas.ink() == ink).all()
    assert not canvas.can_undo()
    for ink in seen[1:]:
        canvas.redo()
        assert (canvas.ink() == ink).all()
    canvas.redo()
    assert canvas.is_empty()
    assert not canvas.can_redo()
    canvas.undo()
    stroke(canvas, (20, 20), (120, 20))
    assert not canvas.can_redo(), "another future has begun"


def test_a_picture_replaces_what_is_drawn_until_undo(canvas: DrawingCanvas) -> None:
    stroke(canvas, (35, 20), (35, 120))
    drawn = canvas.ink()
    picture = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE)).astype(np.uint8)
    canvas.show_picture(picture)
    assert (canvas.ink() == picture).all()
    stroke(canvas, (35, 20), (35, 120), button=RIGHT)
    assert canvas.ink()[140, 70] == 0
    canvas.undo()
    assert (canvas.ink() == picture).all()
    canvas.undo()
    assert (canvas.ink() == drawn).all()


def test_a_canvas_of_another_shape_keeps_to_a_square(canvas: DrawingCanvas) -> None:
    canvas.setMaximumWidth(500)
    canvas.resize(140, 300)
    stroke(canvas, (70, 10), (70, 130))
    columns = np.flatnonzero(canvas.ink().any(axis=0))
    assert columns.mean() == pytest.approx(SIDE / 2, abs=1)
    assert width_at(canvas.ink(), 140) == pytest.approx(canvas.brush, abs=1)


def test_an_empty_canvas_says_what_to_do_and_what_is_drawn_is_dim_while_it_is_dormant(
    canvas: DrawingCanvas,
) -> None:
    written = rgb(canvas.grab(QRect(6, 6, 128, 128)).toImage()).mean(axis=2) > 120
    assert written.sum() > 150
    assert not written[:, :3].any(), "there is nothing at the edge"
    stroke(canvas, (35, 20), (35, 120))
    image = canvas.grab().toImage()
    assert [image.pixelColor(x, 70).lightness() for x in (35, 100)] == [255, 0]
    canvas.set_dormant(True)
    assert 80 < canvas.grab().toImage().pixelColor(35, 60).lightness() < 160


@pytest.mark.parametrize("brush", [8, 56])
def test_a_ring_shows_how_wide_the_brush_is(canvas: DrawingCanvas, brush: int) -> None:
    """At half of the ink's size its radius is a quarter of the brush, on paper and on ink."""
    canvas.show_picture(
        np.tile(np.repeat(np.array([0, 255], dtype=np.uint8), SIDE // 2), (SIDE, 1))
    )
    canvas.set_ring(None)
    before = canvas.grab().toImage()
    canvas.set_brush(brush)
    for x in (35, 105):
        QTest.mouseMove(canvas, QPoint(x, 70))
        image = canvas.grab().toImage()
        changed = [i for i in range(140) if image.pixel(i, 70) != before.pixel(i, 70)]
        assert min(changed) == pytest.approx(x - brush / 4, abs=1.5)
        assert max(changed) == pytest.approx(x + brush / 4, abs=1.5)
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert canvas.grab().toImage() == before
