"""GoingRuns: says which kept runs have to go for others, with a button that keeps them."""

from collections.abc import Callable, Sequence
from functools import cached_property, partial

from PySide6.QtCore import QObject, Slot

from engine.runs.room_maker import going_sentence
from engine.runs.run_folder import Run
from gui.background.session import Session
from gui.presenters.run_changes import RunChanges
from gui.widgets.messages import MessageBar
from gui.window.room_bar import RoomBar


class GoingRuns(QObject):
    """Shows what recorders say: which runs will go in the `bar`, which are gone in a message.

    `changes` makes what writes a change of kept runs.
    """

    def __init__(
        self,
        session: Session,
        messages: MessageBar,
        changes: Callable[[], RunChanges],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._messages, self._make_changes = messages, changes
        self.bar = RoomBar()
        self.bar.kept.connect(self._keep)
        messages.spare(self.bar)
        self._going: tuple[Run, ...] = ()  # that are to go
        self._wish: Callable[[], object] = lambda: None  # that they are kept
        session.recorder_said.connect(self._say)

    @cached_property
    def _changes(self) -> RunChanges:
        made = self._make_changes()
        made.pinned.connect(self._on_pinned)
        return made

    @Slot(str, object)
    def _say(self, text: str, going: Sequence[Run]) -> None:
        if going:
            self._offer_to_keep(text, going)
            return
        self.bar.clear()
        if text:
            self._messages.show_notice(text)

    def _offer_to_keep(self, text: str, going: Sequence[Run]) -> None:
        self._going = tuple(going)
        self._wish = partial(self._changes.keep, self._going)
        self.bar.offer("Keep it" if len(going) == 1 else "Keep them", text)

    @Slot()
    def _keep(self) -> None:
        self.bar.clear()
        self._wish()

    @Slot(object)
    def _on_pinned(self, runs: set[str]) -> None:
        """Say only what still goes where some was pinned, and nothing once all is."""
        before = self._going
        self._going = tuple(run for run in before if run.key not in runs)
        if not self._going:
            self.bar.clear()
        elif self._going != before and not self.bar.isHidden():
            self._offer_to_keep(going_sentence(self._going), self._going)
