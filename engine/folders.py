"""Where Layerscope keeps its own files on this machine."""

import os
import sys
from pathlib import Path


def home() -> Path:
    """Give the folder for data, settings, caches and recovery files; it may not exist yet.

    `LAYERSCOPE_HOME` names it, else it is where the platform keeps the data of programs.
    """
    chosen = os.environ.get("LAYERSCOPE_HOME")
    return Path(os.path.expanduser(chosen)) if chosen else _platform_folder(sys.platform)


def _platform_folder(platform: str) -> Path:
    if platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "Layerscope"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Layerscope"
    # The XDG base directory specification asks to ignore a relative path.
    xdg = Path(os.environ.get("XDG_DATA_HOME", ""))
    return (xdg if xdg.is_absolute() else Path.home() / ".local" / "share") / "layerscope"
