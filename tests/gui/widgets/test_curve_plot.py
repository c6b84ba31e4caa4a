"""Growing curves: what is drawn, on which axis, in which colours, and how it is labelled."""

import math

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, QRectF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from gui.theme import LIGHT
from gui.widgets.curve import Curve
from gui.widgets.curve_plot import EARLIER, CurvePlot
from gui.widgets.scales import Range
from tests.gui.plots import is_near, points_of, spot
from tests.gui.showing import on_screen
from tests.gui.widgets.curve_plots import BATCH, CURVES, draw, said


@pytest.fixture
def plot(qtbot: QtBot) -> CurvePlot:
    made = on_screen(qtbot, CurvePlot("loss"), 480, 300)
    made.set_curves(CURVES)
    return made


def across(plot: CurvePlot) -> Range:
    return tuple(plot.view.viewRange()[0])


def upwards(plot: CurvePlot) -> Range:
    return tuple(plot.view.viewRange()[1])


def labels(plot: CurvePlot) -> list[str]:
    return [label.text for label in plot.right.labels()]


@pytest.mark.parametrize("log", [False, True])
def test_the_curves_do_not_jump_when_numbers_get_longer(plot: CurvePlot, log: bool) -> None:
    plot.set_log(log)
    lefts = set[float]()
    for high in (float(f"{digits}e{power}") for power in range(-12, 31, 6) for digits in (1, 7)):
        for low in (high / 1.9, high * 1e-9):
            plot.clear_points()
            draw(plot, "loss test", [1, 2], [low, high])
            lefts.add(plot.plot_area().left())
    assert len(lefts) == 1


def test_no_positive_value_is_no_error_on_a_logarithmic_axis(plot: CurvePlot) -> None:
    plot.set_log(True)
    draw(plot, "loss test", [1, 2], [0, np.nan])
    assert all(math.isfinite(end) for end in upwards(plot))
    plot.grab()


def test_a_single_point_is_seen(plot: CurvePlot) -> None:
    draw(plot, "loss batch", [1], [1])
    assert is_near(plot.grab().toImage(), spot(plot, 1, 1), BATCH.colour(LIGHT))


def test_very_many_points_are_thinned(plot: CurvePlot) -> None:
    losses = np.random.default_rng(0).random(200_000)
    draw(plot, "loss batch", np.arange(200_000.0).tolist(), losses.tolist())
    y = points_of(plot, "loss batch")[1]
    assert len(y) <= 1002
    assert (min(y), max(y)) == (losses.min(), losses.max())


# --- marks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [3.0, 6.0])
def test_the_text_of_a_mark_is_cut_at_the_edge_and_said_whole_by_its_tooltip(
    plot: CurvePlot, at: float
) -> None:
    draw(plot, "loss test", [1, 8], [1, 1])
    words = "optimizer SGD → Adam, batch size 1 → 32, data {mnist} → a folder"
    plot.set_marks([(at, words)])
    plot.draw()
    (label,) = (item for item in plot.scene().items() if isinstance(item, pg.InfLineLabel))

    def box() -> QRectF:
        return QRectF(label.mapRectToScene(label.boundingRect()))

    assert label.toPlainText().endswith("…")
    assert plot.plot_area().adjusted(-1, -1, 1, 1).contains(box())
    middle = box().center().toPoint()
    QApplication.sendEvent(plot.viewport(), QHelpEvent(QEvent.Type.ToolTip, middle, QPoint()))
    assert QToolTip.text() == words
    plot.resize(4 * plot.width(), plot.height())
    QApplication.processEvents()
    assert label.toPlainText() == words
    assert plot.plot_area().contains(box())


# --- labels ------------------------------------------------------------------------------------


def test_earlier_runs_stay_pale_behind(plot: CurvePlot) -> None:
    old = Curve("run 1", "test", "", pale=True, marked=True)
    plot.set_earlier([(old, np.array([1.0, 9.0]), np.array([0.6, 0.4]))])
    plot.set_reach(9.0)
    draw(plot, "loss test", [1, 2], [1, 0.9])
    image = plot.grab().toImage()
    assert across(plot)[1] > 9
    assert is_near(image, spot(plot, 5, 0.5), old.colour(LIGHT))
    assert labels(plot) == ["earlier", "test"]
    plot.toggle(EARLIER)
    assert across(plot)[1] < 3
    plot.set_earlier([])
    plot.draw()
    assert labels(plot) == ["test"]


def test_long_earlier_runs_do_not_squeeze_the_present_one(plot: CurvePlot) -> None:
    old = Curve("run 1", "test", "", pale=True, marked=True)
    times = np.arange(1.0, 1001.0)
    plot.set_earlier([(old, times, 1.0 - times / 2000)])
    plot.draw()
    assert across(plot)[1] > 1000
    draw(plot, "loss test", [1, 2, 3], [1, 0.9, 0.8])
    assert 6 <= across(plot)[1] < 8
    plot.set_reach(20.0)
    plot.draw()
    assert 20 <= across(plot)[1] < 22
    assert labels(plot) == ["earlier", "test"]
    at_edge = next(label.at for label in plot.right.labels() if label.text == "earlier")
    assert at_edge == pytest.approx(1.0 - 20 / 2000, abs=0.01)
    plot.toggle("loss test")
    assert across(plot)[1] > 1000


# --- the time ----------------------------------------------------------------------------------


def test_batches_are_counted_within_the_first_epoch(plot: CurvePlot) -> None:
    plot.set_batches(200)
    draw(plot, "loss batch", [1 / 200, 2 / 200, 3 / 200], [1.0, 0.9, 0.8])
    plot.read_at(2 / 200)
    assert said(plot) == "batch 2: loss batch 0.9000"
    ticks = plot.bottom.tickValues(*across(plot), 400)[0][1]
    texts = plot.bottom.tickStrings(ticks, 200.0, 1.0)
    assert "2" in texts
    assert ticks[texts.index("2")] == pytest.approx(2 / 200)
    draw(plot, "loss test", [1], [0.5])
    plot.read_at(1.0)
    assert said(plot).startswith("epoch 1:")
    assert plot.bottom.tickStrings(plot.bottom.tickValues(*across(plot), 400)[0][1], 1.0, 1.0)[
        -1
    ] in ("1", "1.0")


# --- the looks ---------------------------------------------------------------------------------


def test_a_point_between_gaps_is_seen_among_many(plot: CurvePlot) -> None:
    plot.set_curves((Curve("units", "train", "units"),))
    x = [float(i) for i in range(20)]
    draw(plot, "units", x, [1.0] * 20)
    assert plot._held["units"].item.opts["symbol"] is None
    draw(plot, "units", [20.0, 21.0, 21.0], [math.nan, 1.0, math.nan])
    assert plot._held["units"].item.opts["symbol"] == "o"
