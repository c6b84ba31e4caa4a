"""The watching pool: compiled jobs, and threads that cannot go on."""

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from engine.compute.native import dense_loops, handoff
from engine.compute.native import thread_pool as crews
from engine.compute.native.thread_pool import ThreadPool, _PoolThread
from engine.training.executor import Executor
from tests.engine.ending import outcome
from tests.engine.networks import MODERN, batch, fitting, network


class Breaking(SimpleNamespace):
    """The compiled loops of helpers, of which one raises from a wanted moment on."""

    def __init__(self, name: str) -> None:
        super().__init__(**vars(handoff))
        self.error: BaseException | None = None
        whole = getattr(handoff, name)

        def breaking(*arguments: object) -> object:
            if self.error is not None:
                raise self.error
            return whole(*arguments)

        setattr(self, name, breaking)


def breaking_crew(
    monkeypatch: pytest.MonkeyPatch, name: str, threads: int
) -> tuple[ThreadPool, Breaking]:
    loops = Breaking(name)
    monkeypatch.setattr(crews, "handoff", loops)
    pool = ThreadPool(threads)
    assert pool.run([lambda: 1] * threads) == [1] * threads
    deadline = time.monotonic() + 30
    while not all(helper._asleep for helper in pool._helpers):  # none is in a loop any more
        assert time.monotonic() < deadline
        time.sleep(0.001)
    return pool, loops


@pytest.mark.parametrize("name", ["take", "report"])
def test_nobody_waits_for_a_helper_that_cannot_go_on(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = threading.active_count()
    pool, loops = breaking_crew(monkeypatch, name, 3)
    loops.error = OSError("no code")
    for _ in range(2):
        found = outcome(lambda: pool.run([lambda: 1, lambda: 2, lambda: 3]))
        assert found is loops.error
    outcome(pool.close)
    assert threading.active_count() == before


def test_nobody_waits_for_the_compiled_job_of_a_helper_that_cannot_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool, loops = breaking_crew(monkeypatch, "take", 2)
    loops.error = OSError("no code")
    work = SharedWork(pool.threads)
    assert outcome(lambda: pool.multiply(work.arguments)) is loops.error
    outcome(pool.close)


def test_a_helper_that_is_gone_without_a_word_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews._PoolThread, "_work", lambda helper: None)
    pool = ThreadPool(2)
    found = outcome(lambda: pool.run([lambda: 1, lambda: 2]))
    assert isinstance(found, RuntimeError)
    assert "thread of the engine" in str(found)
    outcome(pool.close)


def test_a_job_that_could_not_be_handed_out_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool, loops = breaking_crew(monkeypatch, "post", 3)
    loops.error = MemoryError()
    assert outcome(lambda: pool.run([lambda: 1, lambda: 2, lambda: 3])) is loops.error
    loops.error = None
    assert outcome(lambda: pool.run([lambda: 4, lambda: 5, lambda: 6])) == [4, 5, 6]
    loops.error = MemoryError()
    outcome(pool.close)  # which needs no compiled loop
    assert pool._helpers == []


class SharedWork:
    """X Wᵀ by columns, one part for every thread; and the memory that it lies in."""

    def __init__(self, threads: int) -> None:
        rng = np.random.default_rng(0)
        self.left, self.right = rng.normal(size=(200, 3000)), rng.normal(size=(300, 3000))
        self.parts = np.full((threads, 200, 300), np.nan)
        self.arguments, self._scales = np.empty(dense_loops.ARGUMENTS, np.int64), np.eye(2)[0]
        dense_loops.write_product(
            self.arguments, threads, self.left, self.right, self.parts, self._scales, True, False
        )


def test_a_fault_of_the_caller_is_raised_when_no_helper_works_on_its_arrays_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool, work = ThreadPool(2), SharedWork(2)
    error = MemoryError()

    def fail(arguments: dense_loops.Arguments, part: int) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(crews, "dense_loops", SimpleNamespace(multiply_part=fail))
        assert outcome(lambda: pool.multiply(work.arguments)) is error
    assert np.isnan(work.parts[0]).all()
    assert work.parts[1] == pytest.approx(work.left[:, 1500:] @ work.right[:, 1500:].T)
    pool.close()


def test_who_waits_for_a_job_hears_that_it_is_never_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, loops = breaking_crew(monkeypatch, "take", 2)
    error, heard = OSError("no code"), threading.Event()
    reasons: list[BaseException] = []

    def hear(reason: BaseException) -> None:
        reasons.append(reason)
        heard.set()

    def wait() -> None:
        assert heard.wait(30)

    loops.error = error
    assert outcome(lambda: pool.run([wait, lambda: None], hear)) is error
    assert set(reasons) == {error}
    outcome(pool.close)


def test_closing_after_a_shared_job_does_not_do_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = ThreadPool(2)
    work = SharedWork(pool.threads)
    pool.multiply(work.arguments)
    work.parts[:] = np.nan
    outcome(pool.close)
    assert np.isnan(work.parts).all()


def test_no_part_of_a_batch_waits_for_a_thread_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The parts meet in BatchNorm, in the middle of a step."""
    gone = OSError("no code")

    def end_at_once(_: _PoolThread) -> None:
        raise gone

    monkeypatch.setattr(_PoolThread, "_serve", end_at_once)
    executor = Executor(network(fitting(MODERN, loss="cross_entropy")), "cross_entropy", threads=3)
    for _ in range(2):
        assert outcome(lambda: executor.gradients(batch(60))) is gone
    outcome(executor.close)
