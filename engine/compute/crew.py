"""Crew: a few threads that share one piece of work and wait for each other."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


class Crew:
    """Runs several jobs at the same time, the first in the calling thread.

    Handing a job over by two locks takes a third of the time that a `ThreadPoolExecutor` needs,
    which counts where a job takes less than a millisecond. numpy's floating-point warnings are off
    in the other threads: whoever asked for the work looks at what came of it.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._helpers = [_Helper() for _ in range(threads - 1)]

    def run(self, jobs: Sequence[Callable[[], Any]]) -> list[Any]:
        """Do at most as many jobs as there are threads; give their results in order.

        Returns when none is running any more. Of several errors, the first job's is raised.
        """
        if len(jobs) == 1:
            return [jobs[0]()]
        helpers = self._helpers[: len(jobs) - 1]
        for helper, job in zip(helpers, jobs[1:], strict=True):
            helper.start(job)
        try:
            first = jobs[0]()
        finally:
            outcomes = [helper.finish() for helper in helpers]
        for _, error in outcomes:
            if error is not None:
                raise error
        return [first, *(result for result, _ in outcomes)]

    def close(self) -> None:
        """End the threads."""
        for helper in self._helpers:
            helper.end()
        self._helpers = []


class _Helper:
    """One thread that does a job at a time."""

    def __init__(self) -> None:
        self._go, self._done = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._done.acquire()
        self._job: Callable[[], Any] | None = None
        self._result: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="shard", daemon=True)
        self._thread.start()

    def start(self, job: Callable[[], Any]) -> None:
        self._job = job
        self._go.release()

    def finish(self) -> tuple[Any, BaseException | None]:
        self._done.acquire()
        outcome = self._result, self._error
        self._job = self._result = self._error = None
        return outcome

    def end(self) -> None:
        self._job = None
        self._go.release()
        self._thread.join()

    def _work(self) -> None:
        np.seterr(over="ignore", invalid="ignore")  # of this thread only
        while True:
            self._go.acquire()
            if self._job is None:
                return
            try:
                self._result = self._job()
            except BaseException as error:  # it is raised where the result is asked for
                self._error = error
            self._done.release()
