"""VisibilityNotifier: what a panel says when it comes and goes."""

from pytestqt.qtbot import QtBot

from gui.widgets.visibility import VisibilityNotifier


def test_it_says_when_it_can_be_seen(qtbot: QtBot) -> None:
    panel, said = VisibilityNotifier(), list[bool]()
    qtbot.addWidget(panel)
    panel.visibility_changed.connect(said.append)
    panel.show()
    panel.hide()
    assert said == [True, False]
