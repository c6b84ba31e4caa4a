"""Rewind: leads from an explosion back to the last good moment that its run has kept."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.model.project import Project
from engine.model.run_moment import RunMoment
from engine.model.training_state import TrainingState
from engine.model.weights import Weights
from gui.background.aside import Aside
from gui.background.session import Session
from gui.document.document import Document
from gui.document.edits import Edits
from gui.presenters.run_start import Trained

_PATIENCE = 0.2  # s that the window may stand still for a disk
_LATE = 5_000  # ms after which the end of a run is not waited for any more
_Done = Callable[[TrainingState | None], None]


class _Recalled(NamedTuple):
    """What a run has kept besides some weights, unless that is still to be written."""

    state: TrainingState | None = None
    is_to_come: bool = False


class _Kept(NamedTuple):
    """A moment to go back to: the age of the network, and all that was learned then."""

    epoch: int
    project: Project


class _Search(NamedTuple):
    """The moment that a run has kept, if there is one, unless it is still to be written."""

    kept: _Kept | None = None
    is_to_come: bool = False


class Rewind(QObject):
    """Looks for the moment in the run folder, once its end is written; `found` says what is there.

    Where none is kept, or it cannot be read, there is none to go back to; `searching` says that
    this is not known yet. Of a best epoch whose weights are in memory it recalls the rest.
    """

    found = Signal()

    def __init__(
        self, document: Document, edits: Edits, session: Session, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._edits, self._session = document, edits, session
        self._aside, self._recalling = Aside(self), Aside(self)
        self._last: RunMoment | None = None  # the last whole epoch before the explosion
        self._kept: _Kept | None = None
        self.searching = False
        self._ask: Callable[[], _Recalled] | None = None
        self._done: _Done | None = None
        self._late = QTimer(self, singleShot=True, interval=_LATE)
        self._late.timeout.connect(lambda: self._on_answer(_Recalled()))
        session.run_recorded.connect(self._on_recorded)

    @property
    def epoch(self) -> int | None:
        """For how many epochs the network was trained at that moment; None: there is none."""
        return None if self._kept is None else self._kept.epoch

    def look(self) -> None:
        """Look for the last good moment of the run that has led to the present weights."""
        self._kept, self._last = None, self._document.learned.origin
        self.searching = self._last is not None
        self._read()

    def forget(self) -> None:
        """Go back nowhere: something else was begun."""
        self._aside.give_up()
        self._ask = self._done = None
        self._last = self._kept = None
        self.searching = False

    def go(self, learning_rate: float) -> None:
        """Take the network of that moment, with another learning rate, in one undo step."""
        kept = self._kept
        if kept is None or not self._document.may_edit():
            return
        self.forget()
        settings = kept.project.settings.with_changes(learning_rate=learning_rate)
        project = replace(kept.project, settings=settings)
        self._edits.take_moment(project, f"Back to epoch {kept.epoch:,}")

    def recall(self, trained: Trained, done: _Done) -> None:
        """Have `done` told what belongs to some weights: from memory, or from their run.

        For that a run that goes on is stopped: at its end it is sure to have its best epoch.
        """
        weights, state, origin, _ = trained
        if state is not None or origin is None:
            done(state)
            return
        if self._session.active:
            self._session.stop()
        self._ask, self._done = partial(_recalled, origin, weights), done
        self._late.start()
        self._recall()

    def _recall(self) -> None:
        ask = self._ask
        if ask is not None:
            self._recalling.begin(
                lambda _: ask(),
                self._on_answer,
                failed=lambda _: self._on_answer(_Recalled()),
                patience=_PATIENCE,
            )

    def _on_answer(self, recalled: _Recalled) -> None:
        if not recalled.is_to_come:
            done, self._ask, self._done = self._done, None, None
            self._late.stop()
            if done is not None:
                done(recalled.state)

    @Slot(str)
    def _on_recorded(self, run: str) -> None:
        """Look again: the end of a run is written after the training has told of it."""
        if self._last is not None and run == self._last.run:
            self._read()
        self._recall()

    def _read(self) -> None:
        last = self._last
        if last is not None:
            self._aside.begin(
                lambda _: _read(last), self._on_read, failed=lambda _: self._on_read(_Search())
            )

    def _on_read(self, search: _Search) -> None:
        kept = search.kept
        is_new = kept is not None and kept.epoch != self.epoch
        if is_new or (self.searching and not search.is_to_come):
            self.searching, self._kept = False, kept
            self.found.emit()


def _read(last: RunMoment) -> _Search:
    """Read the last good moment up to an epoch of a run.

    Raises RunError if it cannot be read.
    """
    from engine.runs.rewinding import last_good_epoch
    from engine.runs.run_folder import TRAINING
    from engine.runs.store import RunStore

    store = RunStore()
    if store.is_beginning(last.run) or (run := store.find(last.run)).state == TRAINING:
        return _Search(is_to_come=True)
    epoch = last_good_epoch(run, last.epoch)
    return _Search(None if epoch is None else _Kept(run.age(epoch), run.project_after(epoch)))


def _recalled(origin: RunMoment, weights: Weights) -> _Recalled:
    """Read the state after an epoch of a run, if its weights are these.

    Raises RunError if it cannot be read.
    """
    from engine.runs.run_folder import TRAINING
    from engine.runs.store import RunStore

    store = RunStore()
    if store.is_beginning(origin.run):
        return _Recalled(is_to_come=True)
    run = store.find(origin.run)
    if origin.epoch not in run.kept_epochs:
        return _Recalled(is_to_come=run.state == TRAINING)
    project = run.project_after(origin.epoch)
    return _Recalled(project.state if _equal(project.weights, weights) else None)


def _equal(one: Weights, other: Weights) -> bool:
    """Return whether two networks have the same arrays of what was learned."""
    one, other = ({slot: some for slot, some in each.items() if some} for each in (one, other))
    return one.keys() == other.keys() and all(
        arrays.keys() == other[slot].keys()
        and all(np.array_equal(array, other[slot][name]) for name, array in arrays.items())
        for slot, arrays in one.items()
    )
