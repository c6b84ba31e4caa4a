"""LatestTask: short work in a thread of its own, of which only the newest result counts."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from engine.machine.cores import let_others_go_first
from gui.background.jobs import CancelledError, Outcome, outcome_of

Report = Callable[[float], None]
THREAD = "latest task"


class LatestTask(QObject):
    """Does one thing after another; what is overtaken is given up, or its result is dropped.

    A disk that does not answer holds up the thread, not the window, and the program does not wait
    for it. The thread lets the window's go first, as those that train do: one that went before
    these would wait for them where they hold the interpreter.
    """

    _ended = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wish = 0  # number of the newest
        self._told: tuple[Callable[[Any], None], Callable[[str], None]] | None = None
        self._ended.connect(self._on_end)

    @property
    def busy(self) -> bool:
        """Whether a result is waited for."""
        return self._told is not None

    def begin(
        self,
        work: Callable[[Report], Any],
        done: Callable[[Any], None],
        *,
        failed: Callable[[str], None] = lambda _problem: None,
        patience: float = 0.0,
    ) -> None:
        """Begin to do some work, in place of what is under way.

        `work` calls what it is given with the fraction done; that ends it when it is overtaken.
        `done` gets the result in this thread, `failed` what went wrong, before this returns if that
        takes no longer than `patience`, in s.
        """
        self._wish += 1
        self._told = done, failed
        outcome: list[Outcome] = []
        args = self._wish, work, outcome
        thread = threading.Thread(target=self._run, args=args, name=THREAD, daemon=True)
        thread.start()
        if patience:
            thread.join(patience)
            if outcome:
                self._on_end(self._wish, outcome[0])

    def give_up(self) -> None:
        """Wait for no result any more."""
        self._wish += 1
        self._told = None

    def _run(self, command: int, work: Callable[[Report], Any], outcome: list[Outcome]) -> None:
        def report(_fraction: float) -> None:
            if command != self._wish:
                raise CancelledError

        let_others_go_first()
        found = outcome_of(work, report)
        if found is None:
            return
        outcome.append(found)
        with suppress(RuntimeError):  # the window is gone
            self._ended.emit(command, found)

    @Slot(int, object)
    def _on_end(self, command: int, outcome: Outcome) -> None:
        if command != self._wish or self._told is None:
            return
        done, failed = self._told
        self._told = None
        if outcome.problem:
            failed(outcome.problem)
        else:
            done(outcome.result)


def overtaken(report: Report) -> Callable[[], bool]:
    """Return what says whether some work has been overtaken."""

    def asked() -> bool:
        try:
            report(0.0)
        except CancelledError:
            return True
        return False

    return asked
