"""What the window offers in front of its user when it has opened: the last project, or the tour."""

import os
from pathlib import Path

from PySide6.QtCore import Slot

from engine.advice.training_log import Action, Advice
from engine.files.project_file import PROJECT_ENDING
from gui.background.waiting import look
from gui.storage.file_actions import FileActions
from gui.storage.preferences import PreferencesStore
from gui.storage.recent import RecentProjects
from gui.widgets.messages import unattended
from gui.window.coach import CoachPresenter
from gui.workspace.context import Context, Presenter

OFFER = "New here? A tour leads from a kernel on an image to a whole training step."
TOUR = Advice("tour", OFFER, Action("tour", "Start the tour"))


class Greeting(Presenter):
    """Offers to recover lost work; else, by the coach, the last project or the tour."""

    def __init__(self, context: Context, files: FileActions, coach: CoachPresenter) -> None:
        super().__init__(context)
        self._files = files
        self._coach = coach
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
        offer = _offer_at_start(self._files.recent, self._preferences) if untouched else None
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


def _offer_at_start(recent: RecentProjects, preferences: PreferencesStore) -> Advice | None:
    """Return what to offer in a window that was opened without a project."""
    if unattended():
        return None
    paths = recent.paths()
    if not paths:
        return TOUR if _may_offer_tour(preferences) else None
    found = look(lambda: next(filter(os.path.isfile, paths), None), otherwise=None)
    if found is None:
        return None
    name = found.name.removesuffix(PROJECT_ENDING)
    action = Action("project", f"Open {name} again", str(found))
    return Advice("project", f"You worked on {name}.", action)


def note_answer(preferences: PreferencesStore) -> None:
    """Remember that the tour needs no offer any more."""
    with preferences.changing() as changed:
        changed.tour_offered = True


def _may_offer_tour(preferences: PreferencesStore) -> bool:
    """Return whether the tour may be offered; who has trained before is asked only this once more.

    Where an answer cannot be remembered, it is not offered, so that it does not come at every
    start.
    """
    if preferences.current.tour_offered:
        return False
    with preferences.changing() as changed:
        changed.tour_offered = changed.run_speed is not None
    return preferences.written
