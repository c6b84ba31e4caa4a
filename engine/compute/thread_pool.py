"""Thread pool: a few threads that share one piece of work and wait for each other."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from queue import SimpleQueue
from typing import Any, Protocol

import numpy as np

_Task = tuple[Callable[[], Any], Callable[[BaseException], None], Future[Any]]


def ignored(error: BaseException) -> None:
    """Do nothing about an error."""


class Pool:
    """Runs several jobs at the same time, the first in the calling thread.

    Each of its threads sleeps until it is given a job. numpy's floating-point warnings are off
    there: the caller checks the results.

    The standard library's takes no job any more once the main thread has ended. But the threads
    that train are told to end only after that, and until then they need their pool.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._helpers: list[Any] = []
        try:
            for part in range(1, threads):
                self._helpers.append(self._helper(part))
        except BaseException:
            self.close()
            raise

    def _helper(self, part: int) -> Any:
        return _Helper()

    def run(
        self, jobs: Sequence[Callable[[], Any]], failed: Callable[[BaseException], None] = ignored
    ) -> list[Any]:
        """Do at most as many jobs as there are threads; return their results in order.

        Returns when none is running any more. Of several errors, that of the first job is raised.
        `failed` is called, in any thread, with the error of a job that fails or is never begun, so
        that it can release other jobs that wait for that one.
        """
        if len(jobs) == 1:
            return [jobs[0]()]
        helpers = self._helpers[: len(jobs) - 1]
        outcomes: list[tuple[Any, BaseException | None]] = []
        try:
            try:
                for helper, job in zip(helpers, jobs[1:], strict=True):
                    helper.start(job, failed)
                first = jobs[0]()
            except BaseException as fault:
                failed(fault)
                raise
            finally:
                outcomes += [helper.finish() for helper in helpers]
            for _, error in outcomes:
                if error is not None:
                    raise error
            return [first, *(result for result, _ in outcomes)]
        finally:  # else this call holds its errors, they this call, and both all arrays
            outcomes.clear()
            error = None

    def close(self) -> None:
        """End the threads."""
        while self._helpers:
            self._helpers.pop().end()


class Capture(Protocol):
    """What the threads of a pool do in a step, noted once to be done again without Python."""

    def recording(self) -> AbstractContextManager[None]:
        """Note what is done meanwhile, by this thread and by those of the pool."""

    def replay(self) -> None:
        """Do again what was noted, with what is in the arrays now."""


class _Helper:
    """One thread that does a job at a time."""

    def __init__(self) -> None:
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._outcome: Future[Any] | None = None
        # Whoever never closes the pool must not keep the program from ending.
        self._thread = threading.Thread(target=self._work, name="shard", daemon=True)
        self._thread.start()

    def start(self, job: Callable[[], Any], failed: Callable[[BaseException], None]) -> None:
        """Hand a job over; `failed` is called if it fails."""
        self._outcome = Future()
        self._tasks.put((job, failed, self._outcome))

    def finish(self) -> tuple[Any, BaseException | None]:
        """Wait for the job that was handed over, if any; return its result and its error."""
        outcome, self._outcome = self._outcome, None
        if outcome is None:
            return None, None
        error = outcome.exception()
        return (None, error) if error else (outcome.result(), None)

    def end(self) -> None:
        self._tasks.put(None)
        self._thread.join()

    def _work(self) -> None:
        np.seterr(over="ignore", invalid="ignore")  # of this thread only
        while (task := self._tasks.get()) is not None:
            _do(*task)
            del task  # its arrays are many


def capture(pool: Pool) -> Capture | None:
    """Make a capture of what the threads of a pool will do; None if this twin has none."""
    return None


def _do(
    job: Callable[[], Any], failed: Callable[[BaseException], None], outcome: Future[Any]
) -> None:
    try:
        result = job()
    except BaseException as error:  # it is raised where the result is asked for
        failed(error)
        outcome.set_exception(error)
        del job, outcome  # else the error holds this call, and with it all arrays
    else:
        outcome.set_result(result)
