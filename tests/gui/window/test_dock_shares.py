"""Which part of the room each dock has: a small window changes nothing for a large one."""

import json
from dataclasses import dataclass
from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget

from engine.paths import home
from tests.gui.conftest import OpenWindow, window_of
from tests.gui.driving import Driver

SMALL, USUAL, LARGE = (940, 620), (1280, 800), (1920, 1080)
PLACES = ("Network", "Feature maps", "Predictions", "Loss", "Training settings")


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it."""
    return new_project


def dock(driver: Driver, title: str) -> QDockWidget:
    return next(d for d in driver.window.findChildren(QDockWidget) if d.windowTitle() == title)


def sizes(driver: Driver, size: tuple[int, int]) -> list[int]:
    """Give the window a size, and return those of the docks."""
    driver.window.resize(*size)
    driver.settle()
    docks = [dock(driver, title) for title in PLACES]
    places = [each.geometry() for each in docks if each.isVisible()]
    assert not any(one.intersects(other) for one, other in combinations(places, 2))
    return [part for each in docks for part in (each.width(), each.height())]


def in_view(driver: Driver) -> dict[str, tuple[int, ...]]:
    """Return where each dock is that can be seen."""
    driver.settle()
    docks, seen = driver.window.findChildren(QDockWidget), driver.window.docks.is_in_view
    places = {d.windowTitle(): d.geometry() for d in docks if seen(d.windowTitle())}
    return {t: (at.x(), at.y(), at.width(), at.height()) for t, at in places.items()}


def drag_border(driver: Driver, by: int) -> None:
    """Drag the border between Feature maps and Loss to the right."""
    docks, loss = driver.window.docks, dock(driver, "Loss").geometry()
    start = QPoint(loss.left() - 3, loss.center().y())
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(docks, left, none, start)
    QTest.mouseMove(docks, start + QPoint(by // 2, 0))
    QTest.mouseMove(docks, start + QPoint(by, 0))
    driver.settle()  # Qt moves it when it has nothing else to do
    QTest.mouseRelease(docks, left, none, start + QPoint(by, 0))
    driver.settle()


@dataclass(frozen=True)
class Dragged:
    """The sizes of the docks before and after a border was dragged, and what was kept of it."""

    before: list[int]
    after: list[int]
    preferences: bytes


@pytest.fixture(scope="module")
def dragged(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Dragged:
    """Drag a border in a window, and close it."""
    folder = tmp_path_factory.mktemp("dragged-home")
    with window_of(folder) as driver:
        before = sizes(driver, USUAL)
        drag_border(driver, 60)
        after = sizes(driver, USUAL)
    assert after != before
    return Dragged(before, after, (folder / "preferences.json").read_bytes())


def test_a_border_that_was_dragged_in_a_small_window_stays_so_in_a_large_one(
    driver: Driver,
) -> None:
    network, _, maps, *_ = sizes(driver, USUAL)
    sizes(driver, (1000, 620))
    drag_border(driver, -30)
    after = sizes(driver, USUAL)
    assert after[0] == pytest.approx(network, abs=10)
    assert after[2] < maps - 20


def test_reset_in_a_small_window_gives_the_shares_of_a_large_one(driver: Driver) -> None:
    before = sizes(driver, USUAL)
    drag_border(driver, 60)
    sizes(driver, SMALL)
    driver.choose("reset_layout")
    assert sizes(driver, USUAL) == pytest.approx(before, abs=2)


@pytest.mark.parametrize("size", [SMALL, USUAL])
def test_after_an_enlarged_panel_all_docks_are_as_they_were(
    driver: Driver, size: tuple[int, int]
) -> None:
    driver.window.resize(*size)
    drag_border(driver, 50)
    for title in ("Living network", "Confusion matrix", "Gradients"):  # none of them was dragged
        driver.window.docks.show_panel(title)
    before = in_view(driver)
    for title in ("Living network", "Gradients"):
        driver.window.docks.toggle_enlarged(title)
        driver.settle()
        driver.window.docks.toggle_enlarged()
        assert in_view(driver) == before


def test_a_panel_behind_a_tab_has_the_height_that_its_place_had_before_a_drag_across(
    driver: Driver,
) -> None:
    sizes(driver, USUAL)
    drag_border(driver, 50)
    driver.window.docks.show_panel("Living network")
    before = in_view(driver)["Living network"]
    for size in (LARGE, USUAL):
        driver.window.resize(*size)
        driver.settle()
    assert in_view(driver)["Living network"] == pytest.approx(before, abs=2)


def test_a_layout_of_an_older_version_has_the_sizes_that_it_says(
    dragged: Dragged, open_window: OpenWindow
) -> None:
    held = json.loads(dragged.preferences)
    del held["layout"]["parts"]
    home().mkdir(parents=True)
    (home() / "preferences.json").write_text(json.dumps(held), "utf-8")
    again = open_window(None)
    assert sizes(again, USUAL) == pytest.approx(dragged.after, abs=10)
    sizes(again, SMALL)
    assert sizes(again, USUAL) == pytest.approx(dragged.after, abs=10)


@pytest.mark.parametrize("parts", [{"Loss": [0.3, 2]}, {"Loss": 1}, {"Cellar": [0.3, 0.3]}])
def test_parts_that_no_window_has_give_the_first_layout(
    dragged: Dragged, open_window: OpenWindow, parts: dict[str, object]
) -> None:
    held = json.loads(dragged.preferences)
    held["layout"]["parts"] = parts
    home().mkdir(parents=True)
    (home() / "preferences.json").write_text(json.dumps(held), "utf-8")
    assert sizes(open_window(None), USUAL) == pytest.approx(dragged.before, abs=2)
