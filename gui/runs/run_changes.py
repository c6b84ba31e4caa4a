"""RunChanges: what a user changes of kept runs, such as their names, or that they are kept."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from engine.errors import RunError
from engine.runs.run_folder import Run, read_run
from engine.runs.store import Deleted, RunStore
from engine.text.words import count
from gui.background.jobs import Job, Jobs
from gui.widgets.messages import MessageBar

_Outcome = tuple[list[Run], str]  # the runs that were changed, and the first refusal
_TOPIC, _DELETED = "changes of runs", "deleted runs"
_logger = logging.getLogger(__name__)


class RunChanges(QObject):
    """Writes one change after the other, in a thread: another program may hold a folder up.

    `changed` says that folders were written. What is refused stands until the next change is made.
    """

    changed = Signal()

    def __init__(
        self, store: RunStore, messages: MessageBar, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store, self._messages = store, messages
        self._jobs = Jobs(self)
        self._away: dict[Run, Deleted] = {}  # what was deleted last

    def close(self) -> None:
        """Give up what is not yet written."""
        self._jobs.close()

    def refuse(self, why: str) -> None:
        """Say why a change is not made."""
        self._messages.say(_TOPIC, why)

    def edit(self, runs: Sequence[Run], **changes: object) -> None:
        """Change the same of some runs, as `RunStore.edit` does."""
        self._do(partial(_do_each, runs, lambda run: self._store.edit(run, **changes)))

    def mark(self, run: Run, epoch: int, on: bool) -> None:
        """Bookmark an epoch of a run, or no longer, beside those that it has by then."""

        def edit(run: Run) -> None:
            others = {*read_run(run.folder).bookmarks} - {epoch}
            self._store.edit(run, bookmarks=tuple(sorted({*others, epoch} if on else others)))

        self._do(partial(_do_each, [run], edit))

    def delete(self, runs: Sequence[Run]) -> None:
        """Delete runs, together to be brought back."""
        away: dict[Run, Deleted] = {}

        def delete(run: Run) -> None:
            away[run] = self._store.delete(run)

        def show(gone: Sequence[Run]) -> None:
            self._offer_back(f"Deleted {runs_text(gone)}.", away)

        self._do(partial(_do_each, runs, delete), show)

    def note_eviction(self, text: str, evicted: Mapping[Run, Deleted]) -> None:
        """Let runs be brought back that were deleted for the quota, as a sentence says."""
        self._offer_back(text, {**evicted})
        self.changed.emit()

    def _offer_back(self, text: str, away: dict[Run, Deleted]) -> None:
        _logger.info("Deleted %s", ", ".join(run.id for run in away))
        self._away = away
        self._messages.offer(_DELETED, text, "Undo", self.restore)

    @Slot()
    def restore(self) -> None:
        """Bring back what was deleted last; what cannot be may be tried again."""
        away = self._away
        if not away:
            self.refuse("No run was deleted that can be brought back.")
            return

        def restore() -> _Outcome:
            restored = _do_each([*away], lambda run: self._store.deleted.restore(away[run]))
            for run in restored[0]:
                del away[run]
            return restored

        def say(back: Sequence[Run]) -> None:
            self._messages.unsay(_DELETED)
            self._messages.done(f"Brought back {runs_text(back)}.")

        self._do(restore, say)

    def _do(
        self, work: Callable[[], _Outcome], done: Callable[[list[Run]], object] = lambda _: None
    ) -> None:
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


def _do_each(runs: Sequence[Run], do: Callable[[Run], object]) -> _Outcome:
    """Return the runs with which it could be done, and the first refusal."""
    done, refusal = [], ""
    for run in runs:
        try:
            do(run)
            done.append(run)
        except RunError as error:
            refusal = refusal or str(error)
    return done, refusal


def runs_text(runs: Sequence[Run]) -> str:
    """Return the name of one run, or how many there are."""
    return f"“{runs[0].title}”" if len(runs) == 1 else count(len(runs), "run")
