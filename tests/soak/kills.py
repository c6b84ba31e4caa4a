"""Kill the program while it edits, trains and saves, and see what is left."""

import os
import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from engine.files.project_file import open_project
from gui.storage.recovery import find_orphans, find_own_orphans
from tests.paths import ROOT
from tests.soak.victim import print_of

LOSS_SECONDS = 5.0


@dataclass(frozen=True)
class Death:
    """What one kill cost: the age in seconds of the oldest state that was lost."""

    states: int
    lost: int
    age: float


def kill(folder: Path, seed: int, seconds: tuple[float, float]) -> Death:
    """Let a victim work for a random time, kill it, and compare what is left with its log."""
    home = folder / "home"
    environment = {
        **os.environ,
        "LAYERSCOPE_HOME": str(home),
        "LAYERSCOPE_UNATTENDED": "1",
        "QT_QPA_PLATFORM": "offscreen",
    }
    victim = subprocess.Popen(
        [sys.executable, "-m", "tests.soak.victim", str(folder), str(seed)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert victim.stdout is not None
    assert victim.stderr is not None
    lines = [victim.stdout.readline()]
    reader = threading.Thread(target=lambda out: lines.extend(out), args=(victim.stdout,))
    reader.start()
    time.sleep(random.Random(seed).uniform(*seconds))
    assert victim.poll() is None, victim.stderr.read()
    died = time.monotonic()
    victim.kill()
    victim.wait()
    reader.join()
    said = victim.stderr.read()
    victim.stdout.close()
    victim.stderr.close()
    assert "Traceback" not in said, said
    log = [line.split() for line in lines if line.endswith("\n")]
    states = [(float(moment), name) for moment, name in log if float(moment) <= died]
    return _compare(folder, states, died)


def _compare(folder: Path, states: list[tuple[float, str]], died: float) -> Death:
    """Open all that is left; none may be broken, and one must hold all but the last seconds."""
    paths = sorted(folder.glob("*.layerscope"))
    found = {print_of(open_project(path)) for path in paths}
    orphans = [*find_orphans(paths), *find_own_orphans()]
    for orphan in orphans:
        found.add(print_of(orphan.project))
        orphan.claim.release()
    names = [name for _, name in states]
    kept = max((n for n, name in enumerate(names) if name in found), default=-1)
    if kept < 0 and len(names) > 1:
        kept = 0  # the first state is the template, which needs no file
    lost = states[kept + 1 :]
    return Death(len(states), len(lost), died - lost[0][0] if lost else 0.0)
