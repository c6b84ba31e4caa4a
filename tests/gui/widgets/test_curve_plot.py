"""Growing curves: what is drawn, on which axis, in which colours, and how it is labelled."""

import math

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRectF
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from gui.theme import DARK, LIGHT, apply_theme, contrast
from gui.widgets.curve import Curve
from gui.widgets.curve_plot import BEST, EARLIER, PERCENT, CurvePlot
from gui.widgets.scales import Range
from tests.gui.plots import curve_names, is_near, points_of, spot
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


def test_points_are_drawn_when_asked(plot: CurvePlot) -> None:
    plot.extend("loss test", np.array([1.0, 2.0]), np.array([0.5, 0.25]))
    assert points_of(plot, "loss test") == ([], [])
    plot.draw()
    assert points_of(plot, "loss test") == ([1, 2], [0.5, 0.25])
    plot.clear_points()
    plot.draw()
    assert points_of(plot, "loss test") == ([], [])


class Paints(QObject):
    """Counts how often a widget is painted."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_between_its_parts_nothing_is_painted_but_a_picture_can_be_taken(plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 2, 4], [0.9, 0.2, 0.1])
    paints = Paints()
    plot.viewport().installEventFilter(paints)
    plot.extend("loss test", np.array([5.0]), np.array([0.05]))
    first, *others = plot.parts()
    first()
    QApplication.processEvents()
    assert paints.count == 0
    corner = plot.grab().toImage().pixelColor(2, plot.height() - 2)
    assert corner.name() == LIGHT.window.lower()
    paints.count = 0
    for part in others:
        part()
    QApplication.processEvents()
    assert paints.count == 1
    assert is_near(plot.grab().toImage(), spot(plot, 5, 0.05), LIGHT.test)


def test_curves_have_their_names(plot: CurvePlot) -> None:
    assert curve_names(plot) == []
    names = [item.opts["name"] for item in plot.listDataItems()]
    assert names == [BEST, *(curve.name for curve in CURVES)]


def test_a_point_is_where_its_axes_say(plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 2, 4], [0.9, 0.2, 0.1])
    image = plot.grab().toImage()
    for x, y in ((1, 0.9), (2, 0.2), (3, 0.15)):
        assert is_near(image, spot(plot, x, y), LIGHT.test), (x, y)
    assert not is_near(image, spot(plot, 3, 0.8), LIGHT.test)


def test_points_without_a_line_are_points(plot: CurvePlot) -> None:
    draw(plot, "loss train", [1, 3], [0.9, 0.1])
    image = plot.grab().toImage()
    assert is_near(image, spot(plot, 1, 0.9), LIGHT.train)
    assert not is_near(image, spot(plot, 2, 0.5), LIGHT.train, room=4)


def test_the_axes_show_everything_from_zero(plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 8], [2, 0.25])
    low, high = across(plot)
    assert -1 < low < 0
    assert 8 < high < 9
    low, high = upwards(plot)
    assert -0.5 < low < 0
    assert 2 < high < 2.5


def test_a_fixed_scale_stays(qtbot: QtBot) -> None:
    plot = CurvePlot("accuracy, %", scale=PERCENT, in_percent=True)
    qtbot.addWidget(plot)
    plot.set_curves([Curve("accuracy", "test", "test", marked=True)])
    draw(plot, "accuracy", [1, 2], [40.0, 50.0])
    assert upwards(plot) == pytest.approx((-4, 104))
    plot.read_at(2.0)
    assert said(plot) == "epoch 2: accuracy 50.00 %"


def test_the_axes_stay_while_the_curves_grow_a_bit(plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 8.1], [2.1, 0.25])
    before = across(plot), upwards(plot)
    draw(plot, "loss test", [8.2, 9], [2.2, 2.3])
    assert (across(plot), upwards(plot)) == before


def test_a_run_that_goes_on_begins_where_it_goes_on(plot: CurvePlot) -> None:
    draw(plot, "loss batch", [100.01, 101.9], [1, 1])
    assert 99 < across(plot)[0] < 100


def test_a_logarithmic_axis_shows_the_small_values_apart(plot: CurvePlot) -> None:
    plot.set_log(True)
    draw(plot, "loss test", [1, 2, 3], [1, 0.01, 0.0001])
    image = plot.grab().toImage()
    for x, power in ((1, 0), (2, -2), (3, -4)):
        assert is_near(image, spot(plot, x, power), LIGHT.test), x
    assert points_of(plot, "loss test")[1] == [1, 0.01, 0.0001], "the values stay what they are"
    plot.set_log(False)
    plot.draw()
    assert upwards(plot)[1] == pytest.approx(1.04)


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


def test_a_first_spike_does_not_flatten_the_losses(plot: CurvePlot) -> None:
    losses = np.full(1000, 0.5)
    losses[2] = 900.0
    times = (np.arange(1000) / 100).tolist()
    draw(plot, "loss batch", times, losses.tolist())
    draw(plot, "loss smoothed", times, losses.tolist())
    assert upwards(plot)[1] < 0.6
    assert max(points_of(plot, "loss batch")[1]) == 900


def test_no_mean_of_an_epoch_lies_outside(plot: CurvePlot) -> None:
    draw(plot, "loss smoothed", [1, 2, 3], [0.5, 0.5, 0.5])
    draw(plot, "loss test", [1, 2, 3], [0.5, 900, 0.5])
    assert upwards(plot)[1] > 900


def test_noisy_batches_leave_the_means_half_the_height(plot: CurvePlot) -> None:
    draw(plot, "loss batch", [1, 2, 3], [30, 40, 20])
    draw(plot, "loss test", [1, 2, 3], [3, 2, 1])
    assert 6 < upwards(plot)[1] < 7


def test_a_value_that_is_not_finite_is_a_gap(plot: CurvePlot) -> None:
    draw(plot, "loss batch", [0, 1, 2, 3, 4, 5], [1.1, 0.9, np.inf, np.nan, 1.1, 0.9])
    gaps = np.isnan(points_of(plot, "loss batch")[1]).tolist()
    assert gaps == [False, False, True, True, False, False]
    image, pale = plot.grab().toImage(), BATCH.colour(LIGHT)
    assert is_near(image, spot(plot, 0.5, 1), pale)
    assert is_near(image, spot(plot, 4.5, 1), pale)
    assert not is_near(image, spot(plot, 2.5, 1), pale)


def test_a_single_point_is_seen(plot: CurvePlot) -> None:
    draw(plot, "loss batch", [1], [1])
    assert is_near(plot.grab().toImage(), spot(plot, 1, 1), BATCH.colour(LIGHT))


def test_nothing_finite_is_no_error(plot: CurvePlot) -> None:
    draw(plot, "loss batch", [0, 1, 2, 3], [np.nan] * 4)
    assert upwards(plot)[1] > 1
    plot.grab()


def test_very_many_points_are_thinned(plot: CurvePlot) -> None:
    losses = np.random.default_rng(0).random(200_000)
    draw(plot, "loss batch", np.arange(200_000.0).tolist(), losses.tolist())
    y = points_of(plot, "loss batch")[1]
    assert len(y) <= 1002
    assert (min(y), max(y)) == (losses.min(), losses.max())


# --- marks -------------------------------------------------------------------------------------


def test_the_best_point_has_a_ring(plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 2, 3], [0.9, 0.2, 0.4])
    beside = spot(plot, 2, 0.2) + QPoint(0, 6)
    assert not is_near(plot.grab().toImage(), beside, LIGHT.text, room=1)
    plot.set_best((2.0, 0.2))
    plot.draw()
    assert points_of(plot, BEST) == ([2], [0.2])
    assert is_near(plot.grab().toImage(), beside, LIGHT.text, room=1)
    plot.set_best((2.0, math.nan))
    plot.draw()
    assert points_of(plot, BEST) == ([], [])


def test_a_mark_is_a_line_over_the_whole_height(plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 8], [1, 1])
    bare = plot.grab().toImage()
    plot.set_marks([(4.0, "rate 0.1 → 0.05")])
    plot.draw()
    image = plot.grab().toImage()
    for y in (0.1, 0.5):
        assert is_near(image, spot(plot, 4, y), LIGHT.muted, room=1)
        assert not is_near(bare, spot(plot, 4, y), LIGHT.muted, room=1)
    plot.set_marks([])
    plot.draw()
    assert plot.grab().toImage() == bare


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


def test_the_text_of_a_mark_can_be_read_over_many_curves(plot: CurvePlot) -> None:
    draw(plot, "loss batch", np.linspace(0, 8, 4000).tolist(), [0.0, 1.0] * 2000)
    plot.set_marks([(3.0, "rate 0.1 → 900")])
    plot.draw()
    (label,) = (item for item in plot.scene().items() if isinstance(item, pg.InfLineLabel))
    box = label.mapRectToScene(label.boundingRect()).toRect().adjusted(3, 3, -3, -3)
    image = plot.grab().toImage()
    found = [
        image.pixelColor(x, y)
        for x in range(box.left(), box.right())
        for y in range(box.top(), box.bottom())
    ]
    ground = QColor(LIGHT.window)
    assert found.count(ground) > len(found) / 2
    assert any(contrast(each, ground) > 7 for each in found), "letters"


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


@pytest.mark.parametrize("dark", [False, True])
def test_the_colours_follow_the_palette(qapp: QApplication, plot: CurvePlot, dark: bool) -> None:
    draw(plot, "loss test", [1, 2], [0.9, 0.2])
    plot.grab()
    apply_theme(qapp, "dark" if dark else "light")
    qapp.processEvents()
    colours, image = DARK if dark else LIGHT, plot.grab().toImage()
    assert image.pixelColor(300, 40).name() == colours.window.lower()
    assert is_near(image, spot(plot, 2, 0.2), colours.test)


def test_curves_of_one_colour_have_different_shades() -> None:
    shades = {Curve("", "#D55E00", "", shade=shade).colour(LIGHT).name() for shade in range(4)}
    assert len(shades) == 4


def test_a_point_between_gaps_is_seen_among_many(plot: CurvePlot) -> None:
    plot.set_curves((Curve("units", "train", "units"),))
    x = [float(i) for i in range(20)]
    draw(plot, "units", x, [1.0] * 20)
    assert plot._held["units"].item.opts["symbol"] is None
    draw(plot, "units", [20.0, 21.0, 21.0], [math.nan, 1.0, math.nan])
    assert plot._held["units"].item.opts["symbol"] == "o"


def test_the_time_may_begin_before_all_curves(plot: CurvePlot) -> None:
    draw(plot, "loss batch", [4.0, 4.5], [0.5, 0.4])
    assert across(plot)[0] > 3
    plot.set_begin(0.0)
    plot.draw()
    assert across(plot)[0] <= 0
