"""The watching pool: compiled jobs, and threads that cannot go on."""

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from engine.compute import numerics
from engine.compute.native.dense import dense_outputs
from engine.compute.native.threads import handoff, replay_loops
from engine.compute.native.threads import thread_pool as crews
from engine.compute.native.threads.capture import Capture
from engine.compute.native.threads.thread_pool import ThreadPool, _PoolThread
from engine.training.executor import Executor
from tests.engine.ending import outcome
from tests.engine.networks import MODERN, batch, fitting, network
from tests.failing import failing


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
    work = SharedWork(pool)
    loops.error = OSError("no code")
    assert outcome(work.capture.replay) is loops.error
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
    """y = W x, captured: a part of the sum in each thread, and then their sum."""

    def __init__(self, pool: ThreadPool) -> None:
        rng = np.random.default_rng(0)
        self.inputs, self.weights = rng.normal(size=(60, 1000)), rng.normal(size=(100, 1000))
        self.out, nothing = np.empty((60, 100)), np.zeros(100)
        self.capture = Capture(pool)
        with self.capture.recording():
            dense_outputs(self.inputs, self.weights, nothing, self.out, pool)
        self.right = self.inputs @ self.weights.T
        self.out[:] = np.nan

    def check(self) -> None:
        assert outcome(self.capture.replay) is None
        np.testing.assert_allclose(self.out, self.right, rtol=1e-6, atol=1e-12)
        self.out[:] = np.nan


def test_after_a_fault_of_the_caller_no_helper_is_at_work_and_all_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = ThreadPool(3)
    work, error = SharedWork(pool), MemoryError()

    with monkeypatch.context() as patch:
        loops = SimpleNamespace(**vars(replay_loops))
        loops.replay = failing(error)
        patch.setattr(crews, "replay_loops", loops)
        assert outcome(work.capture.replay) is error
    for _ in range(3):
        work.check()
    pool.close()


def test_a_track_that_could_not_be_handed_out_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = ThreadPool(3)
    work, error = SharedWork(pool), MemoryError()

    for helper in pool._helpers:
        with monkeypatch.context() as patch:
            patch.setattr(helper, "post_track", failing(error))
            assert outcome(work.capture.replay) is error
        work.check()
    pool.close()


def test_who_runs_out_of_patience_goes_on_later(monkeypatch: pytest.MonkeyPatch) -> None:
    loops = SimpleNamespace(**vars(handoff))
    loops.PATIENCE = 1
    monkeypatch.setattr(crews, "handoff", loops)
    pool = ThreadPool(3)
    work = SharedWork(pool)
    for _ in range(20):
        work.check()
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


def test_closing_after_a_shared_job_does_not_do_it_again() -> None:
    pool = ThreadPool(2)
    work = SharedWork(pool)
    work.check()
    outcome(pool.close)
    assert np.isnan(work.out).all()


def test_no_part_of_a_batch_waits_for_a_thread_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The parts meet in BatchNorm, in the middle of a step."""
    gone = OSError("no code")
    monkeypatch.setattr(_PoolThread, "_serve", failing(gone))
    native = numerics._native()  # also where the environment asks for the plain twin
    monkeypatch.setattr(numerics, "_chosen", lambda: native)
    executor = Executor(network(fitting(MODERN, loss="cross_entropy")), "cross_entropy", threads=3)
    for _ in range(2):
        assert outcome(lambda: executor.gradients(batch(60))) is gone
    outcome(executor.close)
