"""The thread that trains lets the window's go first."""

import gc
import os
import sys
import threading
import weakref
from contextlib import suppress
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Slot
from shiboken6 import delete

from engine.machine.cores import STEPS_BACK
from gui.background.mailbox import Inbox
from gui.background.session import WorkerThread
from tests.gui.driving import Driver


@pytest.mark.skipif(sys.platform != "linux", reason="says how nice a thread is")
def test_what_trains_lets_the_window_go_first(shared_driver: Driver) -> None:
    usual = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    found: set[int] = set()
    for thread in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            if (thread / "comm").read_text() == "training\n":  # or one that it has started
                found.add(os.getpriority(os.PRIO_PROCESS, int(thread.name)))
    assert found == {min(usual + STEPS_BACK, 19)}


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
