"""The speed of a run: chosen, remembered, obeyed at once, and slow where nothing was seen yet."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.background.session import Session
from gui.document.document import Document
from gui.state import Phase
from gui.storage.preferences import PreferencesStore
from gui.theme import bolder, magnify
from gui.window.speed_box import SpeedSwitch
from tests.gui.background.headless import assert_same, train_alone
from tests.gui.driving import Driver


def box_of(driver: Driver) -> SpeedSwitch:
    return driver.find(SpeedSwitch, "run.speed")


def word_of(box: SpeedSwitch) -> str:
    return box.tabText(box.currentIndex())


def steps(driver: Driver) -> int:
    return len(driver.curve("loss batch")[0])


def test_changes_on_the_way_leave_every_bit_of_the_run(driver: Driver, tmp_path: Path) -> None:
    driver.type_into("setting.epochs", "1")
    driver.pick("run.speed", "Slow")
    driver.click("train")
    driver.wait(lambda: steps(driver) >= 2)
    driver.pick("run.speed", "Fast")
    reached = steps(driver)
    driver.wait(lambda: steps(driver) >= reached + 10)
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


def test_a_first_run_goes_faster_by_itself_unless_the_user_chose_and_that_is_remembered(
    document: Document, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("gui.window.speed_box.unattended", lambda: False)
    monkeypatch.setattr("gui.window.speed_box.FIRST_SECONDS", {"slow": 0.1, "fast": 0.1})
    seen = list[str]()

    def switch(file: str) -> SpeedSwitch:
        session = Session(document)
        made = SpeedSwitch(session, PreferencesStore(tmp_path / file))
        qtbot.addWidget(made)
        session.store.watch(lambda s: s.run.speed, lambda: seen.append(word_of(made)))
        return made

    def come_to(phase: Phase) -> None:
        store = document.store
        store.update(at_once=True, run=replace(store.state.run, phase=phase))

    box = switch("self.json")
    assert (word_of(box), box.introducing) == ("Slow", True)
    come_to("Training")
    come_to("Paused")
    qtbot.wait(150)
    assert word_of(box) == "Slow", "nothing was seen meanwhile"
    come_to("Training")
    qtbot.waitUntil(lambda: word_of(box) == "Full")
    assert seen[-2:] == ["Fast", "Full"]
    assert (box._preferences.current.run_speed, box.introducing) == ("full", False)
    come_to("Ready")
    box = switch("user.json")
    come_to("Training")
    qtbot.waitUntil(lambda: word_of(box) == "Fast")
    box.setCurrentIndex(0)
    qtbot.wait(150)
    assert (word_of(box), box._preferences.current.run_speed) == ("Slow", "slow")
    assert word_of(switch("self.json")) == "Full"
