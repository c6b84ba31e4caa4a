"""The pool: jobs run in other threads, one of them in the caller's, and their faults come back."""

import threading
import time
import warnings
from functools import partial

import numpy as np
import pytest

from engine.compute.numerics import numerics
from tests.engine.ending import outcome
from tests.programs import Programs

USED_AT_THE_END = """
import atexit
from engine.compute.numerics import numerics
pool = numerics().thread_pool(3)
def work():
    print(pool.run([lambda: 1, lambda: 2, lambda: 3]))
    if closes:
        pool.close()
atexit.register(work)
"""


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_every_job_has_a_thread_of_its_own_and_results_keep_their_order(threads: int) -> None:
    pool = numerics().thread_pool(threads)
    together = threading.Barrier(threads)

    def job(number: int) -> tuple[int, int]:
        together.wait(timeout=30)  # passes only if all run at the same time
        return number, threading.get_ident()

    found = pool.run([partial(job, number) for number in range(threads)])
    pool.close()
    assert [number for number, _ in found] == list(range(threads))
    assert len({thread for _, thread in found}) == threads
    assert found[0][1] == threading.get_ident()


def test_helpers_work_on_after_they_have_slept() -> None:
    pool = numerics().thread_pool(3)
    for pause in (0.0, 0.05, 0.0, 0.0, 0.002, 0.0001, 0.05) * 3:
        time.sleep(pause)
        assert pool.run([lambda: 1, lambda: 2, lambda: 3]) == [1, 2, 3]
        assert pool.run([lambda: 4, lambda: 5]) == [4, 5]
    pool.close()


def test_a_fault_of_a_helper_is_raised_after_all_have_ended_and_the_crew_goes_on() -> None:
    pool = numerics().thread_pool(2)
    ended = []

    def slow() -> None:
        time.sleep(0.05)
        ended.append("first")

    def faulty() -> None:
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        pool.run([slow, faulty])
    assert ended == ["first"]
    with pytest.raises(OSError, match="the disk is gone"):
        pool.run([faulty, slow])
    assert ended == ["first", "first"]
    assert pool.run([lambda: 1, lambda: 2]) == [1, 2]
    pool.close()


def test_closing_ends_the_threads() -> None:
    before = threading.active_count()
    pool = numerics().thread_pool(4)
    assert threading.active_count() == before + 3
    pool.run([lambda: 1, lambda: 2])
    pool.close()
    assert threading.active_count() == before


def test_a_crew_that_cannot_be_whole_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    before, start = threading.active_count(), threading.Thread.start
    started: list[threading.Thread] = []

    def start_two(thread: threading.Thread) -> None:
        if len(started) == 2:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start_two)
        with pytest.raises(RuntimeError, match="can't start"):
            numerics().thread_pool(4)
    assert len(started) == 2
    assert threading.active_count() == before


def test_who_waits_for_a_job_hears_that_it_fails() -> None:
    pool = numerics().thread_pool(2)
    error, heard = OSError("no code"), threading.Event()
    reasons: list[BaseException] = []

    def hear(reason: BaseException) -> None:
        reasons.append(reason)
        heard.set()

    def wait() -> None:
        assert heard.wait(30)

    def fail() -> None:
        raise error

    for jobs in ([wait, fail], [fail, wait]):
        heard.clear()
        assert outcome(partial(pool.run, jobs, hear)) is error
    assert set(reasons) == {error}
    pool.close()


def test_helpers_are_quiet_about_what_is_not_finite() -> None:
    pool = numerics().thread_pool(2)

    def overflow() -> bool:
        return bool(np.isinf(np.full(3, 1e300) * 1e300).all())

    with np.errstate(over="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert pool.run([overflow, overflow]) == [True, True]
    pool.close()


@pytest.mark.parametrize("closes", [True, False])
def test_a_pool_works_until_python_ends_and_never_keeps_it_from_ending(
    programs: Programs, closes: bool
) -> None:
    """Other threads train until the functions of `atexit` tell them to end."""
    program = programs.start("-c", f"closes = {closes}{USED_AT_THE_END}")
    assert program.ended() == (0, "[1, 2, 3]\n", "")


def test_a_closed_pool_takes_no_jobs_and_may_be_closed_again() -> None:
    pool = numerics().thread_pool(2)
    pool.close()
    pool.close()
    heard: list[BaseException] = []
    fault = outcome(partial(pool.run, [lambda: 1, lambda: 2], heard.append))
    assert isinstance(fault, ValueError)
    assert heard == [fault]
