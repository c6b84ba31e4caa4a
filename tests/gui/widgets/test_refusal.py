"""A sentence that stays until its kind of wish comes true."""

import pytest
from pytestqt.qtbot import QtBot

from gui.widgets.messages import MessageBar
from gui.widgets.refusal import Refusal


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar


def test_what_was_refused_goes_when_such_a_wish_comes_true_and_no_other(bar: MessageBar) -> None:
    checkpoints, names = Refusal(bar), Refusal(bar)
    for refusal in (checkpoints, names):
        bar.hear(refusal)
    checkpoints.say("There is no such epoch.")
    names.end()
    assert bar.text.text() == "There is no such epoch."
    checkpoints.end()
    assert bar.text.text() == ""


def test_another_message_stays(bar: MessageBar) -> None:
    refusal = Refusal(bar)
    bar.hear(refusal)
    refusal.say("There is no such epoch.")
    bar.show_notice("Saved.")
    refusal.end()
    assert bar.text.text() == "Saved."


def test_over_is_said_once(bar: MessageBar) -> None:
    refusal, over = Refusal(bar), list[str]()
    refusal.over.connect(over.append)
    refusal.end()
    refusal.say("no")
    refusal.end()
    refusal.end()
    assert over == ["no"]
