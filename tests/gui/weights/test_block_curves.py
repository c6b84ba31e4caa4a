"""Curves of blocks: what grows before there is a plot is in it once it is drawn."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from gui.weights.gradient_curves import BlockCurves
from gui.widgets.curve import Curve
from gui.widgets.curve_plot import BEST, CurvePlot
from gui.widgets.growing_curve import Floats
from tests.gui.plots import curve_names, points_of
from tests.gui.showing import on_screen

MANY = 5_000  # points, more than are kept
BLOCKS = tuple(Curve(name, "train", name) for name in ("1 Conv 5", "4 Dense 100"))


class Bench:
    """Curves on the screen, and the plots that were made for them."""

    def __init__(self, qtbot: QtBot) -> None:
        self.made: list[CurvePlot] = []
        curves = BlockCurves(lambda: CurvePlot("norm"), "Nothing yet.")
        curves.plot_made.connect(self.made.append)
        self.curves = on_screen(qtbot, curves, 480, 300)
        self.curves.set_curves(BLOCKS)

    def draw(self) -> CurvePlot:
        for part in self.curves.parts():
            part()
        [plot] = self.made
        return plot


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return Bench(qtbot)


def times_and_values(begin: int, end: int) -> tuple[Floats, Floats]:
    times = np.arange(begin, end, dtype=np.float64)
    return times, 2.0 + np.sin(times)


def test_no_plot_is_made_before_it_is_drawn(bench: Bench) -> None:
    bench.curves.extend("1 Conv 5", *times_and_values(0, 3))
    bench.curves.set_batches(7)
    bench.curves.clear_points()
    assert bench.made == []
    assert bench.curves.sentence() == "Nothing yet."
    plot = bench.draw()
    assert plot.isVisible()
    assert bench.curves.sentence() == ""
    assert curve_names(bench.curves) == [BEST, *(curve.name for curve in BLOCKS)]
    assert bench.draw() is plot, "and it is made once"


@pytest.mark.parametrize("drawn_at", [(), (1,), (2_500,), (1, 3_000)])
def test_it_shows_the_points_of_a_plot_that_was_told_all(
    qtbot: QtBot, bench: Bench, drawn_at: tuple[int, ...]
) -> None:
    other = on_screen(qtbot, CurvePlot("norm"), 480, 300)
    other.set_curves(BLOCKS)
    ends = (*drawn_at, MANY)
    for begin, end in zip((0, *ends), ends, strict=False):
        for name in ("1 Conv 5", "4 Dense 100"):
            bench.curves.extend(name, *times_and_values(begin, end))
            other.extend(name, *times_and_values(begin, end))
        bench.draw()
    other.draw()
    plot = bench.draw()
    for name in ("1 Conv 5", "4 Dense 100"):
        x, y = points_of(bench.curves, name)
        assert 100 < len(x) < MANY
        assert (x, y) == points_of(other, name)
    assert plot.home() == other.home()


def test_other_curves_and_points_take_the_place_of_those_before(bench: Bench) -> None:
    bench.curves.extend("1 Conv 5", *times_and_values(0, 3))
    plot = bench.draw()
    plot.read_at(1.0)
    assert plot.reading() is not None
    bench.curves.clear_points()
    assert plot.reading() is None
    bench.draw()
    assert points_of(bench.curves, "1 Conv 5") == ([], [])
    bench.curves.set_curves([Curve("2 Conv 5", "train", "2 Conv")])
    bench.curves.extend("2 Conv 5", np.array([4.0]), np.array([5.0]))
    bench.draw()
    assert curve_names(bench.curves) == [BEST, "2 Conv 5"]
    assert points_of(bench.curves, "2 Conv 5") == ([4.0], [5.0])


def test_time_before_the_first_point_and_batches_are_shown_as_they_were_told(bench: Bench) -> None:
    bench.curves.set_batches(200)
    bench.curves.extend("1 Conv 5", np.array([0.25, 0.5]), np.array([1.0, 2.0]))
    assert list(bench.curves.rows()) == [("1 Conv 5", 0.25, 1.0), ("1 Conv 5", 0.5, 2.0)]
    assert bench.made == []
    plot = bench.draw()
    assert plot.bottom.scale == 200
    bench.curves.clear_points()
    bench.curves.set_begin(3.0)
    bench.curves.extend("1 Conv 5", np.array([6.5, 7.0]), np.array([1.0, 2.0]))
    bench.draw()
    assert 2.5 < plot.home()[0][0] <= 3.0
    assert plot.bottom.scale == 1
