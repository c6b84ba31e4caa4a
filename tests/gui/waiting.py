"""How a test waits: events are processed meanwhile, and other threads get the interpreter."""

import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QObject, QTimer

from gui.background.mailbox import Commands, Inbox, Outbox, Updates

SECONDS = 30.0  # much more than anything takes, even on a busy machine
POLL = 5  # ms between two glances
GLANCES = 1_000  # at least: while others have all cores, or the process is stopped, time goes by
SOON = 60  # ms; what the window puts off by less is on its way


def run_events(milliseconds: int = 0) -> None:
    """Process events for some time; QTest.qWait would keep the interpreter to itself."""
    loop = QEventLoop()
    timer = QTimer(loop, singleShot=True)  # gone with the loop, which closing a window ends sooner
    timer.timeout.connect(loop.quit)
    timer.start(milliseconds)
    loop.exec()


def wait_until(condition: Callable[[], bool]) -> None:
    """Process events until a condition holds; a test in which it never does fails."""
    end, glances = time.perf_counter() + SECONDS, 0
    while not condition():
        in_vain = time.perf_counter() > end and glances > GLANCES
        assert not in_vain, f"waited {SECONDS:g} s in vain"
        run_events(POLL)
        glances += 1


def puts_something_off(parent: QObject) -> bool:
    """Return whether anything below waits for a timer before it goes on."""
    return any(
        timer.isActive() and timer.isSingleShot() and timer.remainingTime() < SOON
        for timer in parent.findChildren(QTimer)
    )


class WatchedInbox(Inbox):
    """An inbox that knows whether the worker sleeps: the lock is free only while it does."""

    def __init__(self) -> None:
        super().__init__()
        self._sleeps = False

    def take(self, *, wait: bool) -> Commands:
        """Take all wishes; with `wait`, sleep until there is one."""
        with self._ready:
            self._sleeps = wait
            commands = super().take(wait=wait)
            self._sleeps = False
            return commands

    @property
    def at_rest(self) -> bool:
        """Whether the worker has done all that it was asked for, and waits."""
        with self._ready:
            return self._sleeps and not self.waiting


class WatchedOutbox(Outbox):
    """An outbox that knows whether the window has taken all."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing new."""
        with self._lock:
            return self._updates == Updates(self._updates.generation)


def at_rest(inbox: Inbox, outbox: Outbox) -> bool:
    """Return whether the worker has done all that it was asked for, and the window has all."""
    assert isinstance(inbox, WatchedInbox)
    assert isinstance(outbox, WatchedOutbox)
    return inbox.at_rest and outbox.empty
