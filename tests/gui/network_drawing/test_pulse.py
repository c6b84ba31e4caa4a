"""The pulse of a step: forward, then backward, and not where nothing shall move."""

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QProxyStyle, QStyle
from pytestqt.qtbot import QtBot

from gui.network_drawing.drawing_view import MILLISECONDS, Pulse, strengths


def brightest(checkpoint: float) -> int:
    glow = strengths(checkpoint, 9)
    return max(glow, key=lambda number: glow[number])


def test_it_runs_forward_and_then_back() -> None:
    assert [brightest(step / 8) for step in range(17)] == [*range(9), *range(7, -1, -1)]
    assert all(0 < value <= 1 for value in strengths(0.3, 9).values())
    assert len(strengths(0.5, 9)) < 5  # the others rest


def test_it_takes_a_moment_and_is_over(qtbot: QtBot) -> None:
    parent = QObject()
    pulse = Pulse(parent)
    assert MILLISECONDS <= 200
    turns: list[bool] = []
    pulse.moved.connect(lambda: turns.append(pulse.backward) if pulse.running else None)
    pulse.start()
    assert pulse.running
    qtbot.waitUntil(lambda: not pulse.running)
    assert turns == sorted(turns)  # once it runs back, it does not turn again
    assert pulse.strengths(5) == {}


def test_it_keeps_still_where_the_system_wants_no_animation(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Quiet(QProxyStyle):
        def styleHint(self, hint: QStyle.StyleHint, *_: object) -> int:
            return 0

    quiet = Quiet()
    monkeypatch.setattr(QApplication, "style", lambda: quiet)
    parent = QObject()
    pulse = Pulse(parent)
    pulse.start()
    assert not pulse.running
