"""Say what machine and which versions a measurement was made with."""

import os
import platform
import subprocess
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
    """Watches how much of the cores other programs take while some of one's own are measured.

    Knows only Linux's way; elsewhere, and if nothing was seen, all is taken to be quiet.
    """

    def __init__(self, *processes: int) -> None:
        self._processes = processes
        self._start = self._now()

    def percent(self) -> float:
        """Return the share of all cores, in percent, that others took since the start."""
        others, total = (now - then for now, then in zip(self._now(), self._start, strict=True))
        return max(0.0, 100 * others / total) if total else 0.0

    def _now(self) -> tuple[float, float]:
        """Return the time that others, and all with the idle ones, had so far; in ticks."""
        try:
            with open("/proc/stat") as file:
                ticks = [float(each) for each in file.readline().split()[1:9]]
            own = 0.0
            for process in self._processes:
                fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
                own += float(fields[11]) + float(fields[12])
        except OSError:
            return 0.0, 0.0
        idle = ticks[3] + ticks[4]
        return sum(ticks) - idle - own, sum(ticks)


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
