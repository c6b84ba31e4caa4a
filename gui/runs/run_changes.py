"""RunChanges: what a user changes of kept runs, such as their names, or that they are kept."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import shiboken6
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.errors import RunError
from engine.runs.run_folder import Run, read_run
from engine.runs.store import Deleted, RunStore
from engine.text.words import count
from gui.background.jobs import Job, Jobs
from gui.widgets.messages import MessageBar

T = TypeVar("T")
_Said = Mapping[str, object]  # what users say of a run, by the names of `RunStore.edit`
_Wish = Callable[[Run], _Said]  # what is to be said of a run as it is then
_Outcome = tuple[list[Run], str]  # the runs that were changed, and the first refusal
_TOPIC, _DELETED = "changes of runs", "deleted runs"
_logger = logging.getLogger(__name__)


class RunStep(QUndoCommand):
    """A change that is made already when it is pushed.

    `undo` and `redo` get a sentence to show once something came of them, maybe later.
    """

    def __init__(
        self, text: str, undo: Callable[[str], object], redo: Callable[[str], object]
    ) -> None:
        super().__init__(text)
        self._undo, self._redo = undo, redo
        self._pushed = False

    def undo(self) -> None:
        """Begin to undo the change."""
        self._undo(f"Undone: {self.text()}.")

    def redo(self) -> None:
        """Begin to make the change again."""
        if self._pushed:
            self._redo(f"Redone: {self.text()}.")
        self._pushed = True


class RunChanges(QObject):
    """Writes one change after the other, in a thread: another program may hold a folder up.

    `steps` undoes and redoes them. `changed` says that folders were written. What is refused stands
    until the next change is made.
    """

    changed = Signal()

    def __init__(
        self, store: RunStore, messages: MessageBar, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store, self._messages = store, messages
        self._jobs = Jobs(self)
        self.steps = QUndoStack(self)
        # What was deleted is offered to be brought back till something else is undone first.
        self.steps.indexChanged.connect(lambda: messages.unsay(_DELETED))

    def __del__(self) -> None:
        """Take the undo steps apart while all is whole, as the document does."""
        if shiboken6.isValid(self.steps):
            self.steps.blockSignals(True)
            self.steps.clear()

    def close(self) -> None:
        """Give up what is not yet written."""
        self._jobs.close()

    def refuse(self, why: str) -> None:
        """Say why a change is not made."""
        self._messages.say(_TOPIC, why)

    def edit(self, runs: Sequence[Run], **changes: object) -> None:
        """Change the same of some runs, as `RunStore.edit` does."""
        self._edit(runs, lambda _run: changes, lambda changed: _edit_text(changed, changes))

    def mark(self, run: Run, epoch: int, on: bool) -> None:
        """Bookmark an epoch of a run, or no longer, beside those that it has by then."""
        verb = "Bookmark" if on else "Remove bookmark of"

        def marked(now: Run) -> _Said:
            others = {*now.bookmarks} - {epoch}
            return {"bookmarks": tuple(sorted({*others, epoch} if on else others))}

        def text(changed: Sequence[Run]) -> str:
            return f"{verb} epoch {run.age(epoch):,} of {runs_text(changed)}"

        self._edit([run], marked, text)

    def _edit(
        self, runs: Sequence[Run], wished: _Wish, name: Callable[[Sequence[Run]], str]
    ) -> None:
        """Change runs by what is `wished` of each as it is then; `name` is given those changed."""
        wishes = [(run, wished) for run in runs]

        def exchange() -> _Outcome:
            """Write what is wished, and wish for the way back what was there till then."""
            before = []

            def edit(each: tuple[Run, _Wish]) -> None:
                was = read_run(each[0].folder)
                changes = each[1](was)
                self._store.edit(was, **changes)
                said = {name: getattr(was.description, name) for name in changes}
                if said != changes:
                    before.append((was, lambda _run: said))

            _, refusal = _do_each(wishes, edit)
            wishes[:] = before
            return [run for run, _ in before], refusal

        def exchange_again(text: str) -> None:
            self._do(exchange, lambda _changed: self._messages.done(text))

        def note(changed: Sequence[Run]) -> None:
            self.steps.push(RunStep(name(changed), exchange_again, exchange_again))

        self._do(exchange, note)

    def delete(self, runs: Sequence[Run]) -> None:
        """Delete runs, together to be brought back."""
        there, away = [*runs], dict[Run, Deleted]()

        def note(gone: Sequence[Run]) -> None:
            self._note_deletion(there, away, gone, f"Deleted {runs_text(gone)}.")

        self._do(partial(self._delete, there, away), note)

    def note_eviction(self, text: str, evicted: Mapping[Run, Deleted]) -> None:
        """Let runs be brought back that were deleted for the quota, as a sentence says."""
        self._note_deletion([], {**evicted}, [*evicted], text)
        self.changed.emit()

    def _note_deletion(
        self, there: list[Run], away: dict[Run, Deleted], gone: Sequence[Run], text: str
    ) -> None:
        """Say that runs are gone, and let that be undone. Jobs alone note what is where."""

        def show(gone: Sequence[Run], text: str) -> None:
            _logger.info("Deleted %s", ", ".join(run.id for run in gone))
            self._messages.offer(_DELETED, text, "Undo", self.steps.undo)

        def delete(text: str) -> None:
            self._do(partial(self._delete, there, away), lambda gone: show(gone, text))

        def restore(text: str) -> None:
            work = partial(self._restore, there, away)
            self._do(work, lambda _back: self._messages.done(text))

        self.steps.push(RunStep(f"Delete {runs_text(gone)}", restore, delete))
        show(gone, text)

    def _delete(self, there: list[Run], away: dict[Run, Deleted]) -> _Outcome:
        """Delete the runs that are there."""

        def delete(run: Run) -> None:
            away[run] = self._store.delete(run)

        gone, refusal = _do_each(there, delete)
        there[:] = [run for run in there if run not in gone]
        return gone, refusal

    def _restore(self, there: list[Run], away: dict[Run, Deleted]) -> _Outcome:
        """Bring the runs back that are away."""
        back, refusal = _do_each([*away], lambda run: self._store.deleted.restore(away[run]))
        for run in back:
            del away[run]
        there.extend(back)
        return back, refusal

    def _do(self, work: Callable[[], _Outcome], done: Callable[[list[Run]], object]) -> None:
        """Have runs changed; `done` gets those that were, if any."""

        def end(outcome: _Outcome) -> None:
            changed, refusal = outcome
            self._messages.unsay(_TOPIC)
            if changed:
                done(changed)
            fail(refusal)

        def fail(problem: str) -> None:
            if problem:
                self.refuse(problem)
            self.changed.emit()

        self._jobs.start(Job("Change runs", lambda _report: work(), end, fail))


def _do_each(things: Sequence[T], do: Callable[[T], object]) -> tuple[list[T], str]:
    """Return the things with which it could be done, and the first refusal."""
    done, refusal = [], ""
    for thing in things:
        try:
            do(thing)
            done.append(thing)
        except RunError as error:
            refusal = refusal or str(error)
    return done, refusal


def runs_text(runs: Sequence[Run]) -> str:
    """Return the name of one run, or how many there are."""
    return f"“{runs[0].title}”" if len(runs) == 1 else count(len(runs), "run")


def _edit_text(runs: Sequence[Run], changes: _Said) -> str:
    """Return what an edit of some runs, as they were called before, is called."""
    which = runs_text(runs)
    match changes:
        case {"name": str(name)}:
            return f"Rename {which} to “{name}”" if name else f"Remove name of {which}"
        case {"pinned": pinned}:
            return f"{'Pin' if pinned else 'Unpin'} {which}"
        case _:
            return f"Change {' and '.join(changes)} of {which}"
