"""What all plots do alike: the wheel zooms, dragging moves, Fit goes back; axes, labels."""

from itertools import product

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.theme import DARK, PAPER, apply_theme, magnify
from gui.widgets.curve import Curve
from gui.widgets.curve_plot import CurvePlot
from gui.widgets.layouts import scrolling
from gui.widgets.plot import NumberAxis
from tests.gui.showing import on_screen, tooltip_at, turn_wheel
from tests.gui.waiting import wait_until


@pytest.fixture
def plot(qtbot: QtBot) -> CurvePlot:
    made = on_screen(qtbot, CurvePlot("loss"), 480, 300)
    made.set_curves([Curve("a", "train", "a")])
    grow(made, 1.0, 2.0, 8.0)
    return made


def grow(plot: CurvePlot, *times: float) -> None:
    plot.extend("a", np.array(times), np.array(times) / 10)
    plot.draw()
    QApplication.processEvents()


def shown(plot: CurvePlot) -> list[list[float]]:
    return [list(ends) for ends in plot.view.viewRange()]


def turned(
    plot: CurvePlot, steps: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> QPointF:
    """Turn the wheel in the middle of the curves; return where that is."""
    place = plot.spot(2.0, 0.4)
    turn_wheel(plot.viewport(), place, steps, keys)
    return place


def is_at_home(plot: CurvePlot) -> bool:
    return shown(plot) == [pytest.approx(ends) for ends in plot.home]


def test_the_wheel_zooms_where_the_pointer_is_and_a_double_click_fits(plot: CurvePlot) -> None:
    assert is_at_home(plot), "at first it shows everything"
    before = shown(plot)
    at = turned(plot, 3)
    after = shown(plot)
    for axis in (0, 1):
        assert after[axis][1] - after[axis][0] < 0.9 * (before[axis][1] - before[axis][0])
    assert (plot.spot(2.0, 0.4) - at).manhattanLength() < 3
    QTest.mouseDClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    assert is_at_home(plot)


def test_what_is_dragged_stays_while_the_curves_grow_until_it_is_fitted(plot: CurvePlot) -> None:
    before, view, left = shown(plot), plot.viewport(), Qt.MouseButton.LeftButton
    middle = plot.plot_area().center().toPoint()
    QTest.mousePress(view, left, pos=middle)
    for x in (-20, -40, -60):
        QTest.mouseMove(view, middle + QPoint(x, 0))
    QTest.mouseRelease(view, left, pos=middle + QPoint(-60, 0))
    moved = shown(plot)
    assert moved[0][0] > before[0][0]
    assert moved[0][1] - moved[0][0] == pytest.approx(before[0][1] - before[0][0])
    grow(plot, 40.0)
    assert shown(plot) == moved
    QTest.mouseDClick(view, left, pos=middle)
    assert shown(plot)[0][1] > 40
    assert is_at_home(plot)
    grow(plot, 90.0)
    assert shown(plot)[0][1] > 90, "from then on too"


def test_keys_zoom_and_the_menu_fits(plot: CurvePlot) -> None:
    def width() -> float:
        return shown(plot)[0][1] - shown(plot)[0][0]

    before = width()
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_Plus)
    assert width() == pytest.approx(0.8 * before)
    QTest.keyClick(plot, Qt.Key.Key_Minus)
    assert width() == pytest.approx(before)
    plot.actions()[0].trigger()
    assert is_at_home(plot)
    turned(plot, 5)
    plot.set_log(True)
    assert is_at_home(plot), "another axis shows everything"
    low, high = shown(plot)[1]
    assert low < np.log10(0.1) < np.log10(0.8) < high


def test_plots_that_follow_share_fit(plot: CurvePlot, qtbot: QtBot) -> None:
    below = on_screen(qtbot, CurvePlot("more"), 480, 300)
    below.set_curves([Curve("a", "train", "a")])
    below.follow(plot)
    below.draw()
    turned(below, 3)
    assert shown(plot)[0] == pytest.approx(shown(below)[0], rel=0.02)
    plot.fit()
    assert is_at_home(below)


def test_on_paper_it_is_dark_on_white_then_as_before(plot: CurvePlot, qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    qapp.processEvents()
    before = plot.grab().toImage()
    with plot.on_paper(2.0):
        assert plot.grab().toImage().pixelColor(200, 20).name() == PAPER.window.lower()
    assert plot.grab().toImage() == before
    assert before.pixelColor(200, 20).name() == DARK.window.lower()


def test_the_tooltip_does_not_cover_what_is_read(plot: CurvePlot, qtbot: QtBot) -> None:
    plot.setToolTip("how to read it")
    QToolTip.hideText()
    qtbot.waitUntil(lambda: QToolTip.text() == "")
    for at, expected in ((QPoint(200, 100), ""), (QPoint(5, 100), "how to read it")):
        assert tooltip_at(plot.viewport(), at) == expected
    QToolTip.hideText()


def test_larger_text_has_room_and_thicker_lines(plot: CurvePlot, qapp: QApplication) -> None:
    before = plot.plot_area(), plot.ratio
    quiet = plot.grab().toImage()
    magnify(qapp, 1.5)
    qapp.processEvents()
    plot.grab()
    area = plot.plot_area()
    assert area.left() > before[0].left() + 5, "the numbers are wider"
    assert area.right() < before[0].right() - 5, "and so are the labels"
    assert plot.ratio == pytest.approx(1.5 * before[1])
    magnify(qapp, 1.0)
    qapp.processEvents()
    assert plot.grab().toImage() == quiet


def test_where_the_panel_scrolls_the_wheel_scrolls_it_and_ctrl_zooms(qtbot: QtBot) -> None:
    page = QWidget()
    column = QVBoxLayout(page)
    plot = CurvePlot("loss")
    plot.setFixedHeight(200)
    column.addWidget(plot)
    column.addSpacing(600)
    panel = scrolling(page)
    on_screen(qtbot, panel, 480, 300)
    plot.set_curves([Curve("a", "train", "a")])
    grow(plot, 1.0, 2.0, 8.0)
    before, at = shown(plot), plot.plot_area().center()
    in_window = QPointF(plot.mapTo(panel, at.toPoint()))
    QTest.wheelEvent(panel.windowHandle(), in_window, QPoint(0, -120))
    wait_until(lambda: panel.verticalScrollBar().value() > 0)
    assert shown(plot) == before
    turned(plot, 3, Qt.KeyboardModifier.ControlModifier)
    assert shown(plot) != before
    QTest.mouseDClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert shown(plot) == before
    panel.resize(480, 900)
    QApplication.processEvents()
    turned(plot, 3)
    assert shown(plot) != before, "there is nothing to scroll"


def test_an_axis_has_two_numbers_at_least() -> None:
    axis = NumberAxis("bottom")
    for (low, high), size in product(((-0.8, 1.0), (0.0, 200.0), (3.1, 3.2)), (60, 140, 900)):
        ((_, places),) = axis.tickValues(low, high, size)
        texts = axis.tickStrings(places, 1.0, 1.0)
        assert len(texts) >= 2
        assert [float(text.replace("−", "-")) for text in texts] == pytest.approx(places)
        assert all(low <= place <= high for place in places)


def test_what_is_counted_has_whole_numbers() -> None:
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


def test_short_labels_stand_in_two_columns_where_it_is_low(qtbot: QtBot) -> None:
    names = ["batches", "smoothed", "train", "test", "earlier"]
    plot = plot_of(qtbot, names, 90)  # as low as the loss of a small window
    plot.draw()
    QApplication.processEvents()
    boxes = [box for _, box in plot.right.boxes()]
    area = plot.right.mapRectFromParent(plot.right.geometry())
    assert len(boxes) == len(names)
    assert all(area.adjusted(-1, -1, 1, 1).contains(box) for box in boxes)
    assert not any(one.intersects(two) for one in boxes for two in boxes if one is not two)
    image = plot.grab().toImage()
    for box in boxes:  # before each stands a piece of its curve
        line, beside = QPointF(box.left() + 6, box.center().y()), box.topLeft() + QPointF(6, 1)
        spots = (plot.right.mapToScene(place).toPoint() for place in (line, beside))
        assert len({image.pixelColor(spot).name() for spot in spots}) == 2


def test_labels_that_have_no_room_are_left_out(qtbot: QtBot) -> None:
    names = [f"a label with many letters {number}" for number in range(12)]
    plot = plot_of(qtbot, names, 120)
    area = plot.right.mapRectFromParent(plot.right.geometry())
    shown = plot.right.boxes()
    assert 1 < len(shown) < 12
    assert {label.text for label, _ in shown} == set(names[: len(shown)])
    assert min(box.top() for _, box in shown) >= area.top() - 1
    assert max(box.bottom() for _, box in shown) <= area.bottom() + 1
    assert [label.text for label in plot.right.left_out()] == names[len(shown) :]
