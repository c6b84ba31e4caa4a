"""The offer of the tour at the very first start."""

from collections.abc import Callable

from gui.storage.preferences import PreferencesStore
from gui.widgets.messages import MessageBar, unattended

OFFER = "New here? A tour of five minutes leads from a kernel on an image to a whole training step."


def offer_once(
    start: Callable[[], object], messages: MessageBar, preferences: PreferencesStore
) -> None:
    """Offer the tour, unless that was done before, or something else is being said.

    Where it cannot be remembered, nothing is offered, so that it does not come at every start.
    """
    if unattended() or messages.isVisible() or preferences.current.tour_offered:
        return
    with preferences.changing() as changed:
        changed.tour_offered = True
    if preferences.written:
        messages.show_offer(OFFER, "Start the tour", start)
