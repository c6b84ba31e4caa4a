"""The applications menu of a Linux desktop: an entry, its icons, and the type of project files.

`resources/share` has these files as they lie in `/usr/share`; a user's folder has the same form.
"""

import re
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from engine.errors import LayerscopeError
from engine.paths import user_data
from engine.version import BUNDLED, INSTALLED, PROGRAM

SHARE = Path(__file__).parents[2] / "resources" / "share"
_ENTRY = Path("applications", "layerscope.desktop")
_UPDATES = {"applications": "update-desktop-database", "mime": "update-mime-database"}
_ELSEWHERE = {
    "win32": "Windows: right-click {} and choose Pin to Start; to open projects by a double-click, "
    "choose the same program once under Open with.",
    "darwin": "macOS, which lists what is in Applications: start {} in the Terminal, and open "
    "projects with File > Open.",
}


def is_in_menu() -> bool:
    """Return whether the user's menu has the entry."""
    return (user_data() / _ENTRY).exists()


def add_to_menu() -> str:
    """Add the program to the user's menu, anew if it is there; return what was done, in words.

    Raises LayerscopeError where no desktop has such menus, and OSError.
    """
    if sys.platform in _ELSEWHERE:
        how = _ELSEWHERE[sys.platform].format(" ".join(start_command()))
        raise LayerscopeError(f"Layerscope makes no entry in the menus of {how}")
    for path in _files():
        place = user_data() / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if path == _ENTRY:
            place.write_text(_entry(start_command()), "utf-8")
        else:
            shutil.copyfile(SHARE / path, place)
    _update()
    return (
        "Layerscope is in the applications menu now, and a double-click on a project opens it. "
        f"Help > Remove from the applications menu, or {PROGRAM} --remove-from-menu, undoes this."
    )


def remove_from_menu() -> str:
    """Remove all that `add_to_menu` has added; return what was done. Raises OSError."""
    there = is_in_menu()
    for path in _files():
        (user_data() / path).unlink(missing_ok=True)
    _update()
    for path in _files():
        for folder in path.parents[:-1]:
            with suppress(OSError):  # other programs have files there, or it is gone
                (user_data() / folder).rmdir()
    return f"Layerscope is {'no longer' if there else 'not'} in the applications menu."


def start_command() -> list[str]:
    """Return what starts this program, by whole paths: a menu knows neither PATH nor folder."""
    if BUNDLED:
        return [sys.executable]
    if not INSTALLED:
        return [sys.executable, str(Path(__file__).parents[2] / "main.py")]
    import sysconfig  # takes 10 ms

    script = Path(sysconfig.get_path("scripts"), PROGRAM + (sysconfig.get_config_var("EXE") or ""))
    return [str(script)] if script.exists() else [sys.executable, "-P", "-m", PROGRAM]


def _files() -> list[Path]:
    return [path.relative_to(SHARE) for path in sorted(SHARE.rglob("*.*")) if path.is_file()]


def _entry(command: list[str]) -> str:
    """Return the text of the entry. Where the program is gone, a desktop does not show it."""
    line = " ".join(map(_quoted, command))
    text = (SHARE / _ENTRY).read_text("utf-8")
    start = f"TryExec={_escaped(command[0])}\nExec={line} %f"
    return re.sub("(?m)^Exec=.*$", lambda _: start, text)


def _quoted(word: str) -> str:
    """Write a word of a command as the Desktop Entry Specification has it."""
    return _escaped('"' + re.sub(r'(["`$\\])', r"\\\1", word).replace("%", "%%") + '"')


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\")


def _update() -> None:
    """Have the desktop read the folders anew, where there is what does so."""
    import subprocess  # takes 10 ms

    for folder, program in _UPDATES.items():
        place = user_data() / folder
        if place.is_dir() and shutil.which(program):
            subprocess.run([program, place], capture_output=True, check=False, timeout=60)
