"""Axes of plots: labels below each other, and numbers with room for them."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.widgets.curve import Curve
from gui.widgets.curve_plot import CurvePlot
from gui.widgets.plot import NumberAxis
from tests.gui.showing import on_screen


@pytest.mark.parametrize(("low", "high"), [(-0.8, 1.0), (0.0, 200.0), (3.1, 3.2)])
@pytest.mark.parametrize("size", [60, 140, 900])
def test_an_axis_has_two_numbers_at_least(qapp: object, low: float, high: float, size: int) -> None:
    axis = NumberAxis("bottom")
    ((_, places),) = axis.tickValues(low, high, size)
    texts = axis.tickStrings(places, 1.0, 1.0)
    assert len(texts) >= 2
    assert [float(text.replace("−", "-")) for text in texts] == pytest.approx(places)
    assert all(low <= place <= high for place in places)


def test_what_is_counted_has_whole_numbers(qapp: object) -> None:
    axis = NumberAxis("bottom")
    axis.setScale(200)
    for batches in (1, 2, 3, 7, 150):
        ((_, places),) = axis.tickValues(0.0, batches / 200, 900)
        assert all(place * 200 == pytest.approx(round(place * 200)) for place in places)
        assert all("." not in text for text in axis.tickStrings(places, 200.0, 1.0))


def plot_of(qtbot: QtBot, names: list[str], height: int) -> CurvePlot:
    """Show a plot with a curve for each name, each a little higher than the one before."""
    plot = on_screen(qtbot, CurvePlot("norm"), 420, height)
    plot.set_curves([Curve(name, "#D55E00", name) for name in names])
    for number, name in enumerate(names):
        plot.extend(name, *[np.array([1.0, 2.0 + number])] * 2)
    plot.draw()
    QApplication.processEvents()
    return plot


@pytest.mark.parametrize("names", [["a label that is long"], [f"run {n}" for n in range(6)]])
def test_labels_that_have_room_are_there_and_whole(qtbot: QtBot, names: list[str]) -> None:
    plot = plot_of(qtbot, names, 240)
    assert {label.text for label, _ in plot.right.boxes()} == set(names)
    assert plot.right.left_out() == ()
    needed = plot.fontMetrics().horizontalAdvance(names[0])
    assert plot.width() - plot.plot_area().right() > needed


def test_labels_that_have_no_room_are_left_out(qtbot: QtBot) -> None:
    names = [f"run {number}" for number in range(20)]
    plot = plot_of(qtbot, names, 120)
    area = plot.right.mapRectFromParent(plot.right.geometry())
    shown = plot.right.boxes()
    assert 1 < len(shown) < 20
    assert {label.text for label, _ in shown} == set(names[: len(shown)])
    assert min(box.top() for _, box in shown) >= area.top() - 1
    assert max(box.bottom() for _, box in shown) <= area.bottom() + 1
    assert [label.text for label in plot.right.left_out()] == names[len(shown) :]
    last = QPointF(area.center().x(), area.bottom() - 2)
    assert not any(box.contains(last) for _, box in shown), "there stands how many more there are"
    assert plot.right.left_out_at(last) == plot.right.left_out()
    assert plot.right.left_out_at(area.center()) == ()
