"""Rewind: leads from an explosion back to the best epoch that its runs have kept."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot

from engine.model.run_moment import RunMoment
from engine.model.training_state import TrainingState
from engine.model.weights import Weights
from gui.background.after_stop import AfterStop
from gui.background.latest_task import LatestTask
from gui.background.session import Session
from gui.document.document import Document
from gui.document.edits import Edits
from gui.presenters.kept_search import KeptSearch
from gui.presenters.run_start import Trained

_PATIENCE = 0.2  # s that the window may stand still for a disk
_LATE = 5_000  # ms after which the end of a run is not waited for any more
_Done = Callable[[TrainingState | None], None]


class _Recalled(NamedTuple):
    """What a run has kept besides some weights, unless that is still to be written."""

    state: TrainingState | None = None
    is_to_come: bool = False


class Rewind(QObject):
    """Goes to what its `search` has found. Of a best epoch in memory it recalls the rest."""

    def __init__(
        self, document: Document, edits: Edits, session: Session, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._edits, self._session = document, edits, session
        self.search, self._recalling = KeptSearch(document, session, self), LatestTask(self)
        self._after_stop = AfterStop(session, self)
        self._ask: Callable[[], _Recalled] | None = None
        self._done: _Done | None = None
        self._late = QTimer(self, singleShot=True, interval=_LATE)
        self._late.timeout.connect(lambda: self._on_answer(_Recalled()))
        session.run_recorded.connect(self._on_recorded)

    def forget(self) -> None:
        """Go back nowhere: something else was begun."""
        self.search.forget()
        self._ask = self._done = None

    def go(self, learning_rate: float) -> None:
        """Take the network of that moment, with another learning rate, in one undo step."""
        kept = self.search.kept
        if kept is None or not self._document.may_edit():
            return
        self.forget()
        settings = kept.project.settings.with_changes(learning_rate=learning_rate)
        project = replace(kept.project, settings=settings)
        self._edits.take_moment(project, f"Back to epoch {kept.epoch.number:,}")

    def recall(self, trained: Trained, done: _Done) -> None:
        """Have `done` told what belongs to some weights: from memory, or from their run.

        Before that a run that goes on is stopped: undo shall bring back what it has led to, and at
        its end it is sure to have its best epoch.
        """
        self._after_stop.do(partial(self._recall_at_rest, trained, done))

    def _recall_at_rest(self, trained: Trained, done: _Done) -> None:
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
    def _on_recorded(self, _run: str) -> None:
        """Look again: a run is written after the training has told of it."""
        self._recall()


def _recalled(origin: RunMoment, weights: Weights) -> _Recalled:
    """Read the state after an epoch of a run, if its weights are these.

    Raises RunError if it cannot be read.
    """
    from engine.runs.run_folder import TRAINING
    from engine.runs.store import RunStore

    store = RunStore()
    if store.is_beginning(origin.run):
        return _Recalled(is_to_come=True)
    run = store.of_id(origin.run)
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
