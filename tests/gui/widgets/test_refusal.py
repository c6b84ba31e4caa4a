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


def test_another_message_stays(bar: MessageBar) -> None:
    refusal = Refusal(bar)
    bar.hear(refusal)
    refusal.say("There is no such epoch.")
    bar.show_notice("Saved.")
    refusal.end()
    assert bar.text.text() == "Saved."
