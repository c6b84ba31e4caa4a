"""Where the panels stand: moved ones come back, one can be enlarged, and all can be put back."""

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QScrollArea

from engine.paths import home
from gui.window.docks import TitleBar
from tests.gui.conftest import OpenWindow, window_of
from tests.gui.driving import Driver
from tests.gui.window.dock_parts import dock, in_view


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it."""
    return new_project


@pytest.fixture(scope="module")
def left(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the preferences that a smaller window leaves, in which Loss was closed."""
    folder = tmp_path_factory.mktemp("left-home")
    with window_of(folder) as driver:
        dock(driver, "Loss").close()
        driver.window.resize(1100, 700)
        driver.settle()
    return (folder / "preferences.json").read_bytes()


@pytest.mark.parametrize("alone", [False, True], ids=["beside the network", "alone"])
def test_the_panel_that_is_enlarged_is_the_one_in_use(driver: Driver, alone: bool) -> None:
    docks = driver.window.docks
    docks.show_panel("Gradients")
    docks.show_panel("Training settings")
    docks.toggle_enlarged("Gradients", alone=alone)
    driver.settle()
    assert docks.in_use()[0] == "Gradients"


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
    left: bytes, open_window: OpenWindow, change: dict[str, object], size: tuple[int, int]
) -> None:
    held = json.loads(left)
    held["layout"].update(change)
    home().mkdir(parents=True)
    (home() / "preferences.json").write_text(json.dumps(held), "utf-8")
    again = open_window(None)
    assert in_view(again) >= {"Network", "Feature maps", "Loss", "Predictions"}
    assert (again.window.width(), again.window.height()) == size


def test_a_layout_of_before_a_panel_was_added_stays_and_the_panel_stands_behind_others(
    open_window: OpenWindow,
) -> None:
    driver = open_window(None)
    dock(driver, "Runs").close()
    dock(driver, "Loss").close()
    driver.window.docks.show_panel("Draw")
    driver.settle()
    driver.window.close()
    path = home() / "preferences.json"
    held = json.loads(path.read_text("utf-8"))
    held["layout"]["panels"].remove("Runs")
    state = base64.b64decode(held["layout"]["docks"])
    name = "dock.runs".encode("utf-16-be")
    held["layout"]["docks"] = base64.b64encode(
        state.replace(name, "dock.gone".encode("utf-16-be"))
    ).decode()
    path.write_text(json.dumps(held), "utf-8")
    again = open_window(None)
    assert dock(again, "Loss").isHidden()
    assert "Draw" in in_view(again)
    again.window.docks.show_panel("Runs")
    again.settle()
    assert "Runs" in in_view(again)
    assert "Draw" not in in_view(again)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_a_folder_or_a_pipe_in_the_place_of_the_file_does_no_harm(
    open_window: OpenWindow, make: Callable[[Path], None]
) -> None:
    home().mkdir(parents=True)
    make(home() / "preferences.json")
    driver = open_window(None)
    assert in_view(driver) >= {"Network", "Feature maps", "Loss", "Predictions"}
    assert driver.window.files.recent.paths() == []


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
