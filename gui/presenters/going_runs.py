"""GoingRuns: says which kept runs have to go for others, with a button that keeps them."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial

from PySide6.QtCore import QObject, Slot

from engine.runs.room_maker import going_sentence
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
        self._messages, self._make_changes = messages, changes
        self._offer = self._deleted = ""  # what was said last
        self._going: tuple[Run, ...] = ()  # that are to go
        session.recorder_said.connect(self._say)

    @cached_property
    def _changes(self) -> RunChanges:
        made = self._make_changes()
        made.pinned.connect(self._on_pinned)
        return made

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
            self._offer_to_keep(text, going)

    def _offer_to_keep(self, text: str, going: Sequence[Run]) -> None:
        self._offer, self._going = text, tuple(going)
        word = "Keep it" if len(going) == 1 else "Keep them"
        keep = partial(self._changes.keep, going)
        self._messages.show_offer(word, text, keep, stays=True)

    @Slot(object)
    def _on_pinned(self, runs: set[str]) -> None:
        """Say only what still goes where some was pinned, and nothing once all is."""
        before = self._going
        self._going = tuple(run for run in before if run.key not in runs)
        if not self._going:
            self._messages.take_back(self._offer)
        elif self._going != before and self._messages.text.text() == self._offer:
            self._offer_to_keep(going_sentence(self._going), self._going)
