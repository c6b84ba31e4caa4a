"""Tests of where threads run."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from engine.compute.native.threads.thread_pool import ThreadPool
from engine.machine.cores import STEPS_BACK, keep_off_this_core, let_others_go_first, usable_cores
from tests.engine.marks import needs_the_compiler

linux = pytest.mark.skipif(sys.platform != "linux", reason="says where threads run")
several = pytest.mark.skipif(usable_cores() < 2, reason="there is no other core")


@contextmanager
def sleeping_thread() -> Iterator[int]:
    """A thread that sleeps, by its native id."""
    wake = threading.Event()
    thread = threading.Thread(target=wake.wait)
    thread.start()
    assert thread.native_id is not None
    yield thread.native_id
    wake.set()
    thread.join()


def niceness(thread: int) -> int:
    return os.getpriority(os.PRIO_PROCESS, thread)


def run_thread(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@contextmanager
def held_to(core: int) -> Iterator[None]:
    """Let the caller run on one core alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@linux
@several
def test_a_thread_is_kept_off_the_core_of_its_caller() -> None:
    everywhere = os.sched_getaffinity(0)
    with sleeping_thread() as thread:
        keep_off_this_core(thread)
        assert len(os.sched_getaffinity(thread)) == len(everywhere) - 1
    assert os.sched_getaffinity(0) == everywhere


@linux
def test_where_the_caller_has_one_core_it_is_shared() -> None:
    core = min(os.sched_getaffinity(0))
    with sleeping_thread() as thread:
        before = os.sched_getaffinity(thread)
        with held_to(core):
            keep_off_this_core(thread)
        assert os.sched_getaffinity(thread) == before


@linux
def test_a_thread_that_has_ended_is_no_fault() -> None:
    with sleeping_thread() as thread:
        pass
    keep_off_this_core(thread)


@linux
def test_a_thread_lets_others_go_first_and_so_do_those_that_it_starts() -> None:
    found: list[int] = []

    def note() -> None:
        found.append(niceness(threading.get_native_id()))

    def work() -> None:
        note()
        let_others_go_first()
        note()
        run_thread(note)

    run_thread(work)
    usual = niceness(threading.get_native_id())
    later = min(usual + STEPS_BACK, 19)
    assert found == [usual, later, later]


@linux
@several
@needs_the_compiler
def test_a_helper_that_slept_wakes_on_another_core() -> None:
    pool = ThreadPool(2)
    try:
        (helper,) = pool._helpers
        while not helper._asleep:
            threading.Event().wait(0.001)
        _, found = pool.run([lambda: None, lambda: os.sched_getaffinity(0)])
    finally:
        pool.close()
    assert len(found) == len(os.sched_getaffinity(0)) - 1
