"""UndoKeys: what the keys of Undo and Redo do in the panel Runs."""

from PySide6.QtCore import QObject, Signal, Slot

from gui.document.commands import TakeMoment, moment_of
from gui.document.document import Document
from gui.document.edits import Edits
from gui.panels.runs import RunsPanel
from gui.presenters.run_history import RunHistory


class UndoKeys(QObject):
    """Takes back what was done last: a change of kept runs, or that a moment before was taken.

    It may be of a kept run, or the best epoch in memory. No other step of the document counts:
    that it is undone would not be seen from the runs. `said` carries a sentence on what was undone
    or made again.
    """

    said = Signal(str)

    def __init__(
        self, document: Document, edits: Edits, history: RunHistory, panel: RunsPanel
    ) -> None:
        super().__init__(panel)
        self._document, self._edits, self._history = document, edits, history
        panel.takes_undo, panel.takes_redo = self._takes_undo, self._takes_redo
        panel.undo_wanted.connect(self._undo)
        panel.redo_wanted.connect(self._redo)
        history.said.connect(self.said)
        document.history_changed.connect(self._on_step)

    @property
    def _taken(self) -> TakeMoment | None:
        """The moment that the network was taken of, if that is what was done last of it."""
        steps = self._document.undo_stack
        return moment_of(steps.command(steps.index() - 1))

    def _takes_undo(self) -> bool:
        """Return whether the key is for the panel: while training runs the window says so."""
        return not (self._undoes_network() and self._document.locked)

    def _takes_redo(self) -> bool:
        return not (self._redoes_network() and self._document.locked)

    def _undoes_network(self) -> bool:
        """Return whether Undo brings the network back that a moment took the place of."""
        taken, last = self._taken, self._history.last
        return taken is not None and (last is None or taken.made_at > last.done_at)

    def _redoes_network(self) -> bool:
        """Return whether Redo takes a moment again."""
        steps, following = self._document.undo_stack, self._history.next
        left = moment_of(steps.command(steps.index()))
        return left is not None and (following is None or left.undone_at > following.undone_at)

    @Slot()
    def _undo(self) -> None:
        if self._undoes_network():
            what = self._document.undo_stack.undoText()
            self._edits.undo()
            self.said.emit(f"Undone: {what}.")
        else:
            self._history.undo()

    @Slot()
    def _redo(self) -> None:
        if self._redoes_network():
            what = self._document.undo_stack.redoText()
            self._edits.redo()
            self.said.emit(f"Redone: {what}.")
        else:
            self._history.redo()

    @Slot()
    def _on_step(self) -> None:
        """Make nothing again that was undone before a moment was taken."""
        steps, taken = self._document.undo_stack, self._taken
        if taken is not None and not taken.undone_at and not steps.canRedo():
            self._history.forget_redos()
