"""Which part of the room each dock has: a small window changes nothing for a large one."""

from itertools import combinations

import pytest
from PySide6.QtWidgets import QDockWidget

from tests.gui.driving import Driver
from tests.gui.window.dock_parts import dock, drag_border

SMALL, USUAL, LARGE = (940, 620), (1280, 800), (1920, 1080)
PLACES = ("Network", "Feature maps", "Predictions", "Loss", "Training settings")


def sizes(driver: Driver, size: tuple[int, int]) -> list[int]:
    """Give the window a size, and return those of the docks."""
    driver.window.resize(*size)
    driver.settle()
    docks = [dock(driver, title) for title in PLACES]
    places = [each.geometry() for each in docks if each.isVisible()]
    assert not any(one.intersects(other) for one, other in combinations(places, 2))
    return [part for each in docks for part in (each.width(), each.height())]


def places_in_view(driver: Driver) -> dict[str, tuple[int, ...]]:
    """Return where each dock is that can be seen."""
    driver.settle()
    docks, seen = driver.window.findChildren(QDockWidget), driver.window.docks.is_in_view
    places = {d.windowTitle(): d.geometry() for d in docks if seen(d.windowTitle())}
    return {t: (at.x(), at.y(), at.width(), at.height()) for t, at in places.items()}


def test_a_border_that_was_dragged_in_a_small_window_stays_so_in_a_large_one_until_reset(
    driver: Driver,
) -> None:
    before = sizes(driver, USUAL)
    sizes(driver, (1000, 620))
    drag_border(driver, -30)
    after = sizes(driver, USUAL)
    assert after[0] == pytest.approx(before[0], abs=10)
    assert after[2] < before[2] - 20
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
    before = places_in_view(driver)
    for title in ("Living network", "Gradients"):
        driver.window.docks.toggle_enlarged(title)
        driver.settle()
        driver.window.docks.toggle_enlarged()
        assert places_in_view(driver) == before
    if size == USUAL:  # a panel behind a tab has the height that its place had
        driver.window.resize(*LARGE)
        driver.settle()
        driver.window.resize(*size)
        after = places_in_view(driver)["Living network"]
        assert after == pytest.approx(before["Living network"], abs=2)
