"""Greeting: what the window offers in front of its user when it has opened."""

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from gui.document.document import Document
from gui.presenters.coach import CoachPresenter
from gui.storage.file_actions import FileActions
from gui.storage.preferences import PreferencesStore
from gui.tour.offer import TOUR, note_answer, offer_at_start


class Greeting(QObject):
    """Offers to recover lost work; else, by the coach, the last project or the tour."""

    def __init__(
        self,
        document: Document,
        files: FileActions,
        coach: CoachPresenter,
        preferences: PreferencesStore,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document, self._files = document, files
        self._coach, self._preferences = coach, preferences
        self._greeted = False
        coach.project_wanted.connect(self._open_again)
        coach.declined.connect(self._on_declined)

    def greet(self) -> None:
        """Offer it, the first time; a project only if nothing was opened."""
        if self._greeted:
            return
        self._greeted = True
        self._files.offer_recovery()
        untouched = self._document.path is None and not self._document.modified
        offer = offer_at_start(self._files.recent, self._preferences) if untouched else None
        if offer is not None:
            self._coach.offer(offer)

    @Slot(str)
    def _on_declined(self, cause: str) -> None:
        if cause == TOUR.cause:
            note_answer(self._preferences)

    @Slot(str)
    def _open_again(self, path: str) -> None:
        self._files.open_recent(Path(path))
        if Path(path) not in self._files.recent.paths():  # it is gone
            self._coach.withdraw_offer()
            other = offer_at_start(self._files.recent, self._preferences)
            if other is not None and other is not TOUR:
                self._coach.offer(other)
