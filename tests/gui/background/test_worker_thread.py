"""The thread that trains lets the window's go first."""

import gc
import threading
import weakref

from PySide6.QtCore import QObject, Slot
from shiboken6 import delete

from gui.background.mailbox import Inbox
from gui.background.session import WorkerThread


class _Working(QObject):
    def __init__(self, inbox: Inbox) -> None:
        super().__init__()
        self._inbox, self.begun, self.may_end = inbox, threading.Event(), threading.Event()

    @Slot()
    def work(self) -> None:
        self.begun.set()
        self.may_end.wait(10)
        self._inbox.take(wait=True)


def test_a_worker_lives_while_its_thread_runs_even_if_its_owner_is_gone() -> None:
    inbox, owner = Inbox(), QObject()
    thread, worker = WorkerThread(inbox, owner), _Working(inbox)
    begun, may_end, left = worker.begun, worker.may_end, weakref.ref(worker)
    thread.start(worker, worker.work)
    running = thread.thread
    del worker, thread
    assert begun.wait(10)
    gc.collect()
    assert left() is not None
    may_end.set()
    delete(owner)
    assert not running.isRunning()
