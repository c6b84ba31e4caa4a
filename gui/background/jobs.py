"""Jobs: long calculations beside the training, with progress and Cancel."""

import atexit
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, QThread, Signal, Slot

from engine.errors import LayerscopeError
from gui.background.exit_wait import wait_at_last
from gui.background.failures import NO_MEMORY, defect_words

CLOSE_MILLISECONDS = 500  # that closing waits for a job to end
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


class _JobThread(QThread):
    """Runs one job. Signals are received by slots of Jobs, so in the window's thread."""

    progressed = Signal(float)

    def __init__(self, job: Job, parent: QObject) -> None:
        super().__init__(parent)
        self.job = job
        self.outcome: Outcome | None = None

    def run(self) -> None:
        """Do the work, and keep what became of it."""
        self.outcome = outcome_of(self.job.work, self._report)

    def _report(self, fraction: float) -> None:
        if self.isInterruptionRequested():
            raise CancelledError
        self.progressed.emit(fraction)


class Jobs(QObject):
    """Runs jobs one after the other. All signals are emitted in the window's thread.

    `changed` says that another job runs, or none.
    """

    changed = Signal()
    progressed = Signal(float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[Job] = deque()
        self._thread: _JobThread | None = None

    @property
    def title(self) -> str:
        """What runs; empty if nothing does."""
        return self._thread.job.title if self._thread is not None else ""

    @property
    def ending(self) -> str:
        """What is to be asked about before closing, in a sentence; empty if that is nothing."""
        return self._thread.job.ending() if self._thread is not None else ""

    def start(self, job: Job) -> None:
        """Run a job when those before it have ended."""
        self._waiting.append(job)
        if self._thread is None:
            self._next()

    @Slot()
    def cancel(self) -> None:
        """Give up the job that runs."""
        if self._thread is not None:
            self._thread.requestInterruption()

    def close(self) -> None:
        """Give up all jobs and wait for the thread to end, but no longer than a moment."""
        self._waiting.clear()
        if self._thread is not None:
            self._thread.finished.disconnect(self._on_finished)
            self._thread.requestInterruption()
            if not self._thread.wait(CLOSE_MILLISECONDS):
                self._thread.setParent(None)
                atexit.register(wait_at_last, self._thread, self._thread.job.title)
            self._thread = None

    def _next(self) -> None:
        self._thread = _JobThread(self._waiting.popleft(), self) if self._waiting else None
        if self._thread is not None:
            self._thread.progressed.connect(self.progressed)
            self._thread.finished.connect(self._on_finished)
            self._thread.start()
        self.changed.emit()

    @Slot()
    def _on_finished(self) -> None:
        thread = self._thread
        if thread is None:
            return
        self._next()
        if thread.outcome is None or thread.outcome.problem:
            thread.job.ended("" if thread.outcome is None else thread.outcome.problem)
        else:
            thread.job.done(thread.outcome.result)
        thread.deleteLater()
