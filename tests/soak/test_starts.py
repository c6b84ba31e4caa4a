"""Starts of the real program, one after another, some of which are killed."""

import os
import signal
import sys
from pathlib import Path

import pytest

from engine.files.project_file import open_project, save_project
from engine.model.templates import notebook
from tests.programs import Program, Programs

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
ADDED = "Conv 5, 3×3 | Sigmoid | Reshape to vector | Dense 100 | Sigmoid | Dense 2 | Sigmoid | Tanh"


class Starts:
    """Starts the program with one home folder, and reads what it says."""

    def __init__(self, programs: Programs, home: Path) -> None:
        self.home = home
        self._programs = programs

    def begin(self, project: Path | None, *acts: str, answer: str = "") -> Program:
        environment = {**os.environ, "LAYERSCOPE_HOME": str(self.home), "LAYERSCOPE_ANSWER": answer}
        environment["LAYERSCOPE_COMPUTE"] = "numpy"  # which starts sooner
        environment.pop("LAYERSCOPE_UNATTENDED", None)
        command = ["-m", "tests.soak.start", str(project or "-"), *acts]
        return self._programs.start(*command, environment=environment)

    def run(self, project: Path | None, *acts: str, answer: str = "") -> tuple[int, list[str]]:
        """Return the exit code and the lines that were written."""
        ended = self.begin(project, *acts, answer=answer).ended(120)
        assert "Traceback" not in ended.err, ended.err
        return ended.code, ended.out.splitlines()

    def killed(self, project: Path | None, *acts: str) -> None:
        code, lines = self.run(project, *acts, "die")
        assert (code, lines) == (-signal.SIGKILL, [])

    def left(self) -> list[str]:
        """List what lies in the folder for recovery."""
        folder = self.home / "recovery"
        return sorted(os.listdir(folder)) if folder.exists() else []


@pytest.fixture
def starts(programs: Programs, tmp_path: Path) -> Starts:
    return Starts(programs, tmp_path / "home")


def test_a_killed_project_is_offered_at_the_next_start(starts: Starts, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "mine.layerscope"
    path.parent.mkdir()
    save_project(notebook(), path)
    starts.killed(path, "add tanh", "keep")
    code, lines = starts.run(None, "show", "save", "close", answer="Recover")
    assert code == 0
    assert lines[0].startswith("asked Recover the unsaved changes to mine.layerscope? Layerscope")
    assert "8 blocks, 0 epochs trained" in lines[0]
    assert lines[1:] == [f"shown mine[*] — Layerscope: {ADDED}"]
    assert len(open_project(path).stack) == 8
    assert os.listdir(path.parent) == ["mine.layerscope"]
    assert starts.left() == []


@pytest.mark.soak
def test_untitled_work_is_offered_once_and_a_second_kill_loses_nothing(starts: Starts) -> None:
    starts.killed(None, "add tanh", "keep")
    code, lines = starts.run(None, "show", "die", answer="Recover")
    assert "asked Recover the unsaved changes to an untitled network?" in lines[0]
    assert lines[1].endswith(ADDED)
    code, lines = starts.run(None, "show", "close", answer="Discard")
    assert "an untitled network" in lines[0]
    assert not lines[1].endswith(ADDED)
    assert code == 0
    assert starts.left() == []


@pytest.mark.soak
def test_a_clean_end_leaves_nothing_and_windows_keep_apart(starts: Starts, tmp_path: Path) -> None:
    path = tmp_path / "mine.layerscope"
    save_project(notebook(), path)
    windows = [starts.begin(path, f"add {kind}", "keep", "die") for kind in ("tanh", "relu")]
    for window in windows:
        assert window.ended(120).code == -signal.SIGKILL
    code, lines = starts.run(None, "close", answer="Keep for later")
    assert (code, len(lines)) == (0, 2)
    code, lines = starts.run(None, "show", "save", "close", answer="Recover")
    assert (code, len(lines)) == (0, 2)
    code, again = starts.run(None, "show", "save", "close", answer="Recover")
    assert (code, len(again)) == (0, 2)
    last = {lines[1].rpartition(" | ")[2], again[1].rpartition(" | ")[2]}
    assert last == {"Tanh", "ReLU"}
    assert sorted(os.listdir(tmp_path)) == ["home", "mine.layerscope"]
    assert starts.left() == []
