"""The train button: a click that was meant as Pause begins no run, and what it is called."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from gui.window.run_bar import TrainButton
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.showing import activated
from tests.gui.waiting import run_events

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it."""
    return new_project


@pytest.fixture
def button(qtbot: QtBot) -> TrainButton:
    action = QAction("&Train")
    action.setShortcut("F5")
    made = TrainButton(action)
    action.setParent(made)
    qtbot.addWidget(made)
    made.show()
    return activated(qtbot, made)


def use(button: TrainButton) -> None:
    """Do all that begins a run."""
    QTest.mouseClick(button, LEFT)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    QTest.keyClick(button, Qt.Key.Key_F5)
    button.press()


def test_a_held_button_takes_no_click_and_no_key_for_a_moment(
    button: TrainButton, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[int] = []
    button.defaultAction().triggered.connect(lambda: times.append(1))
    use(button)
    assert len(times) == 4
    times.clear()
    monkeypatch.setattr("gui.window.run_bar.HOLD", 30.0)
    button.hold()
    use(button)
    assert times == []
    button.defaultAction().trigger()  # a script is nobody whose click comes late
    assert len(times) == 1
    times.clear()
    monkeypatch.setattr("gui.window.run_bar.HOLD", 0.05)
    button.hold()
    qtbot.waitUntil(lambda: not button.held)
    use(button)
    assert len(times) == 4


def test_a_late_click_on_pause_begins_no_run(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = open_window(None)  # whose button stays held
    driver.wait_for_first_looks()
    driver.type_into("setting.epochs", "2")
    monkeypatch.setattr("gui.window.run_bar.HOLD", 30.0)
    driver.train()
    for _ in range(3):
        driver.click("train")
        driver.press(Qt.Key.Key_F5)
    run_events(100)
    assert driver.text("status") == "Finished"
    assert driver.text("progress_text").startswith("epoch 2 of 2")


def test_the_reason_of_a_disabled_button_is_not_hidden_by_its_own_tooltip(driver: Driver) -> None:
    driver.choose("new.blank")
    button, bar = driver.button("train"), driver.window.run_bar
    assert not button.isEnabled()
    at = button.rect().center()
    QApplication.sendEvent(button, QHelpEvent(QEvent.Type.ToolTip, at, button.mapToGlobal(at)))
    driver.wait(QToolTip.isVisible)
    assert QToolTip.text() == button.toolTip() != ""
    (tip,) = [w for w in QApplication.topLevelWidgets() if w.objectName() == "qtooltip_label"]
    assert tip.y() >= bar.mapToGlobal(QPoint(0, bar.height())).y()
    QToolTip.hideText()
