"""Growing curves: what is drawn, on which axis, in which colours."""

from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.theme import DARK, LIGHT, apply_theme
from gui.widgets.curves import Curve, CurvePlot
from tests.gui.finding import child

CURVES = {
    "loss": (
        Curve("loss batch", "train", pale=True),
        Curve("loss test", "test", Qt.PenStyle.DashLine, marked=True),
    ),
    "accuracy": (Curve("accuracy test", "test", Qt.PenStyle.DotLine, axis="right", marked=True),),
}


@pytest.fixture
def plot(qtbot: QtBot, qapp: QApplication) -> Iterator[CurvePlot]:
    apply_theme(qapp, "light")
    made = CurvePlot(CURVES, left="loss", bottom="epoch")
    qtbot.addWidget(made)
    made.resize(480, 300)
    made.show()
    yield made
    apply_theme(qapp, "light")


def axis(plot: CurvePlot, side: str) -> tuple[float, float]:
    low, high = child(plot, pg.PlotWidget).getAxis(side).range
    return low, high


def test_points_are_drawn_when_asked(plot: CurvePlot) -> None:
    plot.extend("loss test", np.array([1.0, 2.0]), np.array([0.5, 0.25]))
    assert plot.points("loss test")[0].tolist() == []
    plot.draw()
    x, y = plot.points("loss test")
    assert (x.tolist(), y.tolist()) == ([1, 2], [0.5, 0.25])
    plot.clear()
    plot.draw()
    assert plot.points("loss test")[0].tolist() == []


def test_the_axes_show_everything_from_zero(plot: CurvePlot) -> None:
    plot.extend("loss test", np.array([1.0, 8.0]), np.array([2.0, 0.25]))
    plot.extend("accuracy test", np.array([1.0, 8.0]), np.array([50.0, 99.5]))
    plot.draw()
    low, high = axis(plot, "bottom")
    assert -1 < low < 0
    assert 8 < high < 9
    low, high = axis(plot, "left")
    assert -0.5 < low < 0
    assert 2 < high < 2.5
    low, high = axis(plot, "right")
    assert -10 < low < 0
    assert 100 < high < 110


def test_a_few_outliers_do_not_flatten_the_losses(plot: CurvePlot) -> None:
    losses = np.full(1000, 0.5)
    losses[7] = 900.0
    plot.extend("loss batch", np.arange(1000) / 100, losses)
    plot.draw()
    assert axis(plot, "left")[1] < 0.6
    assert plot.points("loss batch")[1].max() == 900


def test_a_value_that_is_not_finite_is_a_gap(plot: CurvePlot) -> None:
    plot.extend("loss batch", np.arange(4.0), np.array([1.0, np.inf, np.nan, 2.0]))
    plot.draw()
    assert np.isnan(plot.points("loss batch")[1]).tolist() == [False, True, True, False]
    plot.grab()


def test_nothing_finite_is_no_error(plot: CurvePlot) -> None:
    plot.extend("loss batch", np.arange(4.0), np.full(4, np.nan))
    plot.draw()
    assert axis(plot, "left")[1] > 1


def test_very_many_points_are_thinned(plot: CurvePlot) -> None:
    losses = np.random.default_rng(0).random(200_000)
    plot.extend("loss batch", np.arange(200_000.0), losses)
    plot.draw()
    _, y = plot.points("loss batch")
    assert len(y) <= 10_200
    assert (y.min(), y.max()) == (losses.min(), losses.max())


@pytest.mark.parametrize("dark", [False, True])
def test_the_colours_follow_the_palette(
    qtbot: QtBot, qapp: QApplication, plot: CurvePlot, dark: bool
) -> None:
    apply_theme(qapp, "dark" if dark else "light")
    colours = DARK if dark else LIGHT
    qtbot.waitUntil(
        lambda: plot.grab().toImage().pixelColor(QPoint(60, 60)).name() == colours.window.lower()
    )
    widget = child(plot, pg.PlotWidget)
    assert widget.backgroundBrush().color() == QColor(colours.window)
    for side in ("left", "bottom", "right"):
        assert widget.getAxis(side).textPen().color() == QColor(colours.muted)
        assert widget.getAxis(side).labelStyle["color"] == colours.muted.lower()
    pens = {item.opts["pen"].color().name() for item in widget.listDataItems()}
    assert colours.test.lower() in pens


def test_a_line_that_is_not_a_colour_tells_the_curves_apart() -> None:
    palette = QApplication.palette()
    styles = [curve.pen(palette, 1.0).style() for group in CURVES.values() for curve in group]
    assert styles == [Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine]


def test_dragging_does_not_move_the_curves(qtbot: QtBot, plot: CurvePlot) -> None:
    plot.extend("loss test", np.array([1.0, 8.0]), np.array([2.0, 0.25]))
    plot.draw()
    before = axis(plot, "left"), axis(plot, "bottom")
    view = child(plot, pg.PlotWidget).viewport()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    QTest.mouseMove(view, QPoint(260, 140))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(260, 140))
    assert (axis(plot, "left"), axis(plot, "bottom")) == before
