"""Long work: the window lives meanwhile, it can be cancelled, and what it raises is raised."""

import threading
import time
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget

from engine.errors import LayerscopeError, ProjectError
from gui.background import waiting
from gui.background.jobs import CancelledError
from gui.background.waiting import look, wait_for
from tests.gui.background.gate import Gate
from tests.gui.finding import named

Report = Callable[[float], None]


def test_a_look_at_a_disk_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "LOOK_SECONDS", 0.1)
    answered = threading.Event()
    assert look(lambda: 42, otherwise=0) == 42
    began = time.perf_counter()
    assert look(lambda: answered.wait(60), otherwise=False) is False
    assert time.perf_counter() - began < 5
    answered.set()
    with pytest.raises(ValueError, match="so"):
        look(lambda: int("so"), otherwise=0)


@pytest.mark.parametrize(("fault", "seconds"), [(ProjectError("so"), 0.0), (MemoryError(), 0.3)])
def test_what_the_work_raises_is_raised(fault: Exception, seconds: float) -> None:
    def work(_report: Report) -> None:
        time.sleep(seconds)
        raise fault

    with pytest.raises(type(fault)) as caught:
        wait_for(QWidget(), "Fail", work)
    assert caught.value is fault


def test_the_window_lives_while_it_waits(window: QWidget) -> None:
    shown, ticks, where = list[int](), list[int](), list[threading.Thread]()
    timer = QTimer(window, interval=10)
    timer.timeout.connect(lambda: ticks.append(1))
    timer.start()

    def act(gate: Gate) -> None:
        QTest.qWait(200)
        shown.append(named(gate.dialog, QProgressBar, "waiting.progress").value())

    def work(_report: Report) -> int:
        where.append(threading.current_thread())
        return 42

    gate = Gate(window, act)
    assert wait_for(window, "Wait", gate.hold(work)) == 42
    assert (gate.seen, shown) == (1, [250])
    assert len(ticks) > 5
    assert where[0] is not threading.current_thread()
    assert wait_for(window, "Count", work) == 42
    assert gate.seen == 1, "what is done soon shows nothing"


@pytest.mark.parametrize("way", ["button", "escape", "close"])
def test_it_is_cancelled_at_any_time(window: QWidget, way: str) -> None:
    def act(gate: Gate) -> None:
        if way == "button":
            button = named(gate.dialog, QPushButton, "waiting.cancel")
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        elif way == "escape":
            QTest.keyClick(gate.dialog, Qt.Key.Key_Escape)
        else:
            gate.dialog.close()
        assert gate.dialog.isVisible()  # till the work has ended

    gate = Gate(window, act)
    gate.opened.set = lambda: None  # type: ignore[method-assign]  # it ends by the report alone
    with pytest.raises(CancelledError):
        wait_for(window, "Wait", gate.hold(lambda _report: None))
    assert gate.seen == 1


@pytest.mark.parametrize("way", ["cancelled", "ended with the program"])
def test_a_disk_that_does_not_answer_is_not_waited_for_without_end(
    window: QWidget, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(waiting, "LAST_SECONDS", 0.1)
    answers = threading.Event()

    def act(gate: Gate) -> None:
        if way == "cancelled":
            gate.dialog.reject()
        else:
            gate.dialog.done(0)

    gate = Gate(window, act)
    with pytest.raises(LayerscopeError, match=r"Wait was given up: the disk does not answer\."):
        wait_for(window, "Wait", lambda _report: answers.wait(60))
    assert gate.seen == 1
    answers.set()
