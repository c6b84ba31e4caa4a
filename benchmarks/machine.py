"""Say what machine and which versions a measurement was made with."""

import math
import os
import platform
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS_PYTHON = ROOT / ".venv-peers" / "bin" / "python"

_VERSIONS = """
import importlib.metadata, sys
for name in sys.argv[1:]:
    try:
        print(name, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        pass
"""


class Others:
    """Watches what else the machine does, in moments when none of the measured programs runs."""

    def __init__(self) -> None:
        self._busy = self._total = 0.0

    def look(self, seconds: float) -> None:
        """Watch for a moment. Knows only Linux's way."""
        before = _ticks()
        time.sleep(seconds)
        after = _ticks()
        self._busy += after[0] - before[0]
        self._total += after[1] - before[1]

    def percent(self) -> float:
        """Give how much of all cores was busy; NaN if that is not known."""
        return 100 * self._busy / self._total if self._total else math.nan


def describe(cores: int) -> str:
    """Name the processor, the cores in use and the system."""
    return (
        f"{_processor()}, {cores} of {os.cpu_count()} cores, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}"
    )


def versions(python: str | Path, packages: Sequence[str]) -> str:
    """List the versions of those packages that an interpreter has."""
    command = [str(python), "-c", _VERSIONS, *packages]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    return ", ".join(found.stdout.splitlines())


def _ticks() -> tuple[float, float]:
    """Give the busy and the whole time of all cores since the start."""
    try:
        with open("/proc/stat") as file:
            ticks = [float(each) for each in file.readline().split()[1:9]]
    except OSError:
        return 0.0, 0.0
    idle = ticks[3] + ticks[4]
    return sum(ticks) - idle, sum(ticks)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    about = dict(line.split(":", 1) for line in lines if ":" in line)
    fields = {name.strip(): value.strip() for name, value in about.items()}
    name = fields.get("model name", platform.machine())
    if "model" not in fields:
        return name
    return f"{name} (family {fields.get('cpu family')}, model {fields['model']})"
