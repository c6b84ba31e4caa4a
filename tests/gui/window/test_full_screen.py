"""Full screen: one view alone, with larger text for a projector, and the one way back."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QSlider, QToolButton, QWidget

from gui.theme import small_font
from gui.widgets.number_grid import NumberGrid
from tests.gui.driving import Driver
from tests.gui.glass.specimens import check_few_values
from tests.gui.layout import layout_of


@pytest.fixture
def glass(driver: Driver) -> Iterator[Driver]:
    """Return the window with a step under glass; the text is of its usual size after the test."""
    driver.window.stage.show_panel("Step by step")
    driver.wait(lambda: bool(driver.text("glass.copy")))
    driver.settle()
    yield driver
    driver.window.stage.show_all()


def seen(driver: Driver) -> set[str]:
    stage = driver.window.stage
    return {each.title for each in stage.entries if stage.is_in_view(each.title)}


def sizes(driver: Driver) -> list[float]:
    """Read the size of the text of some widgets, with fonts of their own and without."""
    names = ("glass.views", "glass.where", "glass.sample", "glass.result", "block_list", "status")
    return [
        *(driver.find(QWidget, name).font().pointSizeF() for name in names),
        small_font().pointSizeF(),  # of what is made from now on
    ]


def is_quiet(driver: Driver) -> bool:
    """Return whether the bar has the way back, and nothing else beside what trains."""
    names = ("run.back", "run.step", "run.speed", "run.gear", "run.menu")
    visible = [driver.find(QWidget, name).isVisible() for name in names]
    assert visible in ([True, True, True, False, False], [False, True, True, True, True])
    return visible[0]


def test_one_view_fills_the_screen_and_escape_brings_the_window_back(driver: Driver) -> None:
    window, stage = driver.window, driver.window.stage
    middle = stage.stage.current
    state, before, views = window.windowState(), layout_of(window), seen(driver)
    driver.samples.setFocus()
    driver.press(Qt.Key.Key_F11)
    assert (seen(driver), window.isFullScreen(), is_quiet(driver)) == ({"Test image"}, True, True)
    driver.choose("view.kernels")  # which is in another place
    assert (seen(driver), window.isFullScreen()) == ({"Kernels"}, True)
    driver.press(Qt.Key.Key_Escape)
    stage.show_panel(middle)
    driver.settle()
    assert (window.windowState(), layout_of(window), seen(driver)) == (state, before, views)
    window.showMaximized()
    driver.settle()
    state = window.windowState()
    places = layout_of(window)[2:]  # the screen is no wider than the views need
    QTest.mouseDClick(stage.loss, Qt.MouseButton.LeftButton, pos=QPoint(200, 12))
    assert (seen(driver), window.isFullScreen()) == ({"Loss"}, True)
    QTest.mouseClick(driver.find(QToolButton, "run.back"), Qt.MouseButton.LeftButton)
    driver.settle()
    assert (window.windowState(), is_quiet(driver)) == (state, False)
    assert layout_of(window)[2:] == places


def test_for_a_projector_all_text_is_larger_until_escape(
    glass: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, before = glass.window, sizes(glass)
    result, position = glass.find(NumberGrid, "glass.result"), glass.find(QSlider, "glass.position")
    cell = result.cells().scale
    glass.choose("projector")
    glass.settle()
    assert window.minimumSizeHint().width() <= 940
    assert sizes(glass) == pytest.approx([1.5 * size for size in before])
    assert (seen(glass), window.isFullScreen(), is_quiet(glass)) == ({"Step by step"}, True, True)
    assert glass.find(QLabel, "glass.sum").isVisible()
    assert result.cells().scale > cell
    panel, place = window.panels.glass.panel, position.value()
    for key, further in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_PageDown, 2), (Qt.Key.Key_Left, 1)):
        glass.press(key)
        assert position.value() == place + further
    for playing in (True, False):
        QTest.keyClick(panel, Qt.Key.Key_Space)
        assert panel.transport.playing == playing
    glass.press(Qt.Key.Key_Escape)
    glass.settle()
    projects = glass.action("projector").isChecked()
    assert (window.isFullScreen(), projects, is_quiet(glass)) == (False, False, False)
    assert sizes(glass) == pytest.approx(before)
    assert QApplication.font().pointSizeF() == pytest.approx(before[4])
    check_few_values(monkeypatch)
    glass.make_smaller()
    glass.settle()
    check = window.panels.glass.check
    panel.tabs.setCurrentWidget(check)
    QTest.mouseClick(check.start, Qt.MouseButton.LeftButton)
    glass.wait(lambda: bool(check.checks))
    glass.choose("projector")
    glass.settle()
    assert not check.table.verticalScrollBar().isVisible(), "the rows are as high as the text"
    window.stage.show_panel("Test image")
    glass.settle()
    assert window.minimumSizeHint().width() <= 940
    glass.choose("projector")
