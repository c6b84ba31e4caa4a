"""A sentence that stays until its kind of wish comes true."""

from pytestqt.qtbot import QtBot

from gui.widgets.messages import MessageBar
from gui.widgets.refusal import Refusal


def test_what_was_refused_goes_when_such_a_wish_comes_true_and_nothing_else_does(
    qtbot: QtBot,
) -> None:
    bar, over = MessageBar(), list[str]()
    qtbot.addWidget(bar)
    checkpoints, names = Refusal(bar), Refusal(bar)
    for refusal in (checkpoints, names):
        bar.hear(refusal)
    checkpoints.over.connect(over.append)
    checkpoints.end()
    checkpoints.say("There is no such epoch.")
    names.end()
    assert bar.text.text() == "There is no such epoch."
    checkpoints.end()
    assert bar.text.text() == ""
    checkpoints.say("no")
    bar.show_notice("Saved.")
    checkpoints.end()
    assert bar.text.text() == "Saved.", "another message stays"
    checkpoints.end()
    assert over == ["There is no such epoch.", "no"], "it is said once"
