"""UndoKeys: whether the keys of Undo and Redo are about the network in the panel Runs."""

from gui.document.commands import moment_of
from gui.document.document import Document
from gui.panels.runs import RunsPanel
from gui.presenters.run_changes import RunChanges


class UndoKeys:
    """Tells the panel what was done last: a change of kept runs, or that a moment before was taken.

    It may be of a kept run, or the best epoch in memory. No other step of the document counts:
    that it is undone would not be seen from the runs.
    """

    def __init__(self, document: Document, changes: RunChanges, panel: RunsPanel) -> None:
        self._document, self._changes = document, changes
        panel.undoes_network, panel.redoes_network = self._undoes_network, self._redoes_network

    def _undoes_network(self) -> bool:
        """Return whether Undo brings the network back that a moment took the place of."""
        steps = self._document.undo_stack
        taken = moment_of(steps.command(steps.index() - 1))
        return taken is not None and taken.made_at > self._changes.last_at

    def _redoes_network(self) -> bool:
        """Return whether Redo takes a moment again."""
        steps = self._document.undo_stack
        return moment_of(steps.command(steps.index())) is not None
