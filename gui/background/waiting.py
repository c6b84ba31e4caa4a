"""Wait for long work whose result the next step needs, with the window alive meanwhile."""

import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from engine.errors import LayerscopeError
from engine.files.atomic import ProgressReport
from gui.background.jobs import CancelledError
from gui.theme import GRID
from gui.widgets.labels import plain_label
from gui.widgets.layouts import named
from gui.widgets.progress_bar import ProgressBar

T = TypeVar("T")
PATIENCE = 0.1  # s that the window may stand still; most work is done by then
LOOK_SECONDS = PATIENCE  # that a look at a disk may take
LAST_SECONDS = 5.0  # that work has to end after it was cancelled, or when the program ends
_POLL = 30  # ms
_GIVEN_UP = 2  # result of the dialog


def wait_for(parent: QWidget, title: str, work: Callable[[ProgressReport], T]) -> T:
    """Return what `work` gives, which runs in a thread of its own.

    It may only read what nothing writes to meanwhile. It calls what it is given with the fraction
    done, 0 to 1; that call ends it when the user cancels. If it takes its time, a dialog shows how
    far it is and keeps input from the windows, while they are drawn and training goes on.

    Raises what `work` raises, CancelledError if the user cancelled, and LayerscopeError if the work
    does not end then, as on a disk that does not answer.
    """
    thread = _Work(title, work)
    thread.start()
    thread.join(PATIENCE)
    if thread.is_alive():
        dialog = _Dialog(parent, title, thread)
        given_up = dialog.exec() == _GIVEN_UP
        dialog.deleteLater()
        if not given_up:  # the program may have been told to end, which ends every dialog
            thread.join(LAST_SECONDS)
        if thread.is_alive():
            thread.cancelled = True
            raise LayerscopeError(
                f"{title} was given up: the disk does not answer. See what it does, or choose "
                "another folder."
            )
    return thread.outcome.result(0)


def look(work: Callable[[], T], otherwise: T, seconds: float | None = None) -> T:
    """Return what a short look at a disk gives; `otherwise` if the disk does not answer at once."""
    thread = _Work("look", lambda _: work())
    thread.start()
    thread.join(LOOK_SECONDS if seconds is None else seconds)
    return otherwise if thread.is_alive() else thread.outcome.result(0)


class _Work(threading.Thread, Generic[T]):
    """The work on its way, how far it is, and what became of it."""

    def __init__(self, title: str, work: Callable[[ProgressReport], T]) -> None:
        super().__init__(name=title, daemon=True)  # the program does not wait for a dead disk
        self._work = work
        self.outcome: Future[T] = Future()
        self.fraction, self.cancelled = 0.0, False

    def run(self) -> None:
        try:
            self.outcome.set_result(self._work(self._report))
        except BaseException as fault:  # raised anew where it is waited for
            self.outcome.set_exception(fault)

    def _report(self, fraction: float) -> None:
        if self.cancelled:
            raise CancelledError
        self.fraction = fraction


class _Dialog(QDialog):
    """Shows how far the work is, until it has ended, or does not end when it was cancelled."""

    def __init__(self, parent: QWidget, title: str, thread: _Work[T]) -> None:
        super().__init__(parent)
        self._thread = thread
        self._cancelled_at = math.inf  # s on the clock
        self.setObjectName("waiting")
        self.setWindowTitle("Layerscope")
        self._words = named(plain_label(title, wraps=True), "waiting.title")
        self._progress = named(ProgressBar(), "waiting.progress", f"Progress: {title}")
        cancel = QDialogButtonBox.StandardButton.Cancel
        buttons = named(QDialogButtonBox(cancel), "waiting.buttons")
        buttons.rejected.connect(self.reject)
        self._cancel = named(buttons.button(cancel), "waiting.cancel")
        column = QVBoxLayout(self)
        column.setSpacing(GRID)
        for part in (self._words, self._progress, buttons):
            column.addWidget(part)
        self.setMinimumWidth(45 * GRID)
        self._timer = QTimer(self, interval=_POLL)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    @Slot()
    def reject(self) -> None:
        """Wish for an end, by the button, by Esc, or by closing; the work ends at its next step."""
        if not self._thread.cancelled:
            self._cancelled_at = time.monotonic()
        self._thread.cancelled = True
        self._cancel.setEnabled(False)

    @Slot()
    def _look(self) -> None:
        self._progress.show_fraction(self._thread.fraction)
        if not self._thread.is_alive():
            self._timer.stop()
            self.accept()
        elif time.monotonic() > self._cancelled_at + LAST_SECONDS:
            self._timer.stop()
            self.done(_GIVEN_UP)
