"""Choices: small preferences of the panels, such as a logarithmic axis, kept between starts."""

from gui.remembered import recall, remember

_FILE = "choices.json"


def choice(name: str) -> bool | None:
    """Give what was chosen last; None if nothing was, or if it cannot be read."""
    chosen = _read().get(name)
    return chosen if isinstance(chosen, bool) else None


def choose(name: str, chosen: bool) -> None:
    """Remember a choice.

    A folder that cannot be written is no matter: it is no work of the user's.
    """
    remember(_FILE, {**_read(), name: chosen})  # another window may have written meanwhile


def _read() -> dict[str, object]:
    return recall(_FILE, dict[str, object], {})
