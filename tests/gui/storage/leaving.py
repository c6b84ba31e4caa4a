"""Recovery files: how another process leaves one behind, and what of them lies in a folder."""

import os
import subprocess
import sys
from pathlib import Path

from tests.paths import ROOT

LEAVE = """
import os, sys
from pathlib import Path
from engine.files.project_file import save_project
from engine.model.templates import TEMPLATES
from gui.storage.recovery import claim_new
claim = claim_new(Path(sys.argv[1]) if sys.argv[1] else None)
save_project(TEMPLATES[sys.argv[2]](), claim.path)
os._exit(0)
"""


def leave_behind(project: Path | None, template: str) -> None:
    """Let another process die with unsaved work."""
    call = [sys.executable, "-c", LEAVE, str(project or ""), template]
    subprocess.run(call, check=True, cwd=ROOT)


def kept(folder: Path) -> list[str]:
    """List all of recovery in a folder, but for what is just being written."""
    return sorted(n for n in os.listdir(folder) if "-recovery" in n) if folder.exists() else []
