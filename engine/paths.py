"""Where Layerscope keeps its own files, and what of the window's preferences the engine reads."""

import os
import secrets
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

PREFERENCES = "preferences.json"  # the file in `home` of what the window remembers
PREFERENCES_BYTES = 1_000_000  # a layout of all panels takes 2,000
MOST_MEGABYTES = 1_000_000
Megabytes = Annotated[int, Meta(ge=0, le=MOST_MEGABYTES)]


class EnginePreferences(msgspec.Struct):
    """How much room all decoded images, and all runs, may take on the disk."""

    images_megabytes: Megabytes = 2_000
    runs_megabytes: Megabytes = 2_000


def home() -> Path:
    """Return the folder for data, settings, caches and recovery files; it may not exist yet.

    `LAYERSCOPE_HOME` names it, else it is where the platform keeps the data of programs. A user
    without a home, such as that of a container, gets a temporary folder.
    """
    chosen = os.environ.get("LAYERSCOPE_HOME")
    return Path(os.path.expanduser(chosen)) if chosen else _platform_folder(sys.platform)


def user_data() -> Path:
    """Return the folder of the data of all programs of the user, as Linux desktops have it."""
    # The XDG base directory specification asks to ignore a relative path.
    xdg = Path(os.environ.get("XDG_DATA_HOME", ""))
    return xdg if xdg.is_absolute() else _user_home() / ".local" / "share"


def read_preferences() -> EnginePreferences:
    """Return what was chosen; the usual where nothing was, or the file is damaged."""
    path = home() / PREFERENCES
    try:
        held = b"{}"
        if path.is_file():
            with path.open("rb") as file:
                held = file.read(PREFERENCES_BYTES)
        return msgspec.json.decode(held, type=EnginePreferences)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return EnginePreferences()


def is_network_path(path: str) -> bool:
    """Return whether a path names another computer, as `//host/share` and its like on Windows.

    To look whether anything is there already tells that computer who asks.
    """
    return path.replace("\\", "/").startswith("//")


def _platform_folder(platform: str) -> Path:
    if platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else _user_home() / "AppData" / "Local") / "Layerscope"
    if platform == "darwin":
        return _user_home() / "Library" / "Application Support" / "Layerscope"
    return user_data() / "layerscope"


def _user_home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # neither HOME nor an entry in passwd
        return _temporary_home()


@cache
def _temporary_home() -> Path:
    """Return a folder for this run, of a name that no other user can have made before."""
    try:
        folder = Path(tempfile.gettempdir())
    except OSError:  # no place can be written to; whoever writes will say so
        folder = Path()
    return folder / f"layerscope-{secrets.token_hex(8)}"
