"""Kill the program while it edits, trains and saves, and see what is left."""

import os
import random
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from engine.files.project_file import open_project
from gui.storage.autosave import find_orphans
from tests.programs import KILL, Program, Programs
from tests.soak.victim import print_of

LOSS_SECONDS = 5.0


@dataclass(frozen=True)
class Death:
    """What one kill cost: the age in seconds of the oldest state that was lost."""

    states: int
    lost: int
    age: float


def kill(programs: Programs, folder: Path, seed: int, seconds: tuple[float, float]) -> Death:
    """Let a victim work for a random time, kill it, and compare what is left with its log."""
    environment = {
        **os.environ,
        "LAYERSCOPE_HOME": str(folder / "home"),
        "LAYERSCOPE_UNATTENDED": "1",
        "QT_QPA_PLATFORM": "offscreen",
    }
    command = "-m", "tests.soak.victim", folder, str(seed)
    with programs.start(*command, environment=environment, read=True) as victim:
        died, lines = kill_after(victim, random.Random(seed).uniform(*seconds))
    said = victim.ended().err
    assert "Traceback" not in said, said
    log = [line.split() for line in lines]
    states = [(float(checkpoint), name) for checkpoint, name in log if float(checkpoint) <= died]
    return _compare(folder, states, died)


def kill_after(victim: Program, seconds: float) -> tuple[float, list[str]]:
    """Kill a program some time after its first line; return when, and the whole lines it wrote."""
    lines = [next(victim.lines())]
    reader = threading.Thread(target=lambda: lines.extend(victim.lines()))
    reader.start()
    time.sleep(seconds)
    died = time.monotonic()
    victim.send(KILL)
    reader.join()
    assert abs(victim.ended().code) == KILL, victim.ended().err
    return died, [line for line in lines if line.endswith("\n")]


def _compare(folder: Path, states: list[tuple[float, str]], died: float) -> Death:
    """Open all that is left; none may be broken, and one must hold all but the last seconds."""
    paths = sorted(folder.glob("*.layerscope"))
    found = {print_of(open_project(path)) for path in paths}
    for orphan in find_orphans():
        found.add(print_of(orphan.project))
        orphan.file.release()
    names = [name for _, name in states]
    kept = max((n for n, name in enumerate(names) if name in found), default=-1)
    if kept < 0 and len(names) > 1:
        kept = 0  # the first state is the template, which needs no file
    lost = states[kept + 1 :]
    return Death(len(states), len(lost), died - lost[0][0] if lost else 0.0)
