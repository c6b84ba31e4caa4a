"""The coach's line: what stands in it, its buttons, and that nothing below it moves."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.advice.training_log import Action, Advice
from gui.window.coach_bar import CoachBar
from tests.gui.showing import on_screen

LEFT = Qt.MouseButton.LeftButton
BACK = Action("best_epoch", "Back to epoch 15")
FELL = "The test accuracy fell from 98.2 % to 8.9 %. " * 4
RUINED = Advice("ruined", FELL.strip(), BACK, more="In block 2.")
FINISHED = Advice("finished", "Finished: 98.2 % of the test images are right.")


@pytest.fixture
def bar(qtbot: QtBot, window: QWidget) -> CoachBar:
    made = CoachBar()
    column = QVBoxLayout(window)
    column.addWidget(made)
    column.addWidget(QWidget(), 1)
    on_screen(qtbot, window, 500, 200)
    return made


@pytest.mark.parametrize("is_under_mouse", [True, False])
def test_a_click_right_after_the_button_changed_under_the_mouse_does_nothing(
    bar: CoachBar, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, is_under_mouse: bool
) -> None:
    accepted = list[Action]()
    bar.accepted.connect(accepted.append)
    monkeypatch.setattr(bar.button, "underMouse", lambda: is_under_mouse)
    bar.show_advice(RUINED)
    bar.button.click()
    assert accepted == [BACK], "there was no other button before"
    other = Action("panel", "Show gradients", "Gradients")
    bar.show_advice(Advice("dead", "Most units are dead.", other))
    bar.button.click()
    assert accepted == ([BACK] if is_under_mouse else [BACK, other])
    bar.show_advice(Advice("dead", "Most units of block 2 are dead.", other))

    def is_accepted() -> bool:
        bar.button.click()
        return accepted[1:2] == [other]

    qtbot.waitUntil(is_accepted)
