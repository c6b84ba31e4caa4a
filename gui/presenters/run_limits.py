"""RunLimits: the window that says how much room kept runs may take."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from engine.errors import RunError
from engine.runs.caps import Caps
from engine.runs.run_folder import Run
from engine.runs.store import RunStore
from engine.text.words import count
from gui.background.aside import Aside, Report
from gui.editor.sizes import bytes_text

if TYPE_CHECKING:
    from gui.runs.limits_window import LimitsWindow

_MEGABYTE = 1_000_000
_NAMED = 3  # runs that would go first
LOOK_EVERY = 1.0  # s between two looks at the folders while the window is open
LOOK_SHARE = 0.05  # of the time that these may take


@dataclass(frozen=True)
class _Use:
    """How many bytes all runs take, the caps, and which runs go.

    `over` are those that must go now, `going` those that would for another large one. `problem` is
    what went wrong with caps that were chosen, None if none were. The look took so many `seconds`.
    """

    taken: int
    caps: Caps
    over: tuple[Run, ...]
    going: tuple[Run, ...]
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
        self._aside, self._writing = Aside(self), threading.Lock()
        self._emptying = Aside(self)
        self._timer = QTimer(self, singleShot=True, interval=round(1000 * LOOK_EVERY))
        self._timer.timeout.connect(self._renew)

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
            lambda _report: self._store.empty_deleted(), lambda _nothing: self._renew()
        )

    @Slot()
    def _renew(self) -> None:
        """Measure again while the window is open; a slow disk is not asked twice."""
        if self._window.isVisible():
            if self._aside.busy:
                self._timer.start()
            else:
                self._measure()

    def _measure(self, chosen: Caps | None = None) -> None:
        """Measure the runs beside the window, once the caps that were chosen are written."""

        def work(report: Report) -> _Use:
            with self._writing:
                report(0.0)  # newer ones may have been chosen
                problem = None if chosen is None else self._problem_of(chosen)
            began, store = time.perf_counter(), self._store
            caps, taken = store.caps, store.total_bytes()
            over = store.would_go(0) if taken > caps.all_bytes else ()
            needed = caps.run_bytes
            going = store.would_go(needed) if taken + needed > caps.all_bytes else ()
            return _Use(taken, caps, over, going, problem, time.perf_counter() - began)

        self._aside.begin(work, self._show, failed=lambda _problem: self._timer.start())

    def _problem_of(self, chosen: Caps) -> str:
        """Write the caps; return what went wrong."""
        try:
            self._store.set_caps(chosen)
        except RunError as error:
            return str(error)
        return ""

    def _show(self, use: _Use) -> None:
        caps = use.caps
        self._window.show_state(
            f"All runs take {bytes_text(use.taken)}, deleted ones that can come back included.",
            _going_now(use.over) or _going_first(use.going),
            caps.run_bytes // _MEGABYTE,
            caps.all_bytes // _MEGABYTE,
            use.problem,
        )
        self._timer.start(round(1000 * max(LOOK_EVERY, use.seconds / LOOK_SHARE)))


def _going_now(runs: Sequence[Run]) -> str:
    """Say which runs go since all take more than they may."""
    if not runs:
        return ""
    return f"Soon after a training ends these will be deleted: {_named(runs)}. Pin what is to stay."


def _going_first(runs: Sequence[Run]) -> str:
    """Say which runs go if the next one takes all that one may take."""
    if not runs:
        return "There is room for another run: none would be deleted for it."
    return f"For another large run these would be deleted: {_named(runs)}. Pin what is to stay."


def _named(runs: Sequence[Run]) -> str:
    named = ", ".join(f"“{run.title}”" for run in runs[:_NAMED])
    others = len(runs) - _NAMED
    return named + (f" and {count(others, 'other')}" if others > 0 else "")
