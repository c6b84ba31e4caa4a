"""The latest task: the newest result alone counts, and a disk that hangs holds nothing up."""

import os
import sys
import threading
import time

import pytest
from pytestqt.qtbot import QtBot

from engine.errors import DataError
from engine.machine.cores import STEPS_BACK
from gui.background.latest_task import LatestTask, Report


def test_the_result_comes_in_the_windows_thread_which_goes_first(qtbot: QtBot) -> None:
    told: list[object] = []
    task = LatestTask()

    def nice() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def done(result: tuple[threading.Thread, int]) -> None:
        assert threading.current_thread() is threading.main_thread() is not result[0]
        told.append(result[1])

    usual, is_linux = nice(), sys.platform == "linux"  # which says how nice a thread is
    task.begin(lambda _: (threading.current_thread(), nice()), done)
    assert task.busy
    qtbot.waitUntil(lambda: told != [])
    assert told == [min(usual + STEPS_BACK, 19)] or not is_linux
    assert not task.busy


def test_what_is_overtaken_is_given_up_and_never_told(qtbot: QtBot) -> None:
    told: list[str] = []
    task, ended = LatestTask(), threading.Event()
    go_on = threading.Event()

    def slow(report: Report) -> str:
        assert go_on.wait(10)
        try:
            report(0.5)
        finally:
            ended.set()
        return "slow"

    task.begin(slow, told.append)
    task.begin(lambda _: "quick", told.append)
    go_on.set()
    qtbot.waitUntil(lambda: ended.is_set() and told != [])
    qtbot.wait(50)
    assert told == ["quick"]
    task.begin(lambda _: "unwanted", told.append)
    task.give_up()
    qtbot.wait(50)
    assert told == ["quick"]
    assert not task.busy


def test_what_goes_wrong_is_said(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    task, hooked = LatestTask(), []
    monkeypatch.setattr("sys.excepthook", lambda kind, *_: hooked.append(kind))

    def fail(error: Exception) -> None:
        def work(_: Report) -> None:
            raise error

        task.begin(work, said.append, failed=said.append)

    fail(DataError("The file is gone."))
    qtbot.waitUntil(lambda: said == ["The file is gone."])
    assert not task.busy
    fail(ValueError("a defect"))
    qtbot.waitUntil(
        lambda: said[1:] == ["Something went wrong inside Layerscope (ValueError: a defect)."]
    )
    assert hooked == [ValueError]


def test_a_quick_answer_comes_at_once_and_a_slow_one_later(qtbot: QtBot) -> None:
    told: list[object] = []
    task, hangs = LatestTask(), threading.Event()
    task.begin(lambda _: "now", told.append, patience=10)
    assert told == ["now"]
    started = time.perf_counter()
    task.begin(lambda _: hangs.wait(10), told.append, patience=0.05)
    assert time.perf_counter() - started < 5
    assert told == ["now"]
    hangs.set()
    qtbot.waitUntil(lambda: told == ["now", True])
