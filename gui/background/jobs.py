"""Jobs: long calculations beside the training, with progress and Cancel."""

import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal, Slot

from engine.errors import LayerscopeError
from gui.background.failures import NO_MEMORY, defect_words

THREAD = "job"
CLOSE_SECONDS = 0.5  # that closing waits for a job to end
ReportProgress = Callable[[float], None]


class CancelledError(Exception):
    """The job was given up on the user's wish."""


class Outcome(NamedTuple):
    """What came of some work, or what went wrong."""

    result: Any = None
    problem: str = ""


def outcome_of(work: Callable[[ReportProgress], Any], report: ReportProgress) -> Outcome | None:
    """Do some work in a thread beside the window; None: it was given up."""
    try:
        return Outcome(work(report))
    except CancelledError:
        return None
    except LayerscopeError as error:
        return Outcome(problem=str(error))
    except MemoryError:
        return Outcome(problem=NO_MEMORY)
    except Exception as error:  # a defect: the hook says so, and the window stays alive
        sys.excepthook(*sys.exc_info())
        return Outcome(problem=f"{defect_words(error)}.")


@dataclass(frozen=True)
class Job:
    """A calculation over values that nothing else writes to.

    `work` runs in a thread of its own and calls what it is given with the fraction done, 0 to 1;
    that call raises CancelledError when the job is to end. `done` gets the result, in the window's
    thread; `ended` is called there if there is none, with what went wrong, empty if cancelled.
    `ending` says there what is to be asked about before the program ends the job; empty: nothing.
    """

    title: str
    work: Callable[[ReportProgress], Any]
    done: Callable[[Any], None]
    ended: Callable[[str], None] = lambda _problem: None
    ending: Callable[[], str] = lambda: ""


class Jobs(QObject):
    """Runs jobs one after the other. All signals are received in the window's thread.

    `changed` says that another job runs, or none.
    """

    changed = Signal()
    progressed = Signal(float)
    _over = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[Job] = deque()
        self._job: Job | None = None
        self._thread: threading.Thread | None = None
        self._given_up = threading.Event()  # the job that runs
        self._over.connect(self._on_end)

    @property
    def title(self) -> str:
        """What runs; empty if nothing does."""
        return self._job.title if self._job is not None else ""

    @property
    def ending(self) -> str:
        """What is to be asked about before closing, in a sentence; empty if that is nothing."""
        return self._job.ending() if self._job is not None else ""

    def start(self, job: Job) -> None:
        """Run a job when those before it have ended."""
        self._waiting.append(job)
        if self._job is None:
            self._next()

    @Slot()
    def cancel(self) -> None:
        """Give up the job that runs."""
        self._given_up.set()

    def close(self) -> None:
        """Give up all jobs and wait for the thread to end, but no longer than a moment."""
        self._waiting.clear()
        self._given_up.set()
        self._job = None
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)

    def _next(self) -> None:
        self._job = self._waiting.popleft() if self._waiting else None
        if self._job is not None:
            self._given_up = threading.Event()
            args = self._job, self._given_up
            self._thread = threading.Thread(target=self._run, args=args, name=THREAD, daemon=True)
            self._thread.start()
        self.changed.emit()

    def _run(self, job: Job, given_up: threading.Event) -> None:
        def report(fraction: float) -> None:
            if given_up.is_set():
                raise CancelledError
            self.progressed.emit(fraction)

        outcome = outcome_of(job.work, report)
        with suppress(RuntimeError):  # the window is gone
            self._over.emit(job, outcome)

    @Slot(object, object)
    def _on_end(self, job: Job, outcome: Outcome | None) -> None:
        if job is not self._job:
            return  # all were given up
        self._next()
        if outcome is None or outcome.problem:
            job.ended("" if outcome is None else outcome.problem)
        else:
            job.done(outcome.result)
