"""Rewind: leads from an explosion back to the last good moment that its run has kept."""

from dataclasses import replace
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal, Slot

from engine.model.project import Project
from engine.model.run_moment import RunMoment
from gui.background.aside import Aside
from gui.background.session import Session
from gui.document.document import Document
from gui.document.edits import Edits


class _Kept(NamedTuple):
    """A moment to go back to: the age of the network, and all that was learned then."""

    epoch: int
    project: Project


class Rewind(QObject):
    """Looks for the moment in the run folder, once its end is written; `found` says it is there.

    Where none is kept, or it cannot be read, there is none to go back to.
    """

    found = Signal()

    def __init__(
        self, document: Document, edits: Edits, session: Session, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._edits = document, edits
        self._aside = Aside(self)
        self._last: RunMoment | None = None  # the last whole epoch before the explosion
        self._kept: _Kept | None = None
        session.run_recorded.connect(self._on_recorded)

    @property
    def epoch(self) -> int | None:
        """For how many epochs the network was trained at that moment; None: there is none."""
        return None if self._kept is None else self._kept.epoch

    def look(self) -> None:
        """Look for the last good moment of the run that has led to the present weights."""
        self._kept, self._last = None, self._document.learned.origin
        self._read()

    def forget(self) -> None:
        """Go back nowhere: something else was begun."""
        self._aside.give_up()
        self._last = self._kept = None

    def go(self, learning_rate: float) -> None:
        """Take the network of that moment, with another learning rate, in one undo step."""
        kept = self._kept
        if kept is None or not self._document.may_edit():
            return
        self.forget()
        settings = kept.project.settings.with_changes(learning_rate=learning_rate)
        project = replace(kept.project, settings=settings)
        self._edits.take_moment(project, f"Back to epoch {kept.epoch:,}")

    @Slot(str)
    def _on_recorded(self, run: str) -> None:
        """Look again: the end of a run is written after the training has told of it."""
        if self._last is not None and run == self._last.run:
            self._read()

    def _read(self) -> None:
        last = self._last
        if last is not None:
            self._aside.begin(lambda _: _read(last), self._on_read)

    def _on_read(self, kept: _Kept | None) -> None:
        if kept is not None and kept.epoch != self.epoch:
            self._kept = kept
            self.found.emit()


def _read(last: RunMoment) -> _Kept | None:
    """Read the last good moment up to an epoch of a run, unless a later one may still come."""
    from engine.runs.rewinding import last_good_epoch
    from engine.runs.run_folder import TRAINING
    from engine.runs.store import RunStore

    run = RunStore().find(last.run)
    if run.state == TRAINING:
        return None
    epoch = last_good_epoch(run, last.epoch)
    return None if epoch is None else _Kept(run.age(epoch), run.project_after(epoch))
