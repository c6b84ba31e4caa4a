"""GoingRuns: says which kept runs have to go for others, with a button that keeps them."""

from collections.abc import Callable, Sequence
from functools import partial

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
        self._offer = self._deleted = ""  # what was said last
        session.recorder_said.connect(self._say)

    @Slot(str, object)
    def _say(self, text: str, going: Sequence[Run]) -> None:
        messages = self._messages
        if not text:
            messages.take_back(self._offer)
        elif not going:
            self._deleted = text
            messages.show_notice(text)
        else:
            if messages.text.text() == self._deleted:  # not yet read
                text = f"{self._deleted} {text}".strip()
            self._offer, word = text, "Keep it" if len(going) == 1 else "Keep them"
            keep = partial(self._changes().edit, going, pinned=True)
            messages.show_offer(word, text, keep, stays=True)
