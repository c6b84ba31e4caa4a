"""What the coach's line offers at the start: the last project there is, or to the new, the tour."""

import os
from pathlib import Path

from engine.advice.training_log import Action, Advice
from engine.files.project_file import PROJECT_ENDING
from gui.background.waiting import look
from gui.storage.preferences import PreferencesStore
from gui.storage.recent import RecentProjects
from gui.widgets.messages import unattended

OFFER = "New here? A tour of five minutes leads from a kernel on an image to a whole training step."
TOUR = Advice("tour", OFFER, Action("tour", "Start the tour"))


def offer_at_start(recent: RecentProjects, preferences: PreferencesStore) -> Advice | None:
    """Return what to offer in a window that was opened without a project."""
    if unattended():
        return None
    paths = recent.paths()
    if not paths:
        return TOUR if _may_offer_tour(preferences) else None
    found = look(lambda: next(filter(os.path.isfile, paths), None), otherwise=None)
    if found is None:
        return None
    name = _name(found)
    words = f"Last time you worked on {name}."
    if found != paths[0]:
        words = f"{_name(paths[0])} is no longer where it was. Before it you worked on {name}."
    action = Action("project", f"Open {name} again", str(found))
    return Advice(f"project: {found}", words, action)


def _name(path: Path) -> str:
    return path.name.removesuffix(PROJECT_ENDING)


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
