"""The coach's card: what stands in it, its buttons, and when it is there."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.advice.training_log import Action, Advice
from gui.widgets.labels import plain_tooltip
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


def test_an_advice_is_shown_with_its_button(bar: CoachBar, qtbot: QtBot) -> None:
    bar.show_advice(RUINED)
    assert (bar.text.text(), bar.text.objectName()) == (RUINED.text, "coach")
    assert "to 8.9 %. In block 2." in bar.text.toolTip(), "it may be cut short"
    assert bar.text.width() < bar.width() < 520
    assert bar.button.text() == bar.button.accessibleName() == "Back to epoch 15"
    with qtbot.waitSignal(bar.accepted) as accepted:
        QTest.mouseClick(bar.button, LEFT)
    assert accepted.args == [BACK]
    bar.show_advice(FINISHED)
    assert bar.text.text() == FINISHED.text
    assert not bar.button.isVisible()


def test_what_a_button_names_is_whole_or_cut_and_has_any_sign(bar: CoachBar) -> None:
    label = "Back to epoch 100,000 with rate 0.0000125"
    bar.window().resize(700, 200)  # as the stage in the usual window
    for points in (20, 9):
        font = bar.font()
        font.setPointSize(points)
        bar.setFont(font)
        bar.show_advice(Advice("ruined", RUINED.text, Action("best_epoch", label, value=1.25e-5)))
        assert bar.button.text() == label
    bar.window().resize(500, 200)
    name = "Salt & pepper " * 20
    bar.show_advice(Advice("project", name, Action("project", f"Open {name} again")))
    QTest.qWait(1)
    assert bar.minimumSizeHint().width() < 400
    assert bar.text.width() > 100
    assert bar.button.text().startswith("Open Salt && pepper ")
    assert bar.button.text().endswith("…")
    assert bar.button.toolTip() == plain_tooltip(f"Open {name} again")
    assert bar.button.accessibleName() == f"Open {name} again"


def test_it_is_there_while_there_is_advice_and_no_word_is_cut(bar: CoachBar) -> None:
    for advice in (None, RUINED, FINISHED, None):
        bar.show_advice(advice)
        QTest.qWait(1)
        assert bar.isVisible() == (advice is not None)
        for part in (bar.text, bar.button, bar.close_button):
            assert not part.isVisible() or part.height() >= part.fontMetrics().height()
    assert bar.text.text() == bar.text.toolTip() == ""


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
