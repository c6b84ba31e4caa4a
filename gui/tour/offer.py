"""The offer of the tour at the very first start."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from engine.files.atomic import write_atomically
from engine.folders import home
from gui.alerts import MessageBar, unattended

OFFER = "New here? A tour of five minutes leads from a kernel on an image to a whole training step."


def offer_once(start: Callable[[], object], messages: MessageBar) -> None:
    """Offer the tour, unless that was done before, or something else is being said.

    Where it cannot be remembered, nothing is offered, so that it does not come at every start.
    """
    if unattended() or messages.isVisible() or _file().exists():
        return
    with contextlib.suppress(OSError):
        home().mkdir(parents=True, exist_ok=True)
        write_atomically(_file(), b"offered\n")
        messages.show_offer(OFFER, "Start the tour", start)


def _file() -> Path:
    return home() / "tour"
