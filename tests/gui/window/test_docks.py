"""Where the panels stand: moved ones come back, one can be enlarged, and all can be put back."""

import json
from dataclasses import dataclass

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QScrollArea, QTabBar

from engine.paths import home
from gui.storage.preferences import Preferences
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.window.dock_parts import dock, drag_border, in_view, title_bar

FIRST = {"Network", "Feature maps", "Loss", "Predictions", "Training settings"}
LEFT = Qt.MouseButton.LeftButton


def test_the_next_window_has_the_panels_where_they_were(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = open_window(None)
    driver.window.resize(1400, 900)
    driver.settle()
    drag_border(driver, 60)
    dock(driver, "Training settings").close()
    driver.window.docks.show_panel("Living network")
    QTest.mouseClick(title_bar(driver, "Predictions").float, LEFT)
    driver.settle()
    places = {title: dock(driver, title).geometry() for title in ("Predictions", "Living network")}
    before = in_view(driver)
    driver.samples.setFocus()
    driver.window.docks.toggle_enlarged("Living network")  # which is not remembered
    driver.window.close()
    raised: list[str] = []
    raise_ = QDockWidget.raise_

    def note(panel: QDockWidget) -> None:
        if panel.isVisible() and panel.window().isVisible():
            raised.append(panel.windowTitle())
        raise_(panel)

    monkeypatch.setattr(QDockWidget, "raise_", note)
    again = open_window(None)
    again.settle()
    assert (again.window.width(), again.window.height()) == (1400, 900)
    assert in_view(again) == before
    assert dock(again, "Training settings").isHidden()
    assert dock(again, "Predictions").isFloating()
    assert dock(again, "Predictions").geometry() == places["Predictions"]
    width = places["Living network"].width()
    assert dock(again, "Living network").width() == pytest.approx(width, abs=2)
    assert raised == ["Predictions"], "it comes up before the window"
    again.choose("reset_layout")
    again.settle()
    assert in_view(again) == FIRST
    assert not dock(again, "Predictions").isFloating()


def test_a_panel_is_put_into_a_framed_window_beside_its_old_place_and_back(driver: Driver) -> None:
    loss, before, window = dock(driver, "Loss"), in_view(driver), driver.window
    old = loss.mapToGlobal(QPoint(0, 0))
    QTest.mouseClick(title_bar(driver, "Loss").float, LEFT)
    driver.settle()
    assert loss.isFloating()
    assert loss.isVisible()
    assert loss.windowFlags() & Qt.WindowType.WindowTitleHint
    assert not loss.windowFlags() & Qt.WindowType.FramelessWindowHint
    assert loss.pos() != old
    QTest.mouseClick(title_bar(driver, "Loss").float, LEFT)
    driver.settle()
    assert not loss.isFloating()
    assert in_view(driver) == before
    window.move(-700, -300)
    try:
        QTest.mouseClick(title_bar(driver, "Loss").float, LEFT)
        assert loss.screen().availableGeometry().contains(loss.geometry())
    finally:
        window.move(0, 0)


def test_a_layout_that_does_not_fit_gives_the_first_one(driver: Driver) -> None:
    docks, held = driver.window.docks, Preferences()
    docks.remember(held)
    assert held.layout is not None
    changes: tuple[dict[str, object], ...] = (
        {"version": 99},
        {"docks": b"\0\0\0"},
        {"panels": ["Loss"]},
        {"parts": {"Cellar": (0.3, 0.3)}},
    )
    for change in changes:
        dock(driver, "Loss").close()
        docks.restore(Preferences(layout=msgspec.structs.replace(held.layout, **change)))
        driver.settle()
        assert in_view(driver) == FIRST, change


def test_a_size_is_remembered_though_the_layout_does_not_fit(open_window: OpenWindow) -> None:
    layout = {"version": 99, "panels": ["Loss"], "docks": "AAAA"}
    home().mkdir(parents=True)
    (home() / "preferences.json").write_text(
        json.dumps({"window": {"size": [1100, 700]}, "layout": layout}), "utf-8"
    )
    window = open_window(None).window
    assert (window.width(), window.height()) == (1100, 700)


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


# --- enlarging ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Enlarged:
    """What is in view while a panel is enlarged, and again after that."""

    during: set[str]
    after: set[str]


def enlarge(driver: Driver) -> Enlarged:
    views = []
    for _ in range(2):
        driver.choose("enlarge_panel")
        driver.settle()
        views.append(in_view(driver))
    return Enlarged(*views)


def click_tab(driver: Driver, title: str) -> None:
    for tabs in driver.window.docks.findChildren(QTabBar):
        titles = [tabs.tabText(index) for index in range(tabs.count())]
        if title in titles:
            QTest.mouseClick(tabs, LEFT, pos=tabs.tabRect(titles.index(title)).center())


def test_the_panel_that_was_used_last_is_enlarged(driver: Driver) -> None:
    window, before = driver.window, in_view(driver)
    QTest.mouseDClick(title_bar(driver, "Predictions"), LEFT)
    driver.settle()
    assert in_view(driver) == {"Network", "Predictions"}
    driver.blocks.setFocus()
    driver.press(Qt.Key.Key_Escape)
    driver.settle()
    assert in_view(driver) == before
    driver.samples.setFocus()
    focused, loss = QApplication.focusWidget(), dock(driver, "Loss")
    corner = loss.mapTo(window, QPoint(loss.width() - 20, loss.height() - 20))
    QTest.mouseClick(window.windowHandle(), LEFT, pos=corner)
    assert QApplication.focusWidget() is focused
    assert enlarge(driver) == Enlarged({"Network", "Loss"}, before)
    click_tab(driver, "Kernels")
    before = before - {"Feature maps"} | {"Kernels"}
    assert enlarge(driver) == Enlarged({"Network", "Kernels"}, before)
    # A tab is clicked while the keys are in the panel that it covers.
    click_tab(driver, "Confusion matrix")
    before = before - {"Predictions"} | {"Confusion matrix"}
    window.docks._note(dock(driver, "Predictions"))  # as the focus may have it
    assert enlarge(driver) == Enlarged({"Network", "Confusion matrix"}, before)
    driver.choose("enlarge_panel")
    driver.settle()
    dock(driver, "Confusion matrix").close()
    driver.settle()
    after = before - {"Confusion matrix"} | {"Draw"}
    assert in_view(driver) == after, "the others come back"


@pytest.mark.parametrize("alone", [False, True], ids=["beside the network", "alone"])
def test_the_panel_that_is_enlarged_is_the_one_in_use(driver: Driver, alone: bool) -> None:
    docks = driver.window.docks
    docks.show_panel("Gradients")
    docks.show_panel("Training settings")
    docks.toggle_enlarged("Gradients", alone=alone)
    driver.settle()
    assert docks.in_use()[0] == "Gradients"


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
    dock(driver, "Network").close()
    driver.choose("reset_layout")
    driver.settle()
    assert in_view(driver) == before
