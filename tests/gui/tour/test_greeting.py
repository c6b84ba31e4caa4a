"""What the coach offers at the start, the tour or the last project, and until when."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QToolButton

from engine.advice.training_log import Advice
from engine.files.project_file import save_project
from engine.model.templates import notebook
from engine.paths import home
from gui.storage.preferences import PreferencesStore
from gui.storage.recent import RecentProjects
from gui.tour.greeting import OFFER, TOUR, _offer_at_start
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.tour.walking import running


def offer(driver: Driver) -> str:
    """Read the button of the coach's line."""
    found = driver.find(QToolButton, "coach.action")
    return found.text() if found.isVisible() else ""


def offered(driver: Driver) -> bool:
    return driver.find(QLabel, "coach").text() == OFFER and offer(driver) == "Start the tour"


@pytest.fixture
def attended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAYERSCOPE_UNATTENDED", raising=False)


def at_start(preferences: PreferencesStore) -> Advice | None:
    return _offer_at_start(RecentProjects(preferences), preferences)


@pytest.mark.usefixtures("attended")
def test_who_has_trained_is_offered_the_tour_once_more(tmp_path: Path) -> None:
    preferences = PreferencesStore(tmp_path / "preferences.json")
    assert [at_start(preferences) for _ in range(2)] == [TOUR] * 2
    with preferences.changing() as changed:
        changed.run_speed = "full"
    assert [at_start(preferences) for _ in range(2)] == [TOUR, None]


@pytest.mark.usefixtures("attended")
def test_nothing_is_offered_where_nobody_attends_or_nothing_can_be_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, path = tmp_path / "file", tmp_path / "preferences.json"
    file.write_text("")
    assert at_start(PreferencesStore(file / "preferences.json")) is None
    monkeypatch.setenv("LAYERSCOPE_UNATTENDED", "1")
    assert at_start(PreferencesStore(path)) is None
    assert not path.exists()


@pytest.mark.usefixtures("attended")
def test_the_tour_is_offered_until_that_is_answered(open_window: OpenWindow) -> None:
    driver = open_window(None)
    preferences = driver.window._preferences
    driver.wait(lambda: offered(driver))
    assert not driver.message(), "nothing may lie over the panels"
    for answer, runs in (("action", True), ("dismiss", False)):
        preferences.current.tour_offered = False
        assert not running(driver)
        driver.click(f"coach.{answer}")
        assert running(driver) == runs
        assert not offered(driver)
        assert preferences.current.tour_offered, "so the next start does not offer it"
        if runs:
            driver.click("tour.end")
            driver.window.coach.offer(TOUR)
            driver.wait(lambda: offered(driver))


@pytest.mark.usefixtures("attended")
def test_the_last_project_is_offered_in_its_place(open_window: OpenWindow, tmp_path: Path) -> None:
    path, gone = tmp_path / "mine.layerscope", tmp_path / "gone.layerscope"
    save_project(notebook(), path)
    preferences = PreferencesStore(home() / "preferences.json")
    for each in (path, gone):
        RecentProjects(preferences).add(each)
    driver = open_window(None)
    greeting = driver.window._greeting
    driver.wait(lambda: offer(driver) == "Open mine again")
    driver.click("coach.action")
    driver.wait(lambda: driver.window.document.path == path)
    assert not offer(driver)
    greeting._greeted = False
    greeting.greet()
    assert not offer(driver), "there is one"
    driver.choose("new")
    greeting._greeted = False
    greeting.greet()
    driver.wait(lambda: offer(driver) == "Open mine again")
    path.unlink()
    driver.click("coach.action")
    assert "is no longer there" in driver.message()
    assert not offer(driver)
    assert at_start(driver.window._preferences) is None
