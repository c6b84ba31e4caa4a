"""Histograms: bars as high as the counts say, and what is read from them."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.inspection.unit_health import Histogram, count_values
from gui.widgets.histogram import HistogramView
from tests.gui.showing import on_screen

BLUE = QColor("#0072B2")


@pytest.fixture
def view(qtbot: QtBot) -> HistogramView:
    return on_screen(qtbot, HistogramView("weights"), 240, 120)


def histogram(*counts: int, low: float = 0.0, high: float = 1.0) -> Histogram:
    return Histogram(np.array(counts), low, high, 0.5, 0.25)


def test_bars_are_drawn_as_high_as_their_counts(view: HistogramView) -> None:
    view.show_histogram(histogram(4, 1, 0, 2), BLUE)
    bars, picture = view.bars(), view.grab().toImage()
    heights = [bar.height() for bar in bars]
    assert heights == pytest.approx([heights[0] * share for share in (1, 0.25, 0, 0.5)])
    assert [bar.left() for bar in bars[1:]] == pytest.approx([bar.right() for bar in bars[:-1]])
    for bar in (bars[0], bars[1], bars[3]):
        assert picture.pixelColor(QPoint(int(bar.center().x()), int(bar.bottom() - 3))) == BLUE
        above = QPoint(int(bar.center().x()), int(bar.top() - 4))
        assert picture.pixelColor(above) != BLUE


def test_a_bar_that_towers_over_the_others_is_cut_off(view: HistogramView) -> None:
    view.show_histogram(histogram(900, 40, 60), BLUE)
    heights = [bar.height() for bar in view.bars()]
    assert heights[2] == pytest.approx(heights[0] / 1.25)
    assert heights[1] == pytest.approx(heights[2] * 2 / 3)


def test_the_height_of_the_plot_is_said_as_a_share_of_all_values(view: HistogramView) -> None:
    view.show_histogram(histogram(4, 1, 0, 3), BLUE)
    assert view.top() == "50 %"
    view.show_histogram(histogram(900, 40, 60), BLUE)
    assert view.top() == "7.5 %", "to which the tower is cut off"
    quiet = view.grab().toImage()
    area = QRect(0, 0, int(view.bars()[0].left()) - 4, 40)
    said = view.grab(area).toImage()
    view.show_histogram(None, BLUE)
    assert view.top() == ""
    assert said != view.grab(area).toImage()
    assert quiet != view.grab().toImage()


@pytest.mark.parametrize("width", [160, 240, 900])
@pytest.mark.parametrize("high", [1.0, 0.0313, 1234.0])
def test_the_axis_has_numbers_that_do_not_touch(
    view: HistogramView, width: int, high: float
) -> None:
    view.resize(width, 120)
    view.show_histogram(histogram(4, 1, 0, 3, low=-high, high=high), BLUE)
    metrics, bars = QFontMetricsF(view.font()), view.bars()
    left, right = bars[0].left(), bars[-1].right()
    spans = []
    for value, text in view.ticks():
        x = left + (value + high) / (2 * high) * (right - left)
        half = metrics.horizontalAdvance(text) / 2
        spans.append((x - half, x + half))
    assert len(spans) >= (5 if width == 900 else 2)
    assert all(one[1] < other[0] for one, other in pairwise(spans))


def test_the_title_says_mean_and_deviation(view: HistogramView) -> None:
    view.show_histogram(count_values(np.array([1.0, 3.0])), BLUE)
    assert view.sentence() == "weights 2.0 ± 1.0"
    assert view.accessibleDescription() == "weights 2.0 ± 1.0"
    view.show_histogram(count_values(np.array([1.0, np.inf])), BLUE)
    assert "some not finite" in view.sentence()
    view.show_histogram(count_values(np.array([np.nan])), BLUE)
    assert view.sentence() == "weights: not finite"
    assert view.bars() == []
    view.grab()
    view.show_histogram(None, BLUE)
    assert view.sentence() == "no weights"
    view.grab()


def test_pointing_at_a_bar_reads_it(view: HistogramView) -> None:
    view.show_histogram(histogram(4, 1, 0, 3), BLUE)
    QTest.mouseMove(view, view.bars()[3].center().toPoint())
    assert view.sentence() == "0.750 to 1.00: 37.5 %"


def test_one_value_alone_is_a_bar_too(view: HistogramView) -> None:
    view.show_histogram(count_values(np.full(5, 0.25)), BLUE)
    (bar,) = (bar for bar in view.bars() if bar.height() > 0)
    assert 2 <= bar.width() <= 10
    assert view.grab().toImage().pixelColor(bar.center().toPoint()) == BLUE
