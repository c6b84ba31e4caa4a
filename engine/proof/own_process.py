"""Run a way of a proof in a process of its own: what it imports, or does wrong, stays there.

`python -m engine.proof.own_process MODULE FUNCTION EXPORT FOLDER` is that process: it reads
`images.npy` in the folder and writes the outputs of the blocks to `outputs.npz` there.
"""

import contextlib
import importlib
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Array
from engine.errors import ExportError
from engine.proof.verdict import BlockOutputs

if TYPE_CHECKING:
    import subprocess

SECONDS = 180.0  # some programs take half a minute to start on a slow disk
_BETWEEN_LOOKS = 0.05
_ROOT = Path(__file__).parents[2]
_IMAGES, _OUTPUTS = "images.npy", "outputs.npz"


def outputs_in_own_process(
    outputs: Callable[[Path, Array], BlockOutputs],
    path: Path,
    images: Array,
    tick: Callable[[], None] = lambda: None,
    seconds: float = SECONDS,
) -> BlockOutputs:
    """Return what a function at the top of a module returns for an export and images.

    `tick` is called while the process runs; what it raises ends the process.
    Raises ExportError with a sentence if it fails or takes more than so many seconds.
    """
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory(
        prefix="layerscope-proof-", ignore_cleanup_errors=True
    ) as made:
        folder = Path(made)
        np.save(folder / _IMAGES, images)
        said = folder / "said.txt"
        arguments = (outputs.__module__, outputs.__qualname__, str(path.absolute()), made)
        with said.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=folder,
                env=_environment(made),
                start_new_session=True,
            )
            try:
                _wait(process, tick, seconds)
            finally:
                _end(process)
        if process.returncode:
            raise ExportError(f"it failed ({_last_line(said)}).")
        with np.load(folder / _OUTPUTS, allow_pickle=False) as found:
            return [found.get(str(i)) for i in range(int(found["count"]))]


def _environment(folder: str) -> dict[str, str]:
    """Have Python find this program, and leave no byte code beside an export that is code.

    Temporary files go to the folder, which is removed also after a process that was killed.
    """
    places = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    search = os.pathsep.join([str(_ROOT), *map(os.path.abspath, places)])
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder)
    own = {"PYTHONPATH": search, "PYTHONDONTWRITEBYTECODE": "1", **temporary}
    return {**os.environ, **own}


def _wait(process: "subprocess.Popen[bytes]", tick: Callable[[], None], seconds: float) -> None:
    end = time.monotonic() + seconds
    while process.poll() is None:
        tick()
        if time.monotonic() > end:
            raise ExportError(f"it was not done after {seconds:.0f} s, and was ended.")
        time.sleep(_BETWEEN_LOOKS)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process that still runs, and what it has started, where there are groups of these."""
    if process.poll() is None:
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def _last_line(said: Path) -> str:
    """Return what an error said last, which is what it is about."""
    lines = said.read_text("utf-8", "replace").split("\n")
    return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "it said nothing")


def main(arguments: Sequence[str]) -> int:
    """Be the process."""
    module, function, path, made = arguments
    folder = Path(made)
    images = np.load(folder / _IMAGES, allow_pickle=False)
    outputs = getattr(importlib.import_module(module), function)(Path(path), images)
    arrays = {str(i): array for i, array in enumerate(outputs) if array is not None}
    np.savez(folder / _OUTPUTS, count=np.array(len(outputs)), **arrays)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
