"""WorkerThread: the thread in which the worker trains, and how it comes to its end."""

import atexit
from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QObject, Qt, QThread

from engine.machine.cores import let_others_go_first
from gui.background.exit_wait import wait_at_last
from gui.background.mailbox import Inbox

CLOSE_MILLISECONDS = 500  # that closing waits for the thread


class WorkerThread:
    """A thread that ends with its owner, or with Python at the latest.

    One that runs when it is destroyed, or when Python ends, aborts the program. It and the threads
    that it starts to compute let the window's thread go first: they use all cores, and would take
    half of the one that the window draws on.
    """

    def __init__(self, inbox: Inbox, owner: QObject) -> None:
        self._inbox, self.thread = inbox, QThread()
        self._worker: QObject | None = None
        self.thread.setObjectName("training")
        owner.destroyed.connect(self._end)
        atexit.register(self._end)

    def start(self, worker: QObject, work: Callable[[], None]) -> None:
        """Start the thread with the work of a worker, which lives as long as the thread runs."""
        self._worker = worker  # its owner may be gone before the thread has begun
        worker.moveToThread(self.thread)
        direct = Qt.ConnectionType.DirectConnection  # in that thread, and not in the window's
        self.thread.started.connect(let_others_go_first, direct)
        self.thread.started.connect(work)
        self.thread.start()

    @property
    def ended(self) -> bool:
        """Return whether the thread has ended."""
        return not self.thread.isRunning()

    def close(self) -> None:
        """Stop whatever runs and wait for the thread to end, but no longer than a moment."""
        if self.thread.isRunning():
            self._ask_to_end()
            self.thread.wait(CLOSE_MILLISECONDS)
        if self.ended:
            atexit.unregister(self._end)

    def _end(self) -> None:
        """Stop whatever runs and wait for the thread to end, but not for ever."""
        if shiboken6.isValid(self.thread) and self.thread.isRunning():
            self._ask_to_end()
            wait_at_last(self.thread, "training")

    def _ask_to_end(self) -> None:
        self._inbox.put(urgent=True, quit=True)
        self.thread.quit()
