"""Crew: a few threads that share one piece of work and wait for each other."""

import threading
import time
from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

PATIENCE = 500  # times that a thread watches for less than a microsecond, before it sleeps
NAP = 5e-5  # seconds


class Crew:
    """Runs several jobs at the same time, the first in the calling thread.

    Waking a thread costs as much as many a job takes. So a helper that has done its job watches its
    mail for a little while (some 0.2 ms) before it sleeps. A job may be Python, or compiled: then
    nobody waits for Python's lock. numpy's floating-point warnings are off in the other threads:
    whoever asked for the work looks at what came of it.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._helpers = [_Helper(part) for part in range(1, threads)]

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

    def share(self, function: int, arguments: int) -> None:
        """Do all parts of a compiled job: one for every thread.

        function is the address of a compiled function that takes the address of its arguments and
        the number of its part.
        """
        for helper in self._helpers:
            helper.post(function, arguments)
        _serving().do(function, arguments, 0)
        for helper in self._helpers:
            helper.wait()

    def close(self) -> None:
        """End the threads."""
        for helper in self._helpers:
            helper.end()
        self._helpers = []


class _Helper:
    """One thread that does a job at a time."""

    def __init__(self, part: int) -> None:
        self._serving, self._part = _serving(), part
        self._mail = self._serving.new_mail()
        self._number = 0
        self._lock, self._asleep, self._wake = threading.Lock(), False, threading.Lock()
        self._wake.acquire()
        self._job: Callable[[], Any] | None = None
        self._result: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="shard", daemon=True)
        self._thread.start()

    def start(self, job: Callable[[], Any] | None) -> None:
        self._job = job
        self.post(0, 0)

    def post(self, function: int, arguments: int) -> None:
        with self._lock:
            self._number += 1
            self._serving.post(self._mail, self._number, function, arguments)
            if self._asleep:
                self._asleep = False
                self._wake.release()

    def wait(self) -> None:
        while not self._serving.is_done(self._mail, self._number, PATIENCE):
            time.sleep(NAP)

    def finish(self) -> tuple[Any, BaseException | None]:
        self.wait()
        outcome = self._result, self._error
        self._job = self._result = self._error = None
        return outcome

    def end(self) -> None:
        self.start(None)
        self._thread.join()

    def _work(self) -> None:
        np.seterr(over="ignore", invalid="ignore")  # of this thread only
        done = 0
        while True:
            done = self._serving.take(self._mail, self._part, done, PATIENCE)
            with self._lock:
                asleep = self._asleep = done == self._number
            if asleep:
                self._wake.acquire()
                continue
            if self._mail[self._serving.FUNCTION]:
                continue
            if self._job is None:
                return
            try:
                self._result = self._job()
            except BaseException as error:  # it is raised where the result is asked for
                self._error = error
            done += 1
            self._serving.report(self._mail, done)


@cache
def _serving() -> ModuleType:
    from engine.compute import serving  # numba takes long to import

    return serving
