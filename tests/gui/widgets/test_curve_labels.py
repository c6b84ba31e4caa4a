"""The labels at the ends of growing curves."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from gui.theme import LIGHT
from gui.widgets.curve_plot import CurvePlot
from gui.widgets.scales import Range
from tests.gui.plots import is_near, spot
from tests.gui.showing import on_screen
from tests.gui.widgets.curve_plots import CURVES, draw, said


@pytest.fixture
def plot(qtbot: QtBot) -> CurvePlot:
    made = on_screen(qtbot, CurvePlot("loss"), 480, 300)
    made.set_curves(CURVES)
    return made


def upwards(plot: CurvePlot) -> Range:
    return tuple(plot.view.viewRange()[1])


def labels(plot: CurvePlot) -> list[str]:
    return [label.text for label in plot.right.labels()]


def test_a_label_stands_at_the_end_of_its_curve(plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 2, 3], [0.9, 0.2, 0.8])
    draw(plot, "loss smoothed", [1, 2, 3], [0.9, 0.2, 0.2])
    assert labels(plot) == ["smoothed", "test"]
    boxes = {label.text: box for label, box in plot.right.boxes()}
    offset = plot.right.sceneBoundingRect().top() - plot.right.boundingRect().top()
    for text, y in (("smoothed", 0.2), ("test", 0.8)):
        centre = boxes[text].center().y() + offset
        assert centre == pytest.approx(spot(plot, 3, y).y(), abs=3)
    image = plot.grab().toImage()
    beside = QPoint(round(plot.plot_area().right()) + 5, spot(plot, 3, 0.8).y())
    assert is_near(image, beside, LIGHT.test)


def test_a_click_on_a_label_hides_its_curve(plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 2, 3], [0.9, 0.2, 0.8])
    draw(plot, "loss smoothed", [1, 2, 3], [9.0, 9.0, 9.0])
    high = upwards(plot)[1]
    (box,) = (box for label, box in plot.right.boxes() if label.text == "smoothed")
    at = plot.mapFromScene(plot.right.mapToScene(box.center()))
    QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert upwards(plot)[1] < high / 2, "what is left has the room"
    assert [label.faint for label in plot.right.labels()] == [True, False]
    plot.read_at(3.0)
    assert said(plot) == "epoch 3: loss test 0.8000"
    (box,) = (box for label, box in plot.right.boxes() if label.text == "smoothed")
    at = plot.mapFromScene(plot.right.mapToScene(box.center()))
    QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert upwards(plot)[1] == high


def test_the_menu_hides_a_curve_too(plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 2], [0.9, 0.2])
    draw(plot, "loss smoothed", [1, 2], [0.9, 0.2])
    menu = plot.make_menu()
    (curves,) = menu.findChildren(QMenu)
    names = {action.text(): action for action in curves.actions()}
    assert list(names) == ["loss smoothed", "loss test"]
    names["loss test"].trigger()
    assert [label.faint for label in plot.right.labels()] == [False, True]
    menu.deleteLater()


def test_the_label_of_a_curve_of_points_has_a_point(plot: CurvePlot) -> None:
    draw(plot, "loss train", [1.0, 2.0], [0.5, 0.4])
    draw(plot, "loss test", [1.0, 2.0], [0.9, 0.1])
    dotted = {label.text: label.dotted for label in plot.right.labels()}
    assert dotted == {"train": True, "test": False}
