"""Axes of plots: labels that move apart, and numbers with room for them."""

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.widgets.curve import Curve
from gui.widgets.curve_plot import CurvePlot
from tests.gui.showing import on_screen


def test_labels_that_have_no_room_are_left_out(qtbot: QtBot) -> None:
    plot = on_screen(qtbot, CurvePlot("norm"), 420, 120)
    names = [f"run {number}" for number in range(20)]
    plot.set_curves([Curve(name, "#D55E00", name) for name in names])
    for number, name in enumerate(names):
        plot.extend(name, *[np.array([1.0, 2.0 + number])] * 2)
    plot.draw()
    QApplication.processEvents()
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
