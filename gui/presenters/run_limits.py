"""RunLimits: the window that says how much room kept runs may take."""

import threading
import time
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from engine.errors import RunError
from engine.runs.caps import Caps
from engine.runs.room_use import RoomUse
from engine.runs.store import RunStore
from gui.background.latest_task import LatestTask, Report
from gui.editor.sizes import bytes_text

if TYPE_CHECKING:
    from gui.runs.limits_window import LimitsWindow

_MEGABYTE = 1_000_000
LOOK_EVERY = 1.0  # s between two looks at the folders while the window is open
LOOK_SHARE = 0.05  # of the time that these may take


class _Look(NamedTuple):
    """How much room the runs take; what went wrong with caps that were chosen, None: none were.

    It took so many `seconds`.
    """

    use: RoomUse
    problem: str | None
    seconds: float


class RunLimits(QObject):
    """Opens the window, keeps it true while it is open, and writes the limits chosen there.

    `emptied` says that what was deleted before can no longer come back.
    """

    emptied = Signal()

    def __init__(self, store: RunStore, parent: QWidget) -> None:
        super().__init__(parent)
        self._store, self._parent = store, parent
        self._task, self._writing = LatestTask(self), threading.Lock()
        self._emptying = LatestTask(self)
        self._timer = QTimer(self, singleShot=True, interval=round(1000 * LOOK_EVERY))
        self._timer.timeout.connect(self.renew)

    @Slot()
    def open(self) -> None:
        """Show the window."""
        self._window.show_measuring()
        self._window.open_window()
        self._measure()

    @cached_property
    def _window(self) -> "LimitsWindow":
        from gui.runs.limits_window import LimitsWindow

        made = LimitsWindow(str(self._store.folder), self._parent.window())
        made.limits_chosen.connect(self._choose)
        made.empty_wanted.connect(self._empty)
        return made

    @Slot(int, int)
    def _choose(self, one: int, all_runs: int) -> None:
        self._measure(Caps(one * _MEGABYTE, all_runs * _MEGABYTE))

    @Slot()
    def _empty(self) -> None:
        self.emptied.emit()
        self._emptying.begin(
            lambda _report: self._store.deleted.empty(), lambda _nothing: self.renew()
        )

    @Slot()
    def renew(self) -> None:
        """Measure again while the window is open; a slow disk is not asked twice."""
        if "_window" in vars(self) and self._window.isVisible():
            if self._task.busy:
                self._timer.start()
            else:
                self._measure()

    def _measure(self, chosen: Caps | None = None) -> None:
        """Measure the runs beside the window, once the caps that were chosen are written."""

        def work(report: Report) -> _Look:
            with self._writing:
                report(0.0)  # newer ones may have been chosen
                problem = None if chosen is None else self._problem_of(chosen)
            began = time.perf_counter()
            return _Look(RoomUse.of(self._store), problem, time.perf_counter() - began)

        self._task.begin(work, self._show, failed=lambda _problem: self._timer.start())

    def _problem_of(self, chosen: Caps) -> str:
        """Write the caps; return what went wrong."""
        try:
            self._store.set_caps(chosen)
        except RunError as error:
            return str(error)
        return ""

    def _show(self, look: _Look) -> None:
        use, caps = look.use, look.use.caps
        self._window.show_state(
            f"All runs take {bytes_text(use.taken)}, deleted ones that can come back included.",
            use.sentence,
            [run.title for run in use.first],
            caps.run_bytes // _MEGABYTE,
            caps.all_bytes // _MEGABYTE,
            look.problem,
        )
        self._timer.start(round(1000 * max(LOOK_EVERY, look.seconds / LOOK_SHARE)))
