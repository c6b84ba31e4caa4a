"""What the coach offers at the start, the tour or the last project, and until when."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolButton

from engine.paths import home
from gui.tour.greeting import OFFER
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.tour.walking import running, start

LEFT = Qt.MouseButton.LeftButton


def offer(driver: Driver) -> str:
    """Read the button of the coach's line."""
    found = driver.find(QToolButton, "coach.action")
    return found.text() if found.isVisible() else ""


def offered(driver: Driver) -> bool:
    return driver.find(QLabel, "coach").text() == OFFER and offer(driver) == "Start the tour"


def click_coach(driver: Driver, button: str) -> None:
    driver.click(f"coach.{button}")


@pytest.fixture
def attended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAYERSCOPE_UNATTENDED", raising=False)


@pytest.mark.usefixtures("attended")
@pytest.mark.parametrize("answer", ["click", "close", "menu"])
def test_it_is_offered_until_that_is_answered(open_window: OpenWindow, answer: str) -> None:
    driver = open_window(None)
    driver.wait(lambda: offered(driver))
    assert not running(driver)
    assert not driver.message(), "nothing may lie over the panels"
    if answer == "menu":
        start(driver)
    else:
        click_coach(driver, "action" if answer == "click" else "dismiss")
    assert running(driver) == (answer != "close")
    assert not offered(driver)
    assert driver.window._preferences.current.tour_offered, "so the next start does not offer it"


@pytest.mark.usefixtures("attended")
def test_who_has_trained_is_offered_the_tour_once_more(open_window: OpenWindow) -> None:
    driver = open_window(None)
    driver.wait(lambda: offered(driver))
    driver.window.speed.choose("full")
    second = open_window(None)
    second.wait(lambda: offered(second))
    third = open_window(None)
    third.wait_for_first_looks()
    assert not offered(third)


@pytest.mark.usefixtures("attended")
def test_the_last_project_is_offered_in_its_place(open_window: OpenWindow, tmp_path: Path) -> None:
    driver = open_window(None)
    path, gone = tmp_path / "mine.layerscope", tmp_path / "gone.layerscope"
    for each in (path, gone):
        assert driver.window.files.save_path(each)
    gone.unlink()
    again = open_window(None)
    again.wait(lambda: offer(again) == "Open mine again")
    assert not offer(open_window(path))
    click_coach(again, "action")
    again.wait(lambda: again.window.document.path == path)
    assert not offer(again)
    moved = open_window(None)
    moved.wait(lambda: offer(moved) == "Open mine again")
    path.unlink()
    click_coach(moved, "action")
    assert "is no longer there" in moved.message()
    assert not offer(moved)


@pytest.mark.parametrize("why", ["unattended", "nothing can be remembered"])
def test_nothing_is_offered_where(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, why: str
) -> None:
    if why == "unattended":
        monkeypatch.setenv("LAYERSCOPE_UNATTENDED", "1")
    else:
        monkeypatch.delenv("LAYERSCOPE_UNATTENDED", raising=False)
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "file" / "home"))
    driver = open_window(None)
    driver.wait_for_first_looks()
    assert not offered(driver)
    assert not (home() / "preferences.json").exists()
