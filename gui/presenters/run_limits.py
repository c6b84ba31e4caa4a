"""RunLimits: the window that says how much room kept runs may take."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
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


@dataclass(frozen=True)
class _Use:
    """How many bytes all runs take, the caps, and which runs would go for another large one."""

    taken: int
    caps: Caps
    going: tuple[Run, ...]
    problem: str = ""


class RunLimits(QObject):
    """Opens the window, and writes the limits that are chosen there.

    `emptied` says that what was deleted before can no longer come back.
    """

    emptied = Signal()

    def __init__(self, store: RunStore, parent: QWidget) -> None:
        super().__init__(parent)
        self._store, self._parent = store, parent
        self._aside, self._writing = Aside(self), threading.Lock()

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
        self._aside.begin(
            lambda _report: self._store.empty_deleted(), lambda _nothing: self._measure()
        )

    def _measure(self, chosen: Caps | None = None) -> None:
        """Measure the runs beside the window, once the caps that were chosen are written."""

        def work(report: Report) -> _Use:
            with self._writing:
                report(0.0)  # newer ones may have been chosen
                problem = "" if chosen is None else self._problem_of(chosen)
            caps = self._store.caps
            going = self._store.would_go(caps.run_bytes)
            return _Use(self._store.total_bytes(), caps, going, problem)

        self._aside.begin(work, self._show)

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
            _going_first(use.going),
            caps.run_bytes // _MEGABYTE,
            caps.all_bytes // _MEGABYTE,
            use.problem,
        )


def _going_first(runs: Sequence[Run]) -> str:
    """Say which runs go if the next one takes all that one may take."""
    if not runs:
        return "There is room for another run: none would be deleted for it."
    named = ", ".join(f"“{run.title}”" for run in runs[:_NAMED])
    others = len(runs) - _NAMED
    more = f" and {count(others, 'other')}" if others > 0 else ""
    return f"For another large run these would be deleted: {named}{more}. Pin what is to stay."
