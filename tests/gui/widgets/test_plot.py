"""What all plots do alike: the wheel zooms, dragging moves, Fit goes back, keys zoom."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QToolTip, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.theme import DARK, PAPER, apply_theme, magnify
from gui.widgets.curve import Curve
from gui.widgets.curve_plot import CurvePlot
from gui.widgets.scrolling import scrolling
from tests.gui.finding import child
from tests.gui.showing import on_screen
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


def turn_wheel(
    plot: CurvePlot,
    at: QPointF,
    steps: int,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    event = QWheelEvent(
        at,
        plot.viewport().mapToGlobal(at),
        QPoint(0, 0),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(plot.viewport(), event)


def drag(plot: CurvePlot, start: QPoint, end: QPoint) -> None:
    view, left = plot.viewport(), Qt.MouseButton.LeftButton
    QTest.mousePress(view, left, pos=start)
    for share in (0.3, 0.6, 1.0):
        QTest.mouseMove(view, start + (end - start) * share)
    QTest.mouseRelease(view, left, pos=end)


def fit_button(plot: CurvePlot) -> QToolButton:
    return child(plot, QToolButton)


def has_button(plot: CurvePlot) -> bool:
    return any(button.isVisible() for button in plot.findChildren(QToolButton))


def test_at_first_it_shows_everything_and_has_no_button(plot: CurvePlot) -> None:
    assert shown(plot) == [pytest.approx(ends) for ends in plot.home()]
    assert not has_button(plot)


def test_the_wheel_zooms_where_the_pointer_is(plot: CurvePlot) -> None:
    at, before = plot.spot(2.0, 0.4), shown(plot)
    turn_wheel(plot, at, 3)
    after = shown(plot)
    for axis in (0, 1):
        assert after[axis][1] - after[axis][0] < 0.9 * (before[axis][1] - before[axis][0])
    assert (plot.spot(2.0, 0.4) - at).manhattanLength() < 3
    assert plot._moved


def test_dragging_moves(plot: CurvePlot) -> None:
    before = shown(plot)
    middle = plot.plot_area().center().toPoint()
    drag(plot, middle, middle + QPoint(-60, 0))
    after = shown(plot)
    assert after[0][0] > before[0][0]
    assert after[0][1] - after[0][0] == pytest.approx(before[0][1] - before[0][0])


def test_what_is_moved_stays_while_the_curves_grow_until_it_is_fitted(plot: CurvePlot) -> None:
    turn_wheel(plot, plot.spot(2.0, 0.4), 3)
    moved = shown(plot)
    grow(plot, 40.0)
    assert shown(plot) == moved
    QTest.mouseClick(fit_button(plot), Qt.MouseButton.LeftButton)
    assert shown(plot)[0][1] > 40
    assert not has_button(plot)
    grow(plot, 90.0)
    assert shown(plot)[0][1] > 90, "from then on too"


def test_a_double_click_fits(plot: CurvePlot) -> None:
    turn_wheel(plot, plot.spot(2.0, 0.4), -3)
    QTest.mouseDClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    assert not plot._moved
    assert shown(plot) == [pytest.approx(ends) for ends in plot.home()]


def test_keys_zoom_and_the_menu_fits(plot: CurvePlot, qtbot: QtBot) -> None:
    width = shown(plot)[0][1] - shown(plot)[0][0]
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_Plus)
    assert shown(plot)[0][1] - shown(plot)[0][0] == pytest.approx(0.8 * width)
    QTest.keyClick(plot, Qt.Key.Key_Minus)
    assert shown(plot)[0][1] - shown(plot)[0][0] == pytest.approx(width)
    assert plot._moved
    menu = plot.make_menu()
    menu.actions()[0].trigger()
    assert not plot._moved
    menu.deleteLater()


def test_plots_that_follow_share_fit(plot: CurvePlot, qtbot: QtBot) -> None:
    below = on_screen(qtbot, CurvePlot("more"), 480, 300)
    below.set_curves([Curve("a", "train", "a")])
    below.follow(plot)
    below.draw()
    turn_wheel(below, below.plot_area().center(), 3)
    assert plot._moved
    assert has_button(plot)
    assert not has_button(below), "one button is enough"
    assert shown(plot)[0] == pytest.approx(shown(below)[0], rel=0.02)
    plot.fit()
    assert not below._moved


def test_on_paper_it_is_dark_on_white_and_then_as_before(
    plot: CurvePlot, qapp: QApplication
) -> None:
    apply_theme(qapp, "dark")
    qapp.processEvents()
    before = plot.grab().toImage()
    with plot.on_paper(2.0):
        assert plot.grab().toImage().pixelColor(200, 20).name() == PAPER.window.lower()
    assert plot.grab().toImage() == before
    assert before.pixelColor(200, 20).name() == DARK.window.lower()


def test_another_axis_shows_everything(plot: CurvePlot) -> None:
    turn_wheel(plot, plot.spot(2.0, 0.4), 5)
    plot.set_log(True)
    assert not plot._moved
    assert shown(plot) == [pytest.approx(ends) for ends in plot.home()]
    low, high = shown(plot)[1]
    assert low < np.log10(0.1) < np.log10(0.8) < high


def test_the_tooltip_does_not_cover_what_is_read(plot: CurvePlot, qtbot: QtBot) -> None:
    plot.setToolTip("how to read it")
    QToolTip.hideText()
    qtbot.waitUntil(lambda: QToolTip.text() == "")
    for at, expected in ((QPoint(200, 100), ""), (QPoint(5, 100), "how to read it")):
        where = plot.viewport().mapToGlobal(at)
        QApplication.sendEvent(plot.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, where))
        assert QToolTip.text() == expected
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


def test_what_is_read_does_not_lie_under_the_fit_button(plot: CurvePlot) -> None:
    plot.read_at(2.0)
    plot._on_moved()
    QApplication.processEvents()
    fit = QRectF(fit_button(plot).geometry())
    assert not plot._free_area().intersects(fit.adjusted(1, 1, -1, -1))
    plot.fit()
    assert plot._free_area() == plot.plot_area()


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
    assert not plot._moved
    turn_wheel(plot, at, 3, Qt.KeyboardModifier.ControlModifier)
    assert shown(plot) != before
    QTest.mouseDClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert shown(plot) == before
    panel.resize(480, 900)
    QApplication.processEvents()
    turn_wheel(plot, at, 3)
    assert plot._moved, "there is nothing to scroll"
