"""RunUndo: what Undo and Redo do while the focus is in the panel Runs."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QApplication, QMenu, QMenuBar, QWidget

from gui.document.commands import TakeMoment, moment_of
from gui.document.document import Document
from gui.document.edits import Edits
from gui.presenters.run_history import RunHistory


class RunUndo(QObject):
    """Takes back what was done last: a change of kept runs, or that a moment before was taken.

    It may be of a kept run, or the best epoch in memory. No other step of the document counts:
    that it is undone would not be seen from the runs. `said` carries a sentence on what was undone
    or made again. `used` carries this when the focus comes into the panel, and when something else
    is undone or made again next while it is there; None: it has left.
    """

    said = Signal(str)
    used = Signal(object)

    def __init__(
        self, document: Document, edits: Edits, history: RunHistory, panel: QWidget
    ) -> None:
        super().__init__(panel)
        self._document, self._edits, self._history = document, edits, history
        self._panel, self._is_used = panel, False
        history.said.connect(self.said)
        history.changed.connect(self._tell)
        document.history_changed.connect(self._on_step)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus)

    @property
    def undo_text(self) -> str:
        """What is undone next; empty if that is nothing."""
        last = self._history.last
        if self.undoes_network:
            return self._document.undo_stack.undoText()
        return "" if last is None else last.what

    @property
    def redo_text(self) -> str:
        """What is made again next; empty if that is nothing."""
        following = self._history.next
        if self.redoes_network:
            return self._document.undo_stack.redoText()
        return "" if following is None else following.what

    @property
    def undoes_network(self) -> bool:
        """Whether Undo brings the network back that a moment took the place of."""
        taken, last = self._taken, self._history.last
        return taken is not None and (last is None or taken.made_at > last.done_at)

    @property
    def redoes_network(self) -> bool:
        """Whether Redo takes a moment again."""
        steps, following = self._document.undo_stack, self._history.next
        left = moment_of(steps.command(steps.index()))
        return left is not None and (following is None or left.undone_at > following.undone_at)

    @property
    def _taken(self) -> TakeMoment | None:
        """The moment that the network was taken of, if that is what was done last of it."""
        steps = self._document.undo_stack
        return moment_of(steps.command(steps.index() - 1))

    def undo(self) -> None:
        """Undo what was done last."""
        if self.undoes_network:
            what = self._document.undo_stack.undoText()
            self._edits.undo()
            self.said.emit(f"Undone: {what}.")
        else:
            self._history.undo()

    def redo(self) -> None:
        """Make again what was undone last."""
        if self.redoes_network:
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

    @Slot()
    def _tell(self) -> None:
        if self._is_used:
            self.used.emit(self)

    @Slot(QWidget, QWidget)
    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        if now is not None and not isinstance(now, QMenu | QMenuBar):  # who opens one stays here
            was_used, self._is_used = self._is_used, self._panel.isAncestorOf(now)
            self._is_used |= now is self._panel
            if self._is_used != was_used:
                self.used.emit(self if self._is_used else None)
