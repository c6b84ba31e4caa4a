"""Thread pool: a few threads that share one piece of work and wait for each other."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from threading import Barrier
from typing import Any, Protocol

import numpy as np


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


class ThreadPool:
    """The pool of the standard library, with a job for the calling thread as well."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._helpers = ThreadPoolExecutor(max(1, threads - 1), "shard", initializer=_be_quiet)
        # All helpers are there from the beginning: one that is missed later would be waited for.
        together = Barrier(threads)
        try:
            for _ in range(threads - 1):
                self._helpers.submit(together.wait)
        except BaseException:
            together.abort()
            self.close()
            raise
        together.wait()

    def run(
        self,
        jobs: Sequence[Callable[[], Any]],
        failed: Callable[[BaseException], None] = lambda error: None,
    ) -> list[Any]:
        """Do at most as many jobs as there are threads, as `Pool` says."""
        if len(jobs) == 1:
            return [jobs[0]()]
        started: list[Future[Any]] = []
        try:
            for job in jobs[1:]:
                started.append(self._helpers.submit(partial(_reported, job, failed)))
            first = jobs[0]()
        except BaseException as fault:
            failed(fault)
            raise
        finally:
            wait(started)
        return [first, *(each.result() for each in started)]

    def close(self) -> None:
        """End the threads."""
        self._helpers.shutdown()


def thread_pool(threads: int) -> ThreadPool:
    """Make a pool of so many threads."""
    return ThreadPool(threads)


def _reported(job: Callable[[], Any], failed: Callable[[BaseException], None]) -> Any:
    try:
        return job()
    except BaseException as error:
        failed(error)
        raise


def _be_quiet() -> None:
    np.seterr(over="ignore", invalid="ignore")  # of this thread only
