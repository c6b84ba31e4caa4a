"""The refresher: one panel a turn, the dear ones rarely, the hidden ones never."""

import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.window.redraw import RedrawScheduler


class Panel(QWidget):
    """A panel that is dirty again at once, or only once, and takes its time to draw."""

    def __init__(self, log: list[str], name: str, seconds: float = 0.0) -> None:
        super().__init__()
        self.log, self.name, self.seconds = log, name, seconds
        self.dirty, self.again = True, True

    def refresh(self) -> None:
        self.dirty = self.again
        self.log.append(self.name)
        time.sleep(self.seconds)


class SlowToPaint(Panel):
    """A panel whose refresh is quick and whose painting is not."""

    def refresh(self) -> None:
        super().refresh()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        time.sleep(0.03)


@pytest.fixture
def redraw(qapp: QApplication) -> Iterator[RedrawScheduler]:
    made = RedrawScheduler()
    yield made
    made.deleteLater()


def shown(qtbot: QtBot, redraw: RedrawScheduler, *panels: Panel) -> None:
    for panel in panels:
        qtbot.addWidget(panel)
        panel.show()
        redraw.add(panel)


def test_panels_are_drawn_in_turn(qtbot: QtBot, redraw: RedrawScheduler) -> None:
    log: list[str] = []
    shown(qtbot, redraw, Panel(log, "a"), Panel(log, "b"), Panel(log, "c"))
    qtbot.waitUntil(lambda: len(log) >= 9)
    rounds = [set(log[i : i + 3]) for i in (0, 3, 6)]
    assert rounds == [{"a", "b", "c"}] * 3


def test_there_is_a_turn_of_the_event_loop_between_two_panels(
    qtbot: QtBot, redraw: RedrawScheduler
) -> None:
    log: list[str] = []
    shown(qtbot, redraw, Panel(log, "a", 0.005), Panel(log, "b", 0.005))
    turns = QTimer()
    turns.timeout.connect(lambda: log.append("turn"))
    turns.start(0)
    qtbot.waitUntil(lambda: log.count("a") + log.count("b") >= 6)
    turns.stop()
    assert not any({first, second} == {"a", "b"} for first, second in pairwise(log))


def test_a_clean_panel_is_left_alone(qtbot: QtBot, redraw: RedrawScheduler) -> None:
    log: list[str] = []
    once, always = Panel(log, "once"), Panel(log, "always")
    once.again = False
    shown(qtbot, redraw, once, always)
    qtbot.waitUntil(lambda: log.count("always") >= 4)
    assert log.count("once") == 1


def test_a_hidden_panel_waits_until_it_is_seen(qtbot: QtBot, redraw: RedrawScheduler) -> None:
    log: list[str] = []
    hidden, other = Panel(log, "hidden"), Panel(log, "other")
    shown(qtbot, redraw, hidden, other)
    hidden.hide()
    qtbot.waitUntil(lambda: log.count("other") >= 3)
    assert "hidden" not in log
    hidden.show()
    qtbot.waitUntil(lambda: "hidden" in log)


@pytest.mark.timing
def test_a_dear_panel_is_drawn_rarely_while_training(qtbot: QtBot, redraw: RedrawScheduler) -> None:
    log: list[str] = []
    shown(qtbot, redraw, Panel(log, "dear", 0.005), Panel(log, "cheap"))
    redraw.set_busy(True)
    qtbot.waitUntil(lambda: log.count("dear") >= 2, timeout=10_000)
    started = time.perf_counter()
    cheap = log.count("cheap")
    qtbot.waitUntil(lambda: log.count("dear") >= 4, timeout=10_000)
    took = time.perf_counter() - started
    # Of 2 % of the time each of two panels has the half: 5 ms of drawing in every 500 ms.
    assert took >= 2 * 0.5 * 0.9
    assert log.count("cheap") - cheap > 4


def test_the_painting_counts_as_cost(qtbot: QtBot, redraw: RedrawScheduler) -> None:
    log: list[str] = []
    shown(qtbot, redraw, SlowToPaint(log, "slow"))
    redraw.set_busy(True)
    qtbot.waitUntil(lambda: len(log) >= 2, timeout=10_000)
    started = time.perf_counter()
    qtbot.waitUntil(lambda: len(log) >= 3, timeout=10_000)
    # 30 ms of painting are 2 % of 1.5 s; from the end of one drawing to the start of the next.
    assert time.perf_counter() - started >= 0.9
