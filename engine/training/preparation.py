"""Preparation: compiles the engine's loops in a process of low priority, while others work.

`python -m engine.training.preparation` is that process: it reads a stack, its classes and settings
from stdin (pickled) and prints how many loops are compiled, and which types of numbers have all.
"""

import logging
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np

from engine.compute.numerics import (
    CHOICE,
    NATIVE,
    compiles_elsewhere,
    is_compiled,
    loops_prepared,
    note_compiled,
)
from engine.model.settings import Settings
from engine.model.stack import ShapeReport
from engine.training.warm_up import loops_of, warm_up, warm_up_network

LOOPS = 88  # that networks in float32 use
THREAD = "preparation"
_ROOT = Path(__file__).parents[2]
_BETWEEN_REPORTS = 0.5  # s
_logger = logging.getLogger(__name__)


class Preparation:
    """A process that compiles all loops that are missing, first those of one network.

    What is compiled is taken by networks that are made later. `changed` is called in another thread
    whenever `words` are others. Whoever makes one closes it.
    """

    def __init__(
        self, report: ShapeReport, settings: Settings, changed: Callable[[], None] = lambda: None
    ) -> None:
        self.loops = loops_of(report, settings)
        self._changed, self._done, self._closed = changed, 0, False
        self._process: subprocess.Popen[bytes] | None = None
        if compiles_elsewhere():
            work = partial(self._follow, pickle.dumps((report, settings)))
            threading.Thread(target=work, name=THREAD, daemon=True).start()

    @property
    def words(self) -> str:
        """Say how far it is with what training needs; empty if that is done, or failed."""
        if self._process is None or is_compiled("float32"):
            return ""
        return f"Preparing the fast engine, once, about a minute: {self._done} of {LOOPS}"

    @property
    def note(self) -> str:
        """Say by what a training computes that begins now; empty if all loops are compiled."""
        if not compiles_elsewhere() or is_compiled("float32"):
            return ""
        return (
            "The fast engine is being prepared beside this, once, in about a minute. Until then "
            "networks train in plain numpy, two to four times as slowly."
        )

    def close(self) -> None:
        """End the process; what it has compiled stays."""
        self._closed, process = True, self._process
        if process is not None:
            process.kill()

    def _follow(self, network: bytes) -> None:
        if is_compiled("float32") and is_compiled("float64"):
            return
        with subprocess.Popen(
            _command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, CHOICE: NATIVE, "PYTHONPATH": _search_path()},
            creationflags=_windows_flags(),
        ) as process:
            self._process = process
            if self._closed:  # meanwhile
                process.kill()
            assert process.stdin is not None
            assert process.stdout is not None
            with suppress(OSError), process.stdin:  # it may have ended
                process.stdin.write(network)
            for line in process.stdout:
                kind, _, number = line.decode().strip().partition(" ")
                if kind == "loops":
                    self._done = min(LOOPS, int(number))
                else:
                    note_compiled(kind)
                self._tell()
        self._process = None
        if process.returncode and not self._closed:
            _logger.warning("The loops could not be compiled: the engine stays in plain numpy.")
        self._tell()

    def _tell(self) -> None:
        if not self._closed:
            with suppress(RuntimeError):  # whoever listens is no more
                self._changed()


def _command() -> list[str]:
    return [sys.executable, "-P", "-m", __name__]


def _search_path() -> str:
    """Return where Python finds this program, and what it was told to look for."""
    return os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))


def _windows_flags() -> int:
    if sys.platform == "win32":
        return subprocess.IDLE_PRIORITY_CLASS | subprocess.CREATE_NO_WINDOW
    return 0


def main() -> None:
    """Be the process."""
    if hasattr(os, "nice"):
        os.nice(19)
    report, settings = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_report, daemon=True).start()
    if report.problem is None and not is_compiled("float32"):
        warm_up_network(report, settings)
    for dtype in (np.float32, np.float64):
        warm_up(dtype)
        print(dtype.__name__, flush=True)


def _report() -> None:
    """Print how many loops are compiled; end the process when nobody is there to read it."""
    while True:
        time.sleep(_BETWEEN_REPORTS)
        try:
            print("loops", loops_prepared(), flush=True)
        except OSError:
            os._exit(1)


if __name__ == "__main__":
    main()
