"""FollowedRuns: runs of the list whose folders are elsewhere, each read again every second."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from engine.errors import RunError
from engine.runs.run_folder import Run
from gui.background.latest_task import LatestTask
from gui.runs.run_rows import shown_fields
from gui.widgets.messages import MessageBar

if TYPE_CHECKING:
    from engine.runs.following import Follower

LOOK_EVERY = 1_000  # ms
_TOPIC = "followed runs"
_Found = list[tuple[Path, Run | None, str]]  # a run or a problem


class FollowedRuns(QObject):
    """Reads in a thread of its own, for a disk that does not answer.

    `changed` is called when a run has come, grown or gone.
    """

    def __init__(self, messages: MessageBar, changed: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._messages, self._changed = messages, changed
        self._task = LatestTask(self)
        self._followers: dict[Path, Follower] = {}
        self._runs: dict[Path, Run] = {}
        self._problem = ""
        self._timer = QTimer(self, interval=LOOK_EVERY)
        self._timer.timeout.connect(self._look_again)

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs as they were read last."""
        return tuple(self._runs.values())

    def add(self, folders: Iterable[Path]) -> None:
        """Follow the runs of some folders; of one that cannot be read at once only why is said."""
        from engine.runs.following import Follower

        for folder in folders:
            self._followers.setdefault(folder, Follower(folder))
        self._show_problem("")
        self._messages.unsay(_TOPIC)
        self._look()
        self._timer.start()

    def remove(self, folders: Iterable[Path]) -> None:
        """Follow the runs of some folders no longer."""
        for folder in folders:
            self._followers.pop(folder, None)
            self._runs.pop(folder, None)
        if not self._followers:
            self._timer.stop()
            self._task.give_up()
            self._show_problem("")
        self._changed()

    @Slot()
    def _look_again(self) -> None:
        if not self._task.busy:
            self._look()

    def _look(self) -> None:
        followers = tuple(self._followers.values())
        self._task.begin(lambda _report: [_look_at(each) for each in followers], self._on_look)

    def _on_look(self, found: _Found) -> None:
        before, problem = {folder: shown_fields(run) for folder, run in self._runs.items()}, ""
        for folder, run, why in found:
            if run is not None and folder in self._followers:
                self._runs[folder] = run
            elif folder in self._runs:
                problem = f"{why} What was seen of it stays."
            elif self._followers.pop(folder, None) is not None:
                self._messages.say(_TOPIC, why)
        if not self._followers:
            self._timer.stop()
            return
        self._show_problem(problem)
        if before != {folder: shown_fields(run) for folder, run in self._runs.items()}:
            self._changed()

    def _show_problem(self, problem: str) -> None:
        """Show once what goes wrong, and take it back when it is over."""
        if problem != self._problem:
            self._problem = problem
            if problem:
                self._messages.say(_TOPIC, problem)
            else:
                self._messages.unsay(_TOPIC)


def _look_at(follower: "Follower") -> tuple[Path, Run | None, str]:
    try:
        return follower.folder, follower.look(), ""
    except RunError as fault:
        return follower.folder, None, str(fault)
