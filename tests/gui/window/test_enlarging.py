"""One panel is enlarged to fill the window, by mouse and keys, and the others come back."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTabBar

from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.window.dock_parts import dock, in_view


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it."""
    return new_project


def texts(tabs: QTabBar) -> list[str]:
    return [tabs.tabText(index) for index in range(tabs.count())]


def test_an_enlarged_panel_is_not_remembered_as_the_only_one(open_window: OpenWindow) -> None:
    driver = open_window(None)
    before = in_view(driver)
    driver.samples.setFocus()
    driver.choose("enlarge_panel")
    driver.window.close()
    assert in_view(open_window(None)) == before


def test_a_double_click_on_a_title_enlarges_and_escape_ends_it(driver: Driver) -> None:
    before = in_view(driver)
    bar = dock(driver, "Predictions").titleBarWidget()
    assert bar is not None
    QTest.mouseDClick(bar, Qt.MouseButton.LeftButton)
    driver.settle()
    assert in_view(driver) == {"Network", "Predictions"}
    driver.blocks.setFocus()
    driver.press(Qt.Key.Key_Escape)
    driver.settle()
    assert in_view(driver) == before


def test_a_click_anywhere_in_a_panel_makes_it_the_one_to_enlarge(driver: Driver) -> None:
    driver.samples.setFocus()
    focused = QApplication.focusWidget()
    window, loss = driver.window, dock(driver, "Loss")
    corner = loss.mapTo(window, QPoint(loss.width() - 20, loss.height() - 20))
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, pos=corner)
    assert QApplication.focusWidget() is focused
    driver.press(Qt.Key.Key_F11)
    driver.settle()
    assert in_view(driver) == {"Network", "Loss"}


def test_a_click_on_a_tab_makes_its_panel_the_one_to_enlarge(driver: Driver) -> None:
    driver.samples.setFocus()
    tabs = next(bar for bar in driver.window.docks.findChildren(QTabBar) if "Kernels" in texts(bar))
    place = tabs.tabRect(texts(tabs).index("Kernels")).center()
    QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=place)
    driver.press(Qt.Key.Key_F11)
    driver.settle()
    assert in_view(driver) == {"Network", "Kernels"}


def test_what_covers_the_panel_in_use_is_enlarged_in_its_place(driver: Driver) -> None:
    """A tab is clicked while the keys are in the panel that it covers."""
    driver.samples.setFocus()
    tabs = next(t for t in driver.window.docks.findChildren(QTabBar) if "Draw" in texts(t))
    place = tabs.tabRect(texts(tabs).index("Confusion matrix")).center()
    QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=place)
    driver.window.docks._note(dock(driver, "Predictions"))  # as the focus may have it
    driver.choose("enlarge_panel")
    driver.settle()
    assert in_view(driver) == {"Network", "Confusion matrix"}


def test_at_the_start_the_feature_maps_are_enlarged(open_window: OpenWindow) -> None:
    driver = open_window(None)
    driver.press(Qt.Key.Key_F11)
    driver.settle()
    assert in_view(driver) == {"Network", "Feature maps"}


def test_a_floating_panel_fills_the_screen_and_leaves_the_others(driver: Driver) -> None:
    loss, before = dock(driver, "Loss"), in_view(driver)
    loss.setFloating(True)
    driver.window.docks.show_panel("Loss")
    driver.choose("enlarge_panel")
    driver.settle()
    assert loss.isMaximized()
    assert in_view(driver) >= before - {"Loss"}
    driver.choose("enlarge_panel")
    driver.settle()
    assert not loss.isMaximized()


def test_when_the_enlarged_panel_is_closed_the_others_come_back(driver: Driver) -> None:
    before = in_view(driver)
    driver.samples.setFocus()
    driver.choose("enlarge_panel")
    driver.settle()
    dock(driver, "Predictions").close()
    driver.settle()
    assert in_view(driver) == before - {"Predictions"} | {"Confusion matrix"}
