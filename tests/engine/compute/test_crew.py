"""The crew: jobs run in other threads, one of them in the caller's, and their faults come back."""

import threading
import time
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from engine.compute import crew as crews
from engine.compute import dense_loops, serving, signals
from engine.compute.crew import Crew
from tests.engine.ending import outcome


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_every_job_has_a_thread_of_its_own_and_results_keep_their_order(threads: int) -> None:
    crew = Crew(threads)
    together = threading.Barrier(threads)

    def job(number: int) -> tuple[int, int]:
        together.wait(timeout=30)  # passes only if all run at the same time
        return number, threading.get_ident()

    found = crew.run([partial(job, number) for number in range(threads)])
    crew.close()
    assert [number for number, _ in found] == list(range(threads))
    assert len({thread for _, thread in found}) == threads
    assert found[0][1] == threading.get_ident()


def test_helpers_work_on_after_they_have_slept() -> None:
    crew = Crew(3)
    for pause in (0.0, 0.05, 0.0, 0.0, 0.002, 0.0001, 0.05) * 3:
        time.sleep(pause)
        assert crew.run([lambda: 1, lambda: 2, lambda: 3]) == [1, 2, 3]
        assert crew.run([lambda: 4, lambda: 5]) == [4, 5]
    crew.close()


def test_a_fault_of_a_helper_is_raised_after_all_have_ended_and_the_crew_goes_on() -> None:
    crew = Crew(2)
    ended = []

    def slow() -> None:
        time.sleep(0.05)
        ended.append("first")

    def faulty() -> None:
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        crew.run([slow, faulty])
    assert ended == ["first"]
    with pytest.raises(OSError, match="the disk is gone"):
        crew.run([faulty, slow])
    assert ended == ["first", "first"]
    assert crew.run([lambda: 1, lambda: 2]) == [1, 2]
    crew.close()


def test_closing_ends_the_threads() -> None:
    before = threading.active_count()
    crew = Crew(4)
    assert threading.active_count() == before + 3
    crew.run([lambda: 1, lambda: 2])
    crew.close()
    assert threading.active_count() == before


class Breaking(SimpleNamespace):
    """The compiled loops of helpers, of which one raises from a wanted moment on."""

    def __init__(self, name: str) -> None:
        super().__init__(**vars(serving))
        self.error: BaseException | None = None
        whole = getattr(serving, name)

        def breaking(*arguments: object) -> object:
            if self.error is not None:
                raise self.error
            return whole(*arguments)

        setattr(self, name, breaking)


def breaking_crew(
    monkeypatch: pytest.MonkeyPatch, name: str, threads: int
) -> tuple[Crew, Breaking]:
    loops = Breaking(name)
    monkeypatch.setattr(crews, "_serving", lambda: loops)
    crew = Crew(threads)
    assert crew.run([lambda: 1] * threads) == [1] * threads
    deadline = time.monotonic() + 30
    while not all(helper._asleep for helper in crew._helpers):  # none is in a loop any more
        assert time.monotonic() < deadline
        time.sleep(0.001)
    return crew, loops


@pytest.mark.parametrize("name", ["take", "report"])
def test_nobody_waits_for_a_helper_that_cannot_go_on(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = threading.active_count()
    crew, loops = breaking_crew(monkeypatch, name, 3)
    loops.error = OSError("no code")
    for _ in range(2):
        found = outcome(lambda: crew.run([lambda: 1, lambda: 2, lambda: 3]))
        assert found is loops.error
    outcome(crew.close)
    assert threading.active_count() == before


def test_nobody_waits_for_the_compiled_job_of_a_helper_that_cannot_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crew, loops = breaking_crew(monkeypatch, "take", 2)
    loops.error = OSError("no code")
    work = shared_work(crew)
    assert outcome(lambda: crew.share(*work.job)) is loops.error
    outcome(crew.close)


def test_a_helper_that_is_gone_without_a_word_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews._Helper, "_work", lambda helper: None)
    crew = Crew(2)
    found = outcome(lambda: crew.run([lambda: 1, lambda: 2]))
    assert isinstance(found, RuntimeError)
    assert "thread of the engine" in str(found)
    outcome(crew.close)


def test_a_job_that_could_not_be_handed_out_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crew, loops = breaking_crew(monkeypatch, "post", 3)
    loops.error = MemoryError()
    assert outcome(lambda: crew.run([lambda: 1, lambda: 2, lambda: 3])) is loops.error
    loops.error = None
    assert outcome(lambda: crew.run([lambda: 4, lambda: 5, lambda: 6])) == [4, 5, 6]
    loops.error = MemoryError()
    outcome(crew.close)  # which needs no compiled loop
    assert crew._helpers == []


class SharedWork:
    """X Wᵀ by columns, one part for every thread; and the memory that it lies in."""

    def __init__(self, threads: int) -> None:
        rng = np.random.default_rng(0)
        self.left, self.right = rng.normal(size=(200, 3000)), rng.normal(size=(300, 3000))
        self.parts = np.full((threads, 200, 300), np.nan)
        self._arguments, self._one = np.empty(dense_loops.ARGUMENTS, np.int64), np.ones(1)
        address = dense_loops.write_arguments(
            self._arguments,
            signals.gemm_address(8),
            threads,
            (200, 300, 3000),
            (self.left, self.right, self.parts),
            self._one,
        )
        self.job = (dense_loops.outputs.address, address)


def shared_work(crew: Crew) -> SharedWork:
    return SharedWork(crew.threads)


def test_a_fault_of_the_caller_is_raised_when_no_helper_works_on_its_arrays_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crew, loops = breaking_crew(monkeypatch, "do", 2)
    work = shared_work(crew)
    loops.error = MemoryError()
    assert outcome(lambda: crew.share(*work.job)) is loops.error
    assert np.isnan(work.parts[0]).all()
    assert work.parts[1] == pytest.approx(work.left[:, 1500:] @ work.right[:, 1500:].T)
    crew.close()


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
            Crew(4)
    assert len(started) == 2
    assert threading.active_count() == before


@pytest.mark.parametrize("begun", [True, False])
def test_who_waits_for_a_job_hears_that_it_fails_or_is_never_begun(
    monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    crew, loops = breaking_crew(monkeypatch, "take", 2)
    error, heard = OSError("no code"), threading.Event()
    reasons: list[BaseException] = []

    def hear(reason: BaseException) -> None:
        reasons.append(reason)
        heard.set()

    def wait() -> None:
        assert heard.wait(30)

    def fail() -> None:
        raise error

    if not begun:
        loops.error = error
    assert outcome(lambda: crew.run([wait, fail], hear)) is error
    assert set(reasons) == {error}
    outcome(crew.close)
