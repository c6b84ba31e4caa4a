"""The speed of a run: chosen, remembered, obeyed at once, and slow where nothing was seen yet."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox

from gui.window.speed_box import SpeedBox
from tests.gui.background.headless import assert_same, train_alone
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it."""
    return new_project


def box_of(driver: Driver) -> SpeedBox:
    return driver.find(SpeedBox, "run.speed")


def steps(driver: Driver) -> int:
    return len(driver.curve("loss batch")[0])


def remembered(tmp_path: Path) -> str | None:
    held = json.loads((tmp_path / "home" / "preferences.json").read_text())
    speed: str | None = held["run_speed"]
    return speed


def test_with_nobody_there_it_is_full_at_once(driver: Driver) -> None:
    assert box_of(driver).currentText() == "Full speed"
    assert box_of(driver).accessibleName() == "Speed of training"


def test_slow_shows_every_step_and_obeys_at_once(open_window: OpenWindow, tmp_path: Path) -> None:
    driver = open_window(None)
    driver.wait_for_panels()
    first = driver.tiles()[0].copy()
    driver.pick("run.speed", "Slow")
    assert remembered(tmp_path) == "slow"
    driver.click("train")
    driver.wait(lambda: steps(driver) >= 2)
    assert steps(driver) < 10
    driver.wait(lambda: (driver.tiles()[0] != first).any())
    driver.click("train")
    driver.wait_for("Paused")
    done = steps(driver)
    driver.click("train")
    driver.wait(lambda: steps(driver) > done)
    driver.click("stop")
    driver.wait_for("Stopped")
    other = open_window(None)
    assert box_of(other).currentText() == "Slow"


def test_changes_on_the_way_leave_every_bit_of_the_run(driver: Driver, tmp_path: Path) -> None:
    driver.type_into("setting.epochs", "2")
    driver.pick("run.speed", "Slow")
    driver.click("train")
    driver.wait(lambda: steps(driver) >= 2)
    driver.pick("run.speed", "Fast")
    reached = steps(driver)
    driver.wait(lambda: steps(driver) >= reached + 20)
    driver.pick("run.speed", "Full speed")
    driver.wait_for("Finished")
    driver.settle()
    alone = train_alone(epochs=2)
    assert_same(driver.weights(tmp_path), alone.weights)
    assert driver.batch_losses(tmp_path) == alone.losses


@pytest.fixture
def watched(open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Driver:
    """Open the window of a first start that somebody looks at."""
    monkeypatch.setattr("gui.window.speed_box.unattended", lambda: False)
    monkeypatch.setattr("gui.window.speed_box.FIRST_SECONDS", {"slow": 0.4, "fast": 0.4})
    return open_window(None)


def test_a_first_run_is_slow_and_goes_faster_by_itself(
    watched: Driver, open_window: OpenWindow, tmp_path: Path
) -> None:
    box = box_of(watched)
    watched.make_smaller()
    assert (box.currentText(), box.introducing) == ("Slow", True)
    seen: list[str] = []
    watched.window.session.speed_changed.connect(lambda: seen.append(box.currentText()))
    watched.train()
    assert seen == ["Fast", "Full speed"]
    assert remembered(tmp_path) == "full"
    assert box_of(open_window(None)).currentText() == "Full speed"


def test_a_first_run_stays_as_the_user_chose(watched: Driver, tmp_path: Path) -> None:
    watched.click("train")
    watched.wait(lambda: box_of(watched).currentText() == "Fast")
    watched.pick("run.speed", "Slow")
    reached = steps(watched)
    watched.wait(lambda: steps(watched) >= reached + 3)
    assert box_of(watched).currentText() == "Slow"
    assert remembered(tmp_path) == "slow"


def test_the_keyboard_chooses(driver: Driver) -> None:
    box = driver.find(QComboBox, "run.speed")
    box.setFocus()
    speeds = []
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Home, Qt.Key.Key_End):
        QTest.keyClick(box, key)
        speeds.append(driver.window.session.speed)
    assert speeds == ["fast", "slow", "full"]
