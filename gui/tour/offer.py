"""The offer of the tour, until it is answered."""

from collections.abc import Callable

from gui.storage.preferences import PreferencesStore
from gui.widgets.messages import MessageBar, unattended

OFFER = "New here? A tour of five minutes leads from a kernel on an image to a whole training step."


def offer_tour(
    start: Callable[[], object], messages: MessageBar, preferences: PreferencesStore
) -> None:
    """Offer the tour, unless that was answered before, or something else is being said.

    Where an answer cannot be remembered, nothing is offered, so that it does not come at every
    start.
    """
    if unattended() or messages.isVisible() or preferences.current.tour_offered:
        return
    with preferences.changing():
        pass
    if preferences.written:

        def decline() -> None:
            note_answer(preferences)

        messages.show_offer(OFFER, "Start the tour", start, decline)


def note_answer(preferences: PreferencesStore) -> None:
    """Remember that the tour needs no offer any more: it was taken or declined."""
    with preferences.changing() as changed:
        changed.tour_offered = True
