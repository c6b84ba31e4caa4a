"""Recovery files: how another process leaves one behind, and what of them there is."""

import os
from pathlib import Path

from engine.paths import home
from tests.programs import Programs

LEAVE = """
import os, sys
from pathlib import Path
from engine.model.templates import TEMPLATES
from gui.storage.autosave import RecoveryFile
files = []
for project in sys.argv[2:]:
    files.append(RecoveryFile())
    files[-1].write(TEMPLATES[sys.argv[1]](), Path(project) if project else None)
os._exit(0)
"""


def leave_behind(programs: Programs, template: str, *projects: Path | None) -> None:
    """Let another process die with unsaved work of projects."""
    call = ["-c", LEAVE, template, *(str(each or "") for each in projects)]
    assert programs.start(*call).ended() == (0, "", "")


def kept(folder: Path | None = None) -> list[str]:
    """List all of recovery, but for what is just being written."""
    folder = folder or home() / "recovery"
    return sorted(n for n in os.listdir(folder) if n[0] != ".") if folder.exists() else []
