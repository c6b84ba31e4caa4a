"""Labels beside curves: where they are put, and that they are drawn there."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from gui.widgets.curves import Curve, CurvePlot
from gui.widgets.labels import TICK, moved_apart
from tests.gui.showing import on_screen


@given(st.lists(st.floats(0, 300), max_size=12))
def test_labels_do_not_lie_on_each_other(places: list[float]) -> None:
    moved = moved_apart(sorted(places), 15.0, 0.0, 300.0)
    assert all(after - before >= 15 - 1e-9 for before, after in pairwise(moved))
    assert all(7.5 - 1e-9 <= place <= 292.5 + 1e-9 for place in moved)


def test_labels_stay_where_there_is_room() -> None:
    assert moved_apart([50.0, 100.0], 15.0, 0.0, 300.0) == [50.0, 100.0]
    assert moved_apart([100.0, 101.0, 102.0], 10.0, 0.0, 120.0) == [95.0, 105.0, 115.0]


@pytest.fixture
def plot(qtbot: QtBot) -> CurvePlot:
    curves = (
        Curve("1 Conv", "train", label="1 Conv", ink="#0072B2"),
        Curve("4 Dense", "train", label="4 Dense 100", ink="#D55E00"),
    )
    return on_screen(
        qtbot, CurvePlot({"": curves}, left="norm", bottom="epoch", right=None), 420, 240
    )


def test_a_label_and_the_curve_have_the_curve_s_own_colour(plot: CurvePlot) -> None:
    plot.set_log(True)
    plot.extend("1 Conv", np.array([0.0, 1.0]), np.array([0.001, 0.001]))
    plot.extend("4 Dense", np.array([0.0, 1.0]), np.array([1.0, 1.0]))
    plot.draw()
    assert plot.legend() == [], "labels are there instead"
    area, chart, picture = plot.plot_area(), plot.chart(), plot.grab().toImage()
    assert area.right() < plot.width() - 70, "there is room for the labels"
    assert chart.right is None
    for value, colour in ((0.001, "#0072b2"), (1.0, "#d55e00")):
        y = round(area.bottom() - chart.left.share(value) * area.height())
        beside = {
            picture.pixelColor(QPoint(int(area.right()) + TICK // 2, y + dy)).name()
            for dy in (-1, 0, 1)
        }
        assert colour in beside
        text = {
            picture.pixelColor(QPoint(int(area.right()) + TICK + 4 + dx, y + dy)).lightness() < 100
            for dx in range(40)
            for dy in range(-5, 6)
        }
        assert True in text, "the label is written"


def test_keys_read_points_where_there_are_no_means(plot: CurvePlot) -> None:
    plot.extend("1 Conv", np.array([0.5, 1.0]), np.array([0.001, 0.002]))
    plot.draw()
    plot.read_at(0.5)
    reading = plot.reading()
    assert reading is not None
    assert reading.sentence() == "epoch 0.50: 1 Conv 0.001000"
