"""RunChanges: what a user changes of kept runs, such as their names, or that they are kept."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from engine.errors import RunError
from engine.runs.deleted_runs import Deleted
from engine.runs.run_folder import Run, is_run_folder, read_run
from engine.runs.store import RunStore
from engine.text.words import count
from gui.background.jobs import Job, Jobs
from gui.widgets.refusal import Refusal

_Said = Mapping[str, object]  # what users say of a run, by the names of `RunStore.edit`
_logger = logging.getLogger(__name__)


class RunChanges(QObject):
    """Writes one change after the other, in a thread: another program may hold a folder up.

    `changed` says that folders were written; `deleted` carries a sentence that an undo belongs to,
    `restored` the id of a run that is back, `pinned` the keys of runs that were pinned. What is
    refused is said by `refusal`, until the next change is made. `noted` says that there is
    something new for `undo`, in front of what it would have undone before.
    """

    changed = Signal()
    noted = Signal()
    deleted = Signal(str)
    restored = Signal(str)
    pinned = Signal(object)

    def __init__(self, store: RunStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._jobs = Jobs(self)
        self.refusal = Refusal(self)
        # When each change was made, in s on the clock, and what undoes it; the last one is last.
        self._undos: list[tuple[float, Callable[[], None]]] = []

    @property
    def undoes(self) -> bool:
        """Whether a change can be undone."""
        return bool(self._undos)

    @property
    def last_at(self) -> float:
        """When what would be undone next was done, in s on the clock; 0: there is nothing."""
        return self._undos[-1][0] if self._undos else 0.0

    def close(self) -> None:
        """Give up what is not yet written."""
        self._jobs.close()

    @property
    def ended(self) -> bool:
        """Return whether no thread goes on after closing."""
        return self._jobs.ended

    def edit(self, runs: Sequence[Run], **changes: object) -> None:
        """Change the same of some runs, as `RunStore.edit` does."""
        self._edit_all(lambda: runs, changes)

    def keep(self, runs: Sequence[Run]) -> None:
        """Pin those of some runs that are still there."""
        self._edit_all(lambda: [run for run in runs if is_run_folder(run.folder)], {"pinned": True})

    def _edit_all(self, find: Callable[[], Sequence[Run]], changes: _Said) -> None:
        def done(before: Sequence[tuple[Run, _Said]]) -> None:
            if changes.get("pinned"):
                self.pinned.emit({run.key for run, _ in before})
            changed = [(run, said) for run, said in before if said != changes]
            if changed:
                self.note_undo(partial(self._change, lambda: changed))

        self._change(lambda: [(run, changes) for run in find()], done)

    def _change(
        self,
        find: Callable[[], Sequence[tuple[Run, _Said]]],
        done: Callable[[Sequence[tuple[Run, _Said]]], None] = lambda _before: None,
    ) -> None:
        """Change each run that can be; `done` gets those, with what was said of them before."""

        def work() -> tuple[list[tuple[Run, _Said]], str]:
            before, refusal = [], ""
            for run, changes in find():
                try:
                    before.append((run, self._edit(run, changes)))
                except RunError as error:
                    refusal = refusal or str(error)
            return before, refusal

        def end(outcome: tuple[list[tuple[Run, _Said]], str]) -> None:
            before, refusal = outcome
            done(before)
            if refusal:
                self.refusal.say(refusal)

        self._do(work, end)

    def _edit(self, run: Run, changes: _Said) -> _Said:
        """Change what is said of a run; return what was said before."""
        description = read_run(run.folder).description
        self._store.edit(run, **changes)
        return {name: getattr(description, name) for name in changes}

    def mark(self, run: Run, epoch: int, on: bool) -> None:
        """Bookmark an epoch of a run, or no longer, beside those that it has by then."""

        def done(_written: Run) -> None:
            self.note_undo(lambda: self._do(lambda: self._store.mark(run, epoch, not on)))

        self._do(lambda: self._store.mark(run, epoch, on), done)

    def delete(self, runs: Sequence[Run]) -> None:
        """Delete runs, together to be brought back."""

        def work() -> tuple[tuple[Deleted, ...], str]:
            gone, refusal = [], ""
            for run in runs:
                try:
                    gone.append(self._store.delete(run))
                except RunError as error:
                    refusal = refusal or str(error)
            return tuple(gone), refusal

        def done(outcome: tuple[tuple[Deleted, ...], str]) -> None:
            gone, refusal = outcome
            if gone:
                self.note_undo(partial(self._restore, gone))
                names = {run.id: f"“{run.title}”" for run in runs}
                what = names[gone[0].id] if len(gone) == 1 else count(len(gone), "run")
                _logger.info("Deleted %s", ", ".join(each.id for each in gone))
                self.deleted.emit(f"Deleted {what}.{f' {refusal}' if refusal else ''}")
            elif refusal:
                self.refusal.say(refusal)

        self._do(work, done)

    @Slot()
    def undo(self) -> None:
        """Undo the last change."""
        if self._undos:
            _, undo = self._undos.pop()
            undo()

    def note_undo(self, undo: Callable[[], None]) -> None:
        """Remember what undoes what was just done."""
        self._undos.append((time.monotonic(), undo))
        self.noted.emit()

    def _restore(self, gone: Sequence[Deleted]) -> None:
        def work() -> tuple[list[str], list[Deleted], str]:
            back, left, refusal = [], [], ""
            for each in gone:
                try:
                    back.append(self._store.deleted.restore(each).id)
                except RunError as error:
                    left.append(each)
                    refusal = refusal or str(error)
            return back, left, refusal

        def done(outcome: tuple[list[str], list[Deleted], str]) -> None:
            back, left, refusal = outcome
            if left:  # whatever is in the way may be taken away
                self.note_undo(partial(self._restore, left))
                self.refusal.say(refusal)
            for run in back:
                self.restored.emit(run)

        self._do(work, done)

    @Slot()
    def forget(self) -> None:
        """Bring nothing back any more: it was removed for good."""
        self._undos.clear()

    def _do(
        self, work: Callable[[], Any], done: Callable[[Any], None] = lambda _result: None
    ) -> None:
        def end(result: Any) -> None:
            self.refusal.end()
            done(result)
            self.changed.emit()

        def fail(problem: str) -> None:
            if problem:
                self.refusal.say(problem)
            self.changed.emit()

        self._jobs.start(Job("Change runs", lambda _report: work(), end, fail))
