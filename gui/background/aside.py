"""Aside: short work in a thread of its own, of which only the newest result counts."""

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from gui.background.jobs import CancelledError

Report = Callable[[float], None]
THREAD = "aside"


class Aside(QObject):
    """Does one thing after another; what is overtaken is given up, or its result is dropped.

    A disk that does not answer holds up the thread, not the window, and the program does not wait
    for it.
    """

    _ended = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wish = 0  # number of the newest
        self._done: Callable[[Any], None] | None = None
        self._ended.connect(self._on_end)

    @property
    def busy(self) -> bool:
        """Whether a result is waited for."""
        return self._done is not None

    def begin(
        self, work: Callable[[Report], Any], done: Callable[[Any], None], patience: float = 0.0
    ) -> None:
        """Begin to do some work, in place of what is under way.

        `work` calls what it is given with the fraction done; that ends it when it is overtaken.
        `done` gets the result in this thread, before this returns if that takes no longer than
        `patience`, in s.
        """
        self._wish += 1
        self._done = done
        result: list[Any] = []
        thread = threading.Thread(
            target=self._run, args=(self._wish, work, result), name=THREAD, daemon=True
        )
        thread.start()
        if patience:
            thread.join(patience)
            if result:
                self._on_end(self._wish, result[0])

    def give_up(self) -> None:
        """Wait for no result any more."""
        self._wish += 1
        self._done = None

    def _run(self, wish: int, work: Callable[[Report], Any], result: list[Any]) -> None:
        def report(_fraction: float) -> None:
            if wish != self._wish:
                raise CancelledError

        try:
            result.append(work(report))
        except CancelledError:
            return
        except BaseException:  # a defect: the hook says so, and the window stays alive
            sys.excepthook(*sys.exc_info())
            return
        with suppress(RuntimeError):  # the window is gone
            self._ended.emit(wish, result[0])

    @Slot(int, object)
    def _on_end(self, wish: int, result: Any) -> None:
        done = self._done
        if wish == self._wish and done is not None:
            self._done = None
            done(result)
