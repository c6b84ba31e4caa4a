"""Recovery files: how another process leaves one behind, and what of them lies in a folder."""

import os
from pathlib import Path

from tests.programs import Programs

LEAVE = """
import os, sys
from pathlib import Path
from engine.files.project_file import save_project
from engine.model.templates import TEMPLATES
from gui.storage.autosave import claim_new
claims = [claim_new(Path(project) if project else None) for project in sys.argv[2:]]
for claim in claims:
    save_project(TEMPLATES[sys.argv[1]](), claim.path)
os._exit(0)
"""


def leave_behind(programs: Programs, template: str, *projects: Path | None) -> None:
    """Let another process die with unsaved work of projects."""
    call = ["-c", LEAVE, template, *(str(each or "") for each in projects)]
    assert programs.start(*call).ended() == (0, "", "")


def kept(folder: Path) -> list[str]:
    """List all of recovery in a folder, but for what is just being written."""
    return sorted(n for n in os.listdir(folder) if "-recovery" in n) if folder.exists() else []
