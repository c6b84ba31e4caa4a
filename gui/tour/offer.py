"""The offer of the tour at the very first start."""

import os
from collections.abc import Callable

from engine.folders import home
from gui.alerts import MessageBar, unattended
from gui.remembered import remember

OFFER = "New here? A tour of five minutes leads from a kernel on an image to a whole training step."
_FILE = "tour"


def offer_once(start: Callable[[], object], messages: MessageBar) -> None:
    """Offer the tour, unless that was done before, or something else is being said.

    Where it cannot be remembered, nothing is offered, so that it does not come at every start.
    """
    if unattended() or messages.isVisible() or os.path.lexists(home() / _FILE):
        return
    if remember(_FILE, "offered"):
        messages.show_offer(OFFER, "Start the tour", start)
