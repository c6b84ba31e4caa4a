"""Histograms: bars as high as the counts say, and what is read from them."""

import csv
import io
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPicture
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.compute.histogram import Histogram, count_sizes, count_values
from gui.theme import small_font
from gui.widgets.histogram import HistogramView
from gui.widgets.plot import NumberAxis
from tests.gui.finding import not_none
from tests.gui.plots import is_near, spot
from tests.gui.showing import on_screen, rgb

BLUE = QColor("#0072B2")


@pytest.fixture
def view(qtbot: QtBot) -> HistogramView:
    return on_screen(qtbot, HistogramView("weights"), 240, 120)


def histogram(*counts: int, low: float = 0.0, high: float = 1.0) -> Histogram:
    return Histogram(np.array(counts), low, high, 0.5, 0.25)


def show(view: HistogramView, held: Histogram | None) -> None:
    view.show_histogram(held, BLUE)
    QApplication.processEvents()


def numbers(view: HistogramView) -> tuple[list[str], list[str]]:
    """Read the numbers that both axes show, below and on the left."""
    found = []
    for axis, size in ((view.bottom, view.plot_area().width()), (view.left, 80.0)):
        low, high = axis.range
        ((_, places),) = axis.tickValues(low, high, size)
        found.append(axis.tickStrings(places, 1.0, 1.0))
    return found[0], found[1]


def test_bars_are_drawn_as_high_as_their_counts_and_read(view: HistogramView) -> None:
    show(view, histogram(4, 1, 0, 3))
    picture = view.grab().toImage()
    for place, share in enumerate((50, 12.5, 0, 37.5)):
        middle = (place + 0.5) / 4
        if share:
            assert is_near(picture, spot(view, middle, share) + QPoint(0, 3), BLUE, room=0)
        if share < 50:
            assert not is_near(picture, spot(view, middle, share) - QPoint(0, 4), BLUE, room=0)
    QTest.mouseMove(view.viewport(), spot(view, 0.9, 10))
    assert view.accessibleDescription() == "0.750 to 1.00: weights 37.5 %"
    view.read_at(0.3)
    assert view.accessibleDescription() == "0.250 to 0.500: weights 12.5 %"
    assert view.places().tolist() == [0.125, 0.375, 0.625, 0.875]
    rows = list(csv.reader(io.StringIO(view.table().decode())))
    assert rows[0] == ["from", "to", "count"]
    assert rows[1] == ["0.0", "0.25", "4"]
    assert len(rows) == 5


def test_a_bar_that_towers_over_the_others_is_cut_off(view: HistogramView) -> None:
    show(view, histogram(4, 1, 0, 3))
    assert view.view.viewRange()[1] == pytest.approx([0, 50])
    show(view, histogram(900, 40, 60))
    assert view.view.viewRange()[1] == pytest.approx([0, 7.5]), "1.25 times the next"
    box = view._tower.mapRectToScene(view._tower.boundingRect()).toRect()
    assert box.contains(spot(view, 0.2, 7)), "its share stands over it"
    assert (rgb(view.grab(box).toImage()).max(axis=2) < 100).any()


def test_both_axes_have_numbers(view: HistogramView) -> None:
    for width, high, least in ((160, 1234.0, 2), (900, 0.0313, 5)):
        view.resize(width, 120)
        show(view, histogram(4, 1, 0, 3, low=-high, high=high))
        below, left = numbers(view)
        assert len(below) >= least
        assert len(left) >= 2


def written(axis: NumberAxis) -> list[str]:
    """Return the texts that an axis is drawn with."""
    picture = QPicture()
    painter = QPainter(picture)
    *_, texts = axis.generateDrawSpecs(painter)
    painter.end()
    return [text for _, _, text in texts]


def test_the_title_says_mean_and_deviation_or_that_there_are_no_values(view: HistogramView) -> None:
    for held, said in (
        (count_values(np.array([1.0, 3.0])), "weights 2.0 ± 1.0"),
        (count_values(np.array([1.0, np.inf])), "weights 1.0 ± 0 · some not finite"),
        (count_values(np.array([np.nan])), "weights: not finite"),
        (count_sizes(np.full(9, 0.01)), "weights 0.010 ± 0"),
        (count_sizes(np.zeros(9)), "weights: all 0"),
        (count_sizes(np.full(9, np.nan)), "weights: not finite"),
        (None, "no weights"),
        (histogram(4, 1, 0, 3), "weights 0.50 ± 0.25"),
    ):
        show(view, held)
        assert view.sentence() == view.title() == view.accessibleDescription() == said
        has_values = len(view.shares) > 0
        assert [bool(written(axis)) for axis in (view.bottom, view.left)] == [has_values] * 2
        view.grab()


def test_one_value_alone_is_a_bar_too(view: HistogramView) -> None:
    show(view, count_values(np.full(5, 0.25)))
    edges, shares = view.edges(), view.shares
    assert shares.max() == shares.sum() == 100
    place = int(shares.argmax())
    assert edges[place] < 0.25 < edges[place + 1]
    assert is_near(view.grab().toImage(), spot(view, 0.25, 40), BLUE, room=0)


def test_sizes_have_an_axis_of_powers_of_ten(view: HistogramView) -> None:
    show(view, count_values(np.array([1.0, 2.0])))
    show(view, count_sizes(np.array([1e-5] * 3 + [-1e-3] * 4 + [0.1] + [0.0] * 2)))
    below, _ = numbers(view)
    assert set(below) <= {"1e−5", "0.0001", "0.001", "0.010", "0.01", "0.1", "0.10"}
    assert len(below) > 1
    assert view.view.viewRange()[0] == pytest.approx([-5, -1])
    shares = view.shares
    assert [share for share in shares if share] == pytest.approx([30, 40, 10])
    assert view.sentence().endswith("· 20.0 % are 0")
    picture = view.grab().toImage()
    edges = np.log10(view.edges())
    for place in np.flatnonzero(shares):
        middle = (edges[place] + edges[place + 1]) / 2
        assert is_near(picture, spot(view, middle, shares[place]) + QPoint(0, 3), BLUE, room=0)
    reading = not_none(view.read(-5.0))
    assert reading.heading.startswith("1e−5 to ")
    assert reading.rows[0][2] == "30.0 %"
    rows = list(csv.reader(io.StringIO(view.table().decode())))
    assert float(rows[1][0]) == pytest.approx(1e-5)
    show(view, count_values(np.array([1.0, 2.0])))
    assert view.view.viewRange()[0] == pytest.approx([1, 2])
    show(view, count_sizes(np.full(9, 0.01)))
    assert view.view.viewRange()[0] == pytest.approx([-2.5, -1.5])


@pytest.mark.parametrize("ends", [(0.0005, 0.05), (0.011, 0.09), (3e-9, 0.5)])
def test_numbers_of_sizes_do_not_touch(qtbot: QtBot, ends: tuple[float, float]) -> None:
    narrow = on_screen(qtbot, HistogramView("weights"), 130, 90)
    show(narrow, count_sizes(np.geomspace(*ends, 100)))
    area = narrow.plot_area()
    low, high = narrow.bottom.range
    ((_, places),) = narrow.bottom.tickValues(low, high, area.width())
    texts = narrow.bottom.tickStrings(places, 1.0, 1.0)
    metrics = QFontMetricsF(small_font())
    found = [
        (spot(narrow, at, 0.0).x(), metrics.horizontalAdvance(text) / 2)
        for at, text in zip(places, texts, strict=True)
    ]
    assert len(found) > 1
    for (one, half), (other, other_half) in pairwise(found):
        assert one + half < other - other_half


def test_in_a_narrow_plot_the_share_of_a_tower_is_seen_whole(qtbot: QtBot) -> None:
    narrow = on_screen(qtbot, HistogramView("weights"), 130, 90)
    for counts in ((10, 10, 10, 900, 10, 10, 10), (10, 10, 900, 10, 10, 10), (900, 10, 20)):
        show(narrow, histogram(*counts))
        box = narrow._tower.mapRectToScene(narrow._tower.boundingRect())
        assert narrow.plot_area().adjusted(-1, -1, 1, 1).contains(box)
