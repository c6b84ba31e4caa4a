"""Choices: small preferences of the panels, such as a logarithmic axis, kept between starts."""

import contextlib
import json
from pathlib import Path

from engine.files.atomic import write_atomically
from engine.folders import home


def choice(name: str) -> bool | None:
    """Give what was chosen last; None if nothing was, or if it cannot be read."""
    chosen = _read().get(name)
    return chosen if isinstance(chosen, bool) else None


def choose(name: str, chosen: bool) -> None:
    """Remember a choice.

    A folder that cannot be written is no matter: it is no work of the user's.
    """
    content = {**_read(), name: chosen}  # another window may have written meanwhile
    with contextlib.suppress(OSError, ValueError):
        home().mkdir(parents=True, exist_ok=True)
        write_atomically(_file(), json.dumps(content, indent=1).encode())


def _read() -> dict[str, object]:
    try:
        held = json.loads(_file().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return held if isinstance(held, dict) else {}


def _file() -> Path:
    return home() / "choices.json"
