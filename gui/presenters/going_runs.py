"""GoingRuns: says which kept runs have to go for others, with a button that keeps them."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Slot

from engine.runs.run_folder import Run
from gui.background.session import Session
from gui.presenters.run_changes import RunChanges
from gui.widgets.messages import MessageBar


class GoingRuns(QObject):
    """Shows what recorders say; `changes` makes what writes a change of kept runs."""

    def __init__(
        self,
        session: Session,
        messages: MessageBar,
        changes: Callable[[], RunChanges],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._messages, self._changes = messages, changes
        session.recorder_said.connect(self._say)

    @Slot(str, object)
    def _say(self, text: str, going: Sequence[Run]) -> None:
        if not going:
            self._messages.show_notice(text)
            return
        word = "Keep it" if len(going) == 1 else "Keep them"
        self._messages.show_offer(word, text, lambda: self._changes().edit(going, pinned=True))
