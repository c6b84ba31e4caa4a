"""KeptSearch: looks for the best epoch that a run, or one of those that it continues, has kept."""

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal, Slot

from engine.advice.facts import Epoch, pace_of
from engine.model.project import Project
from engine.model.run_moment import RunMoment
from gui.background.latest_task import LatestTask
from gui.background.mailbox import is_comparable
from gui.background.session import Session
from gui.document.document import Document

if TYPE_CHECKING:
    from engine.runs.rewinding import RunEpoch


class Kept(NamedTuple):
    """An epoch to go back to, all that was learned by then, and which epochs came `since`."""

    epoch: Epoch
    project: Project
    since: tuple[Epoch, ...]


class _Search(NamedTuple):
    """What was found, unless it is still to be written."""

    kept: Kept | None = None
    is_to_come: bool = False


class KeptSearch(QObject):
    """Reads the run folders, once the end of the newest is written; `found` says what is there.

    Where nothing is kept, or it cannot be read, there is none; `searching` says that this is not
    known yet.
    """

    found = Signal()

    def __init__(self, document: Document, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._task = document, LatestTask(self)
        self._last: RunMoment | None = None  # up to which is searched
        self.kept: Kept | None = None
        self.searching = False
        session.run_recorded.connect(self._on_recorded)

    def look(self) -> None:
        """Look for the best epoch that has led to the present weights."""
        self.kept, self._last = None, self._document.learned.origin
        self.searching = self._last is not None
        self._read()

    def forget(self) -> None:
        """Look for nothing any more: something else was begun."""
        self._task.give_up()
        self._last = self.kept = None
        self.searching = False

    @Slot(str)
    def _on_recorded(self, run: str) -> None:
        """Look again: the end of a run is written after the training has told of it."""
        if self._last is not None and run == self._last.run:
            self._read()

    def _read(self) -> None:
        last, now = self._last, Project(self._document.stack, self._document.settings)
        if last is not None:
            self._task.begin(
                lambda _: _read(last, now), self._on_read, failed=lambda _: self._on_read(_Search())
            )

    def _on_read(self, search: _Search) -> None:
        kept, before = search.kept, self.kept
        is_new = kept is not None and (before is None or kept.epoch != before.epoch)
        if is_new or (self.searching and not search.is_to_come):
            self.searching, self.kept = False, kept
            self.found.emit()


def _read(last: RunMoment, now: Project) -> _Search:
    """Read the best kept epoch up to that of a run, of projects that may be compared with this.

    Raises RunError if it cannot be read.
    """
    from engine.runs.rewinding import way_back
    from engine.runs.run_folder import TRAINING
    from engine.runs.store import RunStore

    store = RunStore()
    if store.is_beginning(last.run) or store.of_id(last.run).state == TRAINING:
        return _Search(is_to_come=True)
    found = way_back(last, store.of_id, lambda project: is_comparable(project, now))
    if found is None:
        return _Search()
    since = tuple(map(_epoch, found.since))
    return _Search(
        Kept(_epoch(found.best), found.best.run.project_after(found.best.done.epoch), since)
    )


def _epoch(found: "RunEpoch") -> Epoch:
    run, done = found
    pace = pace_of(run.description.project.settings)._replace(rate=run.rate_of(done))
    tested = done.loss, done.accuracy, done.test_loss, done.test_accuracy
    validated = done.validation_loss, done.validation_accuracy
    return Epoch(run.age(done.epoch), *tested, *pace, False, done.lowest_rate, *validated)
