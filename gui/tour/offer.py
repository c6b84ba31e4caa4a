"""What the coach's line offers at the start: the last project again, or to who is new, the tour."""

import os

from engine.advice.coach import Action, Advice
from engine.files.project_file import PROJECT_ENDING
from gui.storage.preferences import PreferencesStore
from gui.storage.recent import RecentProjects
from gui.widgets.messages import unattended

OFFER = "New here? A tour of five minutes leads from a kernel on an image to a whole training step."
TOUR = Advice("tour", OFFER, Action("tour", "Start the tour"))


def offer_at_start(recent: RecentProjects, preferences: PreferencesStore) -> Advice | None:
    """Return what to offer in a window that was opened without a project."""
    if unattended():
        return None
    last = next(iter(recent.paths()), None)
    if last is None:
        return TOUR if _may_offer_tour(preferences) else None
    if not os.path.isfile(last):
        return None
    name = last.name.removesuffix(PROJECT_ENDING)
    action = Action("project", f"Open {name} again", str(last))
    return Advice("project", f"Last time you worked on {name}.", action)


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
