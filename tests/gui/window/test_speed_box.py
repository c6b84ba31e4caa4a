"""The speed of a run: chosen, remembered, obeyed at once, and slow where nothing was seen yet."""

import json
from pathlib import Path

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from gui.theme import bolder, magnify
from gui.window.speed_box import SpeedSwitch
from tests.gui.background.headless import assert_same, train_alone
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver


def box_of(driver: Driver) -> SpeedSwitch:
    return driver.find(SpeedSwitch, "run.speed")


def word_of(box: SpeedSwitch) -> str:
    return box.tabText(box.currentIndex())


def steps(driver: Driver) -> int:
    return len(driver.curve("loss batch")[0])


def remembered(tmp_path: Path) -> str | None:
    held = json.loads((tmp_path / "home" / "preferences.json").read_text())
    speed: str | None = held["run_speed"]
    return speed


def test_changes_on_the_way_leave_every_bit_of_the_run(driver: Driver, tmp_path: Path) -> None:
    driver.type_into("setting.epochs", "1")
    driver.pick("run.speed", "Slow")
    driver.click("train")
    driver.wait(lambda: steps(driver) >= 2)
    driver.pick("run.speed", "Fast")
    reached = steps(driver)
    driver.wait(lambda: steps(driver) >= reached + 20)
    driver.pick("run.speed", "Full")
    driver.wait_for("Finished")
    driver.settle()
    alone = train_alone(epochs=1)
    assert_same(driver.weights(tmp_path), alone.weights)
    assert driver.batch_losses(tmp_path) == alone.losses


def test_in_a_large_font_others_give_way(shared_driver: Driver, qapp: QApplication) -> None:
    box = box_of(shared_driver)
    shared_driver.window.resize(1280, 800)
    magnify(qapp, 1.5)
    try:
        shared_driver.settle()
        metrics = QFontMetrics(bolder(box.font()))
        for tab in range(box.count()):
            assert box.tabRect(tab).width() > metrics.horizontalAdvance(box.tabText(tab))
            assert box.rect().contains(box.tabRect(tab))
    finally:
        magnify(qapp, 1)


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
    assert (word_of(box), box.introducing) == ("Slow", True)
    seen: list[str] = []
    store = watched.window.document.store
    store.watch(lambda s: s.run.speed, lambda: seen.append(word_of(box)))
    watched.train()
    assert seen == ["Fast", "Full"]
    assert remembered(tmp_path) == "full"
    assert word_of(box_of(open_window(None))) == "Full"


def test_a_first_run_stays_as_the_user_chose(watched: Driver, tmp_path: Path) -> None:
    watched.click("train")
    watched.wait(lambda: word_of(box_of(watched)) == "Fast")
    watched.pick("run.speed", "Slow")
    reached = steps(watched)
    watched.wait(lambda: steps(watched) >= reached + 3)
    assert word_of(box_of(watched)) == "Slow"
    assert remembered(tmp_path) == "slow"
