"""Jobs beside the training: their result comes to the window's thread, and they can be ended."""

import threading
import time
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QProgressBar, QToolButton
from pytestqt.qtbot import QtBot

from engine.errors import DataError
from gui.background.jobs import Job, Jobs
from gui.workspace.job_bar import JobBar
from tests.gui.finding import child, not_none
from tests.gui.waiting import wait_until
from tests.programs import Programs

Report = Callable[[float], None]


@pytest.fixture
def jobs() -> Jobs:
    return Jobs()


def endless(started: threading.Event) -> Callable[[Report], int]:
    def work(report: Report) -> int:
        report(0.25)
        started.set()
        while True:
            report(0.5)

    return work


def test_jobs_run_in_turn_and_tell_the_thread_that_asked(jobs: Jobs, qtbot: QtBot) -> None:
    running, most, told = [0], [0], list[object]()

    def work_for(number: int) -> Callable[[Report], threading.Thread]:
        def work(_report: Report) -> threading.Thread:
            running[0] += 1
            most[0] = max(most[0], running[0])
            running[0] -= 1
            if number == 3:
                raise DataError("There is no such digit. Choose another.")
            return threading.current_thread()

        return work

    def done(thread: threading.Thread) -> None:
        assert threading.current_thread() is not thread
        assert threading.current_thread() is threading.main_thread()
        told.append("done")

    for number in range(5):
        jobs.start(Job(str(number), work_for(number), done, told.append))
    assert jobs.title == "0"
    qtbot.waitUntil(lambda: len(told) == 5)
    failed = "There is no such digit. Choose another."
    assert told == ["done", "done", "done", failed, "done"]
    assert (most, jobs.title) == ([1], "")


def test_a_cancelled_job_gives_nothing_and_closing_ends_it(jobs: Jobs, qtbot: QtBot) -> None:
    started, ends, results = threading.Event(), list[str](), list[int]()
    jobs.start(Job("Long", endless(started), results.append, ends.append))
    jobs.start(Job("Short", lambda _report: 7, results.append, ends.append))
    qtbot.waitUntil(started.is_set)
    jobs.cancel()
    qtbot.waitUntil(lambda: results == [7])
    assert ends == [""]
    started.clear()
    jobs.start(Job("Long", endless(started), results.append, ends.append))
    qtbot.waitUntil(started.is_set)
    jobs.close()
    assert (jobs.title, results, ends) == ("", [7], [""])


def test_a_defect_cancels_nothing(
    jobs: Jobs, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends, defects = list[str](), list[object]()
    monkeypatch.setattr("sys.excepthook", lambda *found: defects.append(found[1]))

    def work(_report: Report) -> int:
        raise IndexError("no such place")

    jobs.start(Job("Fail", work, lambda _n: ends.append("done"), ends.append))
    qtbot.waitUntil(lambda: bool(ends))
    assert ends == ["Something went wrong inside Layerscope (IndexError: no such place)."]
    assert [repr(error) for error in defects] == ["IndexError('no such place')"]


def test_the_bar_shows_the_job_and_ends_it(jobs: Jobs, qtbot: QtBot) -> None:
    bar = JobBar(jobs, "job")
    qtbot.addWidget(bar)
    assert not bar.isVisible()
    started, ends = threading.Event(), list[str]()
    jobs.start(Job("Search the digits", endless(started), lambda _n: None, ends.append))
    assert not bar.isVisible(), "most jobs are done before one could read a word"
    qtbot.waitUntil(bar.isVisible)
    progress = child(bar, QProgressBar)
    qtbot.waitUntil(lambda: progress.value() == 500)
    assert progress.accessibleName() == "Progress: Search the digits"
    QTest.mouseClick(child(bar, QToolButton), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not bar.isVisible())
    assert ends == [""]


def test_closing_waits_but_a_moment_for_a_job_that_does_not_end(jobs: Jobs) -> None:
    goes_on, begun = threading.Event(), threading.Event()

    def work(_: Report) -> None:
        begun.set()
        goes_on.wait(60)

    jobs.start(Job("Deaf", work, lambda _: None))
    assert begun.wait(30)
    started, thread = time.perf_counter(), not_none(jobs._thread)
    jobs.close()
    assert time.perf_counter() - started < 30
    assert thread.isRunning()
    goes_on.set()
    wait_until(thread.isFinished)


PROGRAM = """
import threading
from PySide6.QtCore import QCoreApplication
from gui.background import exit_wait
from gui.background.jobs import Job, Jobs
exit_wait.QUIET_SECONDS, exit_wait.LAST_SECONDS = 0.01, {patience}
app = QCoreApplication([])
jobs, begun, goes_on = Jobs(), threading.Event(), threading.Event()
jobs.start(Job("Save", lambda _: (begun.set(), goes_on.wait({seconds})), print))
begun.wait()
thread = jobs._thread
jobs.close()
print(thread.isRunning())
"""


@pytest.mark.parametrize(
    ("patience", "seconds", "code", "said"),
    [
        (0.01, 600, 1, ["waits until this has ended, up to 0 s: Save", "was cut off: Save"]),
        (60, 1, 0, ["waits until this has ended, up to 60 s: Save"]),
    ],
    ids=["deaf", "slow"],
)
def test_the_end_of_python_waits_for_a_job_and_says_so_but_not_for_ever(
    programs: Programs, patience: float, seconds: float, code: int, said: list[str]
) -> None:
    program = PROGRAM.format(patience=patience, seconds=seconds)
    ended = programs.start("-c", program).ended()
    assert (ended.code, ended.out) == (code, "True\n")
    lines = ended.err.splitlines()
    assert len(lines) == len(said)
    assert all(words in line for line, words in zip(lines, said, strict=True))
