"""RunChanges: what a user changes of kept runs, such as their names, or that they are kept."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.errors import RunError
from engine.runs.deleted_runs import Deleted
from engine.runs.run_folder import Run, is_run_folder, read_run
from engine.runs.store import RunStore
from gui.background.jobs import Job, Jobs
from gui.presenters.run_change_words import bookmark_words, edit_words, run_words
from gui.presenters.run_history import Done, RunHistory, RunStep
from gui.widgets.refusal import Refusal

_Said = Mapping[str, object]  # what users say of a run, by the names of `RunStore.edit`
_logger = logging.getLogger(__name__)


class RunChanges(QObject):
    """Writes one change after the other, in a thread: another program may hold a folder up.

    `changed` says that folders were written; `deleted` carries a sentence that an undo belongs to,
    `restored` the id of a run that is back, `pinned` the keys of runs that were pinned. What is
    refused is said by `refusal`, until the next change is made. What was done is noted in the
    `history`.
    """

    changed = Signal()
    deleted = Signal(str)
    restored = Signal(str)
    pinned = Signal(object)

    def __init__(self, store: RunStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._jobs = Jobs(self)
        self.refusal = Refusal(self)
        self.history = RunHistory(self)

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
                self._note_edit(edit_words([run for run, _ in changed], changes), changed)

        self._change(lambda: [(run, changes) for run in find()], done)

    def _note_edit(self, what: str, said: Sequence[tuple[Run, _Said]]) -> None:
        """Note an edit: each way keeps for the way back what was `said` till then."""

        def exchange(done: Done) -> None:
            def end(before: Sequence[tuple[Run, _Said]]) -> None:
                nonlocal said
                said = before
                done(bool(before))

            self._change(lambda: said, end)

        self.history.note(RunStep(what, exchange, exchange))

    def _change(
        self,
        find: Callable[[], Sequence[tuple[Run, _Said]]],
        done: Callable[[Sequence[tuple[Run, _Said]]], None] = lambda _before: None,
    ) -> None:
        """Change each run that can be; `done` gets those as they were, and what was said then."""

        def work() -> tuple[list[tuple[Run, _Said]], str]:
            before, refusal = [], ""
            for run, changes in find():
                try:
                    before.append(self._edit(run, changes))
                except RunError as error:
                    refusal = refusal or str(error)
            return before, refusal

        def end(outcome: tuple[list[tuple[Run, _Said]], str]) -> None:
            before, refusal = outcome
            done(before)
            if refusal:
                self.refusal.say(refusal)

        self._do(work, end)

    def _edit(self, run: Run, changes: _Said) -> tuple[Run, _Said]:
        """Change what is said of a run; return it as it was, and what was said then."""
        before = read_run(run.folder)
        self._store.edit(run, **changes)
        return before, {name: getattr(before.description, name) for name in changes}

    def mark(self, run: Run, epoch: int, on: bool) -> None:
        """Bookmark an epoch of a run, or no longer, beside those that it has by then."""

        def write(on: bool, done: Done) -> None:
            self._do(lambda: self._store.mark(run, epoch, on), lambda _written: done(True))

        def note(written: Run) -> None:
            what = bookmark_words(written, epoch, on)
            self.history.note(RunStep(what, partial(write, not on), partial(write, on)))

        self._do(lambda: self._store.mark(run, epoch, on), note)

    def delete(self, runs: Sequence[Run]) -> None:
        """Delete runs, together to be brought back."""
        self._delete(runs, "Deleted", lambda gone: self._note_deletion(runs, gone))

    def _delete(
        self, runs: Sequence[Run], word: str, done: Callable[[Sequence[Deleted]], None]
    ) -> None:
        """Delete those runs that can be, and say so with a word before them; `done` gets them."""

        def work() -> tuple[tuple[Deleted, ...], str]:
            gone, refusal = [], ""
            for run in runs:
                try:
                    gone.append(self._store.delete(run))
                except RunError as error:
                    refusal = refusal or str(error)
            return tuple(gone), refusal

        def end(outcome: tuple[tuple[Deleted, ...], str]) -> None:
            gone, refusal = outcome
            done(gone)
            if gone:
                _logger.info("Deleted %s", ", ".join(each.id for each in gone))
                what = run_words([run for run in runs if run.id in {each.id for each in gone}])
                self.deleted.emit(f"{word} {what}.{f' {refusal}' if refusal else ''}")
            elif refusal:
                self.refusal.say(refusal)

        self._do(work, end)

    def _note_deletion(self, runs: Sequence[Run], gone: Sequence[Deleted]) -> None:
        if not gone:
            return
        ids = {each.id for each in gone}
        those = [run for run in runs if run.id in ids]

        def delete(done: Done) -> None:
            def end(again: Sequence[Deleted]) -> None:
                nonlocal gone
                gone = again
                done(bool(again))

            self._delete(those, "Redone: Delete", end)

        def restore(done: Done) -> None:
            def end(left: Sequence[Deleted]) -> None:
                done(len(left) < len(gone))
                if left:  # whatever is in the way may be taken away
                    self._note_deletion(those, left)

            self._restore(gone, end)

        self.history.note(RunStep(f"Delete {run_words(those)}", restore, delete))

    def _restore(self, gone: Sequence[Deleted], done: Callable[[Sequence[Deleted]], None]) -> None:
        """Bring back what was deleted; `done` gets what could not be."""

        def work() -> tuple[list[str], list[Deleted], str]:
            back, left, refusal = [], [], ""
            for each in gone:
                try:
                    back.append(self._store.deleted.restore(each).id)
                except RunError as error:
                    left.append(each)
                    refusal = refusal or str(error)
            return back, left, refusal

        def end(outcome: tuple[list[str], list[Deleted], str]) -> None:
            back, left, refusal = outcome
            done(left)
            if left:
                self.refusal.say(refusal)
            for run in back:
                self.restored.emit(run)

        self._do(work, end)

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
