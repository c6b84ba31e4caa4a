"""The environment `.venv-peers`, in which tests with the mark `peers` run other programs."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.paths import ROOT

BIN = ROOT / ".venv-peers" / ("Scripts" if sys.platform == "win32" else "bin")
PYTHON = BIN / "python"
SECONDS = 240.0


def run_python(
    *arguments: str | Path, cwd: Path, expected: int = 0, seconds: float = SECONDS
) -> str:
    """Run Python there to its end, with the engine to import; return what it printed."""
    return _run([str(PYTHON), *map(str, arguments)], cwd, expected, seconds)


def run_torchrun(
    *arguments: str | Path, cwd: Path, expected: int = 0, seconds: float = SECONDS
) -> str:
    """Run `torchrun` there to its end; return what it printed."""
    return _run([str(BIN / "torchrun"), *map(str, arguments)], cwd, expected, seconds)


def environment() -> dict[str, str]:
    """Return the environment of a process there: with the engine to import, one thread."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",  # two processes have one each, and the same is to be compared
    }


def _run(command: Sequence[str], cwd: Path, expected: int, seconds: float) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=seconds,
        check=False,
    )
    assert done.returncode == expected, done.stdout[-4000:]
    return done.stdout
