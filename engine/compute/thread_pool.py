"""Thread pool: a few threads that share one piece of work and wait for each other."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import AbstractContextManager
from functools import partial
from queue import SimpleQueue
from typing import Any, Protocol

import numpy as np

_Task = tuple[Callable[[], Any], Future[Any]]


class Pool(Protocol):
    """Runs several jobs at the same time, the first in the calling thread.

    numpy's floating-point warnings are off in the other threads: the caller checks the results.
    """

    threads: int

    def run(
        self,
        jobs: Sequence[Callable[[], Any]],
        failed: Callable[[BaseException], None] = lambda error: None,
    ) -> list[Any]:
        """Do at most as many jobs as there are threads; return their results in order.

        Returns when none is running any more. Of several errors, that of the first job is raised.
        `failed` is called, in any thread, with the error of a job that fails or is never begun, so
        that it can release other jobs that wait for that one.
        """
        ...

    def close(self) -> None:
        """End the threads."""
        ...


class Barrier(Protocol):
    """Where threads that compute at the same time wait for each other."""

    def wait(self) -> object:
        """Wait until all threads are here.

        Raises threading.BrokenBarrierError once the barrier is broken.
        """
        ...

    def abort(self) -> None:
        """Break the barrier, so that no thread waits there any more."""
        ...


class Capture(Protocol):
    """What the threads of a pool do in a step, noted once to be done again without Python."""

    def recording(self) -> AbstractContextManager[None]:
        """Note what is done meanwhile, by this thread and by those of the pool."""
        ...

    def replay(self) -> None:
        """Do again what was noted, with what is in the arrays now."""
        ...


class ThreadPool:
    """A pool of threads of Python, each of which sleeps until it is given a job.

    The standard library's takes no job any more once the main thread has ended. But the threads
    that train are told to end only after that, and until then they need their pool.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._helpers: list[_Helper] = []
        try:
            for _ in range(1, threads):
                self._helpers.append(_Helper())
        except BaseException:
            self.close()
            raise

    def run(
        self,
        jobs: Sequence[Callable[[], Any]],
        failed: Callable[[BaseException], None] = lambda error: None,
    ) -> list[Any]:
        """Do at most as many jobs as there are threads, as `Pool` says."""
        if len(jobs) == 1:
            return [jobs[0]()]
        helpers = self._helpers[: len(jobs) - 1]
        started: list[Future[Any]] = []
        try:
            for helper, job in zip(helpers, jobs[1:], strict=True):
                started.append(helper.start(partial(_reported, job, failed)))
            first = jobs[0]()
        except BaseException as fault:
            failed(fault)
            raise
        finally:
            wait(started)
        return [first, *(each.result() for each in started)]

    def close(self) -> None:
        """End the threads."""
        while self._helpers:
            self._helpers.pop().end()


class _Helper:
    """One thread that does a job at a time."""

    def __init__(self) -> None:
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        # Whoever never closes the pool must not keep the program from ending.
        self._thread = threading.Thread(target=self._work, name="shard", daemon=True)
        self._thread.start()

    def start(self, job: Callable[[], Any]) -> Future[Any]:
        """Hand a job over; return what will hold its result or its error."""
        outcome: Future[Any] = Future()
        self._tasks.put((job, outcome))
        return outcome

    def end(self) -> None:
        self._tasks.put(None)
        self._thread.join()

    def _work(self) -> None:
        np.seterr(over="ignore", invalid="ignore")  # of this thread only
        while (task := self._tasks.get()) is not None:
            _do(*task)
            del task  # its arrays are many


def thread_pool(threads: int) -> Pool:
    """Make a pool of so many threads."""
    return ThreadPool(threads)


def capture(pool: Pool) -> Capture | None:
    """Make a capture of what the threads of a pool will do; None if this twin has none."""
    return None


def barrier(parties: int) -> Barrier:
    """Make a barrier at which so many threads wait for each other."""
    return threading.Barrier(parties)


def _do(job: Callable[[], Any], outcome: Future[Any]) -> None:
    try:
        result = job()
    except BaseException as error:  # it is raised where the result is asked for
        outcome.set_exception(error)
    else:
        outcome.set_result(result)


def _reported(job: Callable[[], Any], failed: Callable[[BaseException], None]) -> Any:
    try:
        return job()
    except BaseException as error:
        failed(error)
        raise
