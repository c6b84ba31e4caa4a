"""Histograms: bars as high as the counts say, and what is read from them."""

import csv
import io

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.compute.histogram import Histogram, count_sizes, count_values
from gui.widgets.histogram import HistogramView
from tests.gui.plots import is_near, spot
from tests.gui.showing import on_screen

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


def test_the_title_says_mean_and_deviation(view: HistogramView) -> None:
    show(view, count_values(np.array([1.0, 3.0])))
    assert view.sentence() == view.title() == "weights 2.0 ± 1.0"
    assert view.accessibleDescription() == "weights 2.0 ± 1.0"
    show(view, count_values(np.array([1.0, np.inf])))
    assert "some not finite" in view.sentence()
    show(view, count_values(np.array([np.nan])))
    assert view.sentence() == "weights: not finite"
    assert len(view.shares()) == 0
    view.grab()
    show(view, None)
    assert view.sentence() == "no weights"
    view.grab()


def test_pointing_at_a_bar_reads_it(view: HistogramView) -> None:
    show(view, histogram(4, 1, 0, 3))
    QTest.mouseMove(view.viewport(), spot(view, 0.9, 10))
    reading = view.reading()
    assert reading is not None
    assert reading.sentence() == "0.750 to 1.00: weights 37.5 %"


def test_keys_go_from_bar_to_bar(view: HistogramView) -> None:
    show(view, histogram(4, 1, 0, 3))
    view.read_at(0.3)
    assert view.accessibleDescription() == "0.250 to 0.500: weights 12.5 %"
    assert view.places().tolist() == [0.125, 0.375, 0.625, 0.875]


def test_one_value_alone_is_a_bar_too(view: HistogramView) -> None:
    show(view, count_values(np.full(5, 0.25)))
    edges, shares = view.edges(), view.shares()
    assert shares.max() == shares.sum() == 100
    place = int(shares.argmax())
    assert edges[place] < 0.25 < edges[place + 1]
    assert is_near(view.grab().toImage(), spot(view, 0.25, 40), BLUE, room=0)


def test_the_table_has_a_row_a_bar(view: HistogramView) -> None:
    show(view, histogram(4, 1, 0, 3))
    rows = list(csv.reader(io.StringIO(view.table().decode())))
    assert rows[0] == ["from", "to", "count"]
    assert rows[1] == ["0.0", "0.25", "4"]
    assert len(rows) == 5


def test_sizes_have_an_axis_of_powers_of_ten(view: HistogramView) -> None:
    show(view, count_values(np.array([1.0, 2.0])))
    show(view, count_sizes(np.array([1e-5] * 3 + [-1e-3] * 4 + [0.1] + [0.0] * 2)))
    below, _ = numbers(view)
    assert set(below) <= {"1e−5", "0.0001", "0.001", "0.010", "0.01", "0.1", "0.10"}
    assert len(below) > 1
    assert view.view.viewRange()[0] == pytest.approx([-5, -1])
    shares = view.shares()
    assert [share for share in shares if share] == pytest.approx([30, 40, 10])
    assert view.sentence().endswith("· 20.0 % are 0")
    picture = view.grab().toImage()
    edges = np.log10(view.edges())
    for place in np.flatnonzero(shares):
        middle = (edges[place] + edges[place + 1]) / 2
        assert is_near(picture, spot(view, middle, shares[place]) + QPoint(0, 3), BLUE, room=0)
    reading = view.read(-5.0)
    assert reading is not None
    assert reading.heading.startswith("1e−5 to ")
    assert reading.rows[0][2] == "30.0 %"
    rows = list(csv.reader(io.StringIO(view.table().decode())))
    assert float(rows[1][0]) == pytest.approx(1e-5)
    show(view, count_values(np.array([1.0, 2.0])))
    assert view.view.viewRange()[0] == pytest.approx([1, 2])


def test_sizes_that_are_all_the_same_or_nothing_are_said(view: HistogramView) -> None:
    show(view, count_sizes(np.full(9, 0.01)))
    low, high = view.view.viewRange()[0]
    assert (low, high) == pytest.approx((-2.5, -1.5))
    assert view.sentence() == "weights 0.010 ± 0"
    show(view, count_sizes(np.zeros(9)))
    assert view.sentence() == "weights: all 0"
    assert not len(view.edges())
    show(view, count_sizes(np.full(9, np.nan)))
    assert view.sentence() == "weights: not finite"
