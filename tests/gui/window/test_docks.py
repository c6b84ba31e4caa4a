"""Where the panels stand: moved ones come back, one can be enlarged, and all can be put back."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel, QScrollArea, QTabBar

from engine.paths import home
from gui.window.title_bar import TitleBar
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it."""
    return new_project


def dock(driver: Driver, title: str) -> QDockWidget:
    docks = driver.window.docks.findChildren(QDockWidget)
    return next(dock for dock in docks if dock.windowTitle() == title)


def in_view(driver: Driver) -> set[str]:
    """Return the titles of the panels that can be seen."""
    docks = driver.window.docks.findChildren(QDockWidget)
    return {dock.windowTitle() for dock in docks if not dock.visibleRegion().isEmpty()}


def test_the_panels_of_the_mission_are_seen_together(driver: Driver) -> None:
    assert in_view(driver) >= {"Network", "Feature maps", "Loss", "Predictions"}


def test_a_panel_behind_another_is_brought_to_the_front(driver: Driver) -> None:
    assert "Living network" not in in_view(driver)
    driver.window.docks.show_panel("Living network")
    driver.settle()
    assert "Living network" in in_view(driver)
    assert "Feature maps" not in in_view(driver)


def test_a_closed_panel_stays_closed_in_the_next_window(open_window: OpenWindow) -> None:
    driver = open_window(None)
    dock(driver, "Loss").close()
    driver.window.docks.show_panel("Living network")
    driver.window.resize(1400, 900)
    driver.settle()
    driver.window.close()
    again = open_window(None)
    assert (again.window.width(), again.window.height()) == (1400, 900)
    assert dock(again, "Loss").isHidden()
    assert "Living network" in in_view(again)
    again.choose("reset_layout")
    again.settle()
    assert in_view(again) >= {"Loss", "Training settings", "Feature maps", "Predictions"}


def test_a_floating_panel_comes_back_with_the_layout(driver: Driver) -> None:
    dock(driver, "Loss").setFloating(True)
    dock(driver, "Network").close()
    driver.choose("reset_layout")
    driver.settle()
    assert not dock(driver, "Loss").isFloating()
    assert dock(driver, "Network").isVisible()


def test_a_floating_panel_comes_up_before_the_next_window(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = open_window(None)
    bar = dock(driver, "Loss").titleBarWidget()
    assert isinstance(bar, TitleBar)
    QTest.mouseClick(bar.float, Qt.MouseButton.LeftButton)
    place = dock(driver, "Loss").geometry()
    driver.window.close()
    raised: list[str] = []
    raise_ = QDockWidget.raise_

    def note(panel: QDockWidget) -> None:
        if panel.isVisible() and panel.window().isVisible():
            raised.append(panel.windowTitle())
        raise_(panel)

    monkeypatch.setattr(QDockWidget, "raise_", note)
    driver = open_window(None)
    driver.settle()
    loss = dock(driver, "Loss")
    assert loss.isFloating()
    assert loss.isVisible()
    assert loss.geometry() == place
    assert raised == ["Loss"]


def test_a_panel_floats_within_the_screen(driver: Driver) -> None:
    window, loss = driver.window, dock(driver, "Loss")
    bar = loss.titleBarWidget()
    assert isinstance(bar, TitleBar)
    window.move(-700, -300)
    try:
        QTest.mouseClick(bar.float, Qt.MouseButton.LeftButton)
        assert loss.screen().availableGeometry().contains(loss.geometry())
    finally:
        window.move(0, 0)


def texts(tabs: QTabBar) -> list[str]:
    return [tabs.tabText(index) for index in range(tabs.count())]


def test_one_panel_is_enlarged_and_the_others_come_back(driver: Driver) -> None:
    before, width = in_view(driver), dock(driver, "Predictions").width()
    driver.samples.setFocus()
    driver.press(Qt.Key.Key_F11)
    driver.settle()
    assert in_view(driver) == {"Network", "Predictions"}
    assert dock(driver, "Predictions").width() > 1.5 * width
    driver.press(Qt.Key.Key_F11)
    driver.settle()
    assert in_view(driver) == before
    assert dock(driver, "Predictions").width() == width


def test_an_enlarged_panel_is_not_remembered_as_the_only_one(open_window: OpenWindow) -> None:
    driver = open_window(None)
    before = in_view(driver)
    driver.samples.setFocus()
    driver.choose("enlarge_panel")
    driver.window.close()
    assert in_view(open_window(None)) == before


def test_another_panel_is_shown_although_one_is_enlarged(driver: Driver) -> None:
    driver.samples.setFocus()
    driver.choose("enlarge_panel")
    driver.window.docks.show_panel("Loss")
    driver.settle()
    assert "Loss" in in_view(driver)


def test_the_view_menu_and_its_keys_bring_a_panel_to_the_front_and_never_close_it(
    driver: Driver,
) -> None:
    for _ in range(2):
        driver.choose("show_kernels")
        driver.settle()
        assert "Kernels" in in_view(driver)
        assert not driver.action("show_kernels").isCheckable()
    driver.press(Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    driver.settle()
    assert "Feature maps" in in_view(driver)
    assert "Kernels" not in in_view(driver)
    dock(driver, "Kernels").close()
    driver.choose("show_kernels")
    driver.settle()
    assert "Kernels" in in_view(driver)


def test_what_the_view_menu_has_shown_is_enlarged(driver: Driver) -> None:
    driver.choose("show_loss")
    driver.press(Qt.Key.Key_F11)
    driver.settle()
    assert in_view(driver) == {"Network", "Loss"}


def test_the_title_bar_enlarges_and_shows_the_way_back(driver: Driver) -> None:
    before = in_view(driver)
    bar = dock(driver, "Loss").titleBarWidget()
    assert isinstance(bar, TitleBar)
    QTest.mouseClick(bar.enlarge, Qt.MouseButton.LeftButton)
    driver.settle()
    assert in_view(driver) == {"Network", "Loss"}
    assert (bar.enlarge.text(), bar.enlarge.toolButtonStyle()) == (
        "Back to all panels",
        Qt.ToolButtonStyle.ToolButtonTextBesideIcon,
    )
    assert driver.action("enlarge_panel").text() == "&Back to all panels"
    QTest.mouseClick(bar.enlarge, Qt.MouseButton.LeftButton)
    driver.settle()
    assert in_view(driver) == before
    assert driver.action("enlarge_panel").text() == "&Enlarge panel"


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


def test_a_panel_is_put_into_a_framed_window_beside_its_old_place_and_back(driver: Driver) -> None:
    loss, before = dock(driver, "Loss"), in_view(driver)
    bar = loss.titleBarWidget()
    assert isinstance(bar, TitleBar)
    old = loss.mapToGlobal(QPoint(0, 0))
    QTest.mouseClick(bar.float, Qt.MouseButton.LeftButton)
    driver.settle()
    assert loss.isFloating()
    assert loss.isVisible()
    assert loss.windowFlags() & Qt.WindowType.WindowTitleHint
    assert not loss.windowFlags() & Qt.WindowType.FramelessWindowHint
    assert loss.pos() != old
    QTest.mouseClick(bar.float, Qt.MouseButton.LeftButton)
    driver.settle()
    assert not loss.isFloating()
    assert in_view(driver) == before


def test_a_panel_in_use_is_enlarged_although_the_focus_went_to_the_network(
    driver: Driver,
) -> None:
    driver.samples.setFocus()
    driver.blocks.setFocus()
    driver.press(Qt.Key.Key_F11)
    driver.settle()
    assert in_view(driver) == {"Network", "Predictions"}


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


def test_without_any_panel_the_window_says_how_to_get_them_back(driver: Driver) -> None:
    said = driver.find(QLabel, "arrangement.empty")
    assert not said.isVisible()
    for each in driver.window.docks.findChildren(QDockWidget):
        each.close()
    driver.settle()
    assert said.isVisible()
    assert "Reset layout" in said.text()
    driver.choose("reset_layout")
    driver.settle()
    assert not said.isVisible()


@pytest.mark.parametrize(
    "layout",
    [
        None,
        {"version": 1, "docks": "!"},
        {"version": 1, "panels": [], "docks": "AAAA"},
        {"version": 99, "panels": ["Loss"], "docks": "AAAA"},
    ],
)
def test_what_cannot_be_read_gives_the_first_layout(
    layout: object, open_window: OpenWindow
) -> None:
    home().mkdir(parents=True)
    (home() / "preferences.json").write_text(json.dumps({"layout": layout}), "utf-8")
    driver = open_window(None)
    assert in_view(driver) >= {"Network", "Feature maps", "Loss", "Predictions"}
    assert (driver.window.width(), driver.window.height()) == (1280, 800)


@pytest.mark.parametrize(
    ("change", "size"),
    [
        ({"version": 99}, (1100, 700)),
        ({"docks": "AAAA"}, (1100, 700)),
        ({"panels": ["Loss"]}, (1100, 700)),
        ({"docks": "!"}, (1280, 800)),  # it is no base64, so the file says nothing
    ],
)
def test_a_layout_that_does_not_fit_gives_the_first_one(
    open_window: OpenWindow, change: dict[str, object], size: tuple[int, int]
) -> None:
    driver = open_window(None)
    dock(driver, "Loss").close()
    driver.window.resize(1100, 700)
    driver.settle()
    driver.window.close()
    path = home() / "preferences.json"
    held = json.loads(path.read_text("utf-8"))
    held["layout"].update(change)
    path.write_text(json.dumps(held), "utf-8")
    again = open_window(None)
    assert in_view(again) >= {"Network", "Feature maps", "Loss", "Predictions"}
    assert (again.window.width(), again.window.height()) == size


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_a_folder_or_a_pipe_in_the_place_of_the_file_does_no_harm(
    open_window: OpenWindow, make: Callable[[Path], None]
) -> None:
    home().mkdir(parents=True)
    make(home() / "preferences.json")
    driver = open_window(None)
    assert in_view(driver) >= {"Network", "Feature maps", "Loss", "Predictions"}
    assert driver.window.files.recent.paths() == []


def test_tabs_have_a_name(driver: Driver) -> None:
    bars = driver.window.docks.findChildren(QTabBar)
    assert bars
    assert all(bar.accessibleName() for bar in bars)


def test_a_panel_behind_another_tab_is_hidden_and_comes_back(driver: Driver) -> None:
    panels = driver.window.panels.by_title()
    assert not panels["Kernels"].isVisible()
    size = panels["Feature maps"].size()
    driver.window.docks.show_panel("Kernels")
    driver.wait(panels["Kernels"].isVisible)
    assert not panels["Feature maps"].isVisible()
    driver.window.docks.show_panel("Feature maps")
    driver.wait(panels["Feature maps"].isVisible)
    assert not panels["Kernels"].isVisible()
    assert panels["Feature maps"].size() == size


def test_a_larger_window_gives_room_to_all_panels_and_takes_it_back(driver: Driver) -> None:
    titles = ("Network", "Feature maps", "Loss")
    driver.window.resize(1280, 800)
    driver.settle()
    before = [dock(driver, title).width() for title in titles]
    driver.window.resize(1920, 1080)
    driver.settle()
    larger = [dock(driver, title).width() for title in titles]
    assert all(now > 1.3 * then for now, then in zip(larger, before, strict=True))
    driver.window.resize(1280, 800)
    driver.settle()
    after = [dock(driver, title).width() for title in titles]
    assert after == pytest.approx(before, abs=5)


def test_the_smallest_window_shows_all_places_with_their_tabs(driver: Driver) -> None:
    window = driver.window
    window.resize(940, 620)
    driver.settle()
    assert (window.width(), window.height()) == (940, 620)
    for tabs in window.docks.findChildren(QTabBar):
        if tabs.isVisible():
            assert tabs.visibleRegion().boundingRect() == tabs.rect()
    assert in_view(driver) >= {"Network", "Feature maps", "Loss", "Predictions"}


def test_in_a_window_that_is_smaller_still_the_panels_scroll(driver: Driver) -> None:
    window = driver.window
    window.resize(700, 380)
    driver.settle()
    assert window.width() <= 700
    assert window.height() <= 380
    area = next(each for each in window.findChildren(QScrollArea) if each.widget() is window.docks)
    last = dock(driver, "Training settings")
    assert last.visibleRegion().isEmpty()
    area.ensureWidgetVisible(last)
    driver.settle()
    assert not last.visibleRegion().isEmpty()
