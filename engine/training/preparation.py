"""Preparation: compiles the engine's loops in a process of low priority, while others work.

`main` is what that process does, for one type of numbers: it reads a checked stack and its settings
from stdin (pickled), and prints how many loops are compiled, and the type when it has all. If it
fails, the last line that it prints says why.
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
from pathlib import Path

import numpy as np

from engine.compute.numerics import (
    are_kept,
    code_store,
    compiles,
    compiles_elsewhere,
    is_compiled,
    loops_prepared,
    note_compiled,
)
from engine.model.settings import Settings
from engine.model.stack import ShapeReport
from engine.training.warm_up import loops_of, warm_up, warm_up_network

LOOPS = 74  # that networks in float32 use
THREAD = "preparation"
_ROOT = Path(__file__).parents[2]
_BETWEEN_REPORTS = 0.5  # s
_MINUTE = 60.0  # s that it takes on a usual computer
_WINDOWS_FLAGS = 0
if sys.platform == "win32":
    _WINDOWS_FLAGS = subprocess.IDLE_PRIORITY_CLASS | subprocess.CREATE_NO_WINDOW
_logger = logging.getLogger(__name__)


class Preparation:
    """A process that compiles all loops that are missing, first those of one network.

    What is compiled is taken by networks that are made later. `changed` is called in another thread
    whenever `words` are others. Whoever makes one closes it. `done` counts the loops that one
    before it has compiled.
    """

    def __init__(
        self,
        report: ShapeReport,
        settings: Settings,
        changed: Callable[[], None] = lambda: None,
        *,
        done: int = 0,
    ) -> None:
        self.loops = loops_of(report, settings)
        self.fault = ""  # why the loops could not be compiled, in a sentence
        self._changed, self.done, self._closed = changed, done, False
        self._begun = time.monotonic()
        self._process: subprocess.Popen[bytes] | None = None
        self._network = pickle.dumps((report, settings))

    def begin(self) -> None:
        """Begin the process, where this one compiles nothing and loops are missing."""
        if compiles_elsewhere():
            threading.Thread(target=self._follow, name=THREAD, daemon=True).start()

    @property
    def words(self) -> str:
        """Say how far it is with what training needs; empty if that is done, or failed."""
        if self._process is None or is_compiled("float32"):
            return ""
        is_late = time.monotonic() - self._begun >= _MINUTE
        once = "once" if is_late else "once, about a minute"
        return f"Preparing the fast engine, {once}: {self.done} of {LOOPS}"

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

    def _follow(self) -> None:
        """Compile for one type of numbers after the other: a compiler gives no memory back."""
        for dtype in ("float32", "float64"):
            if self._closed or is_compiled(dtype):
                continue
            try:
                fault = self._compile(dtype)
            except OSError as error:  # this Python is gone, or there may be no more processes
                fault = str(error)
            self._process = None
            if fault and not self._closed:
                self.fault = f"The fast engine could not be prepared. {fault}"
                _logger.warning("%s", self.fault)
                break
        self._tell()

    def _compile(self, dtype: str) -> str:
        """Follow the process to its end; return why it failed, if it did."""
        last = ""
        with subprocess.Popen(
            _command(dtype),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,  # Ctrl+C is for this process alone
            creationflags=_WINDOWS_FLAGS,
        ) as process:
            self._process = process
            if self._closed:  # meanwhile
                process.kill()
            self._tell()  # its first word comes after seconds
            assert process.stdin is not None
            assert process.stdout is not None
            with suppress(OSError), process.stdin:  # it may have ended
                process.stdin.write(self._network)
            for line in process.stdout:
                match line.decode(errors="replace").split():
                    case ["loops", number] if number.isdecimal():
                        self.done = max(self.done, min(LOOPS, int(number)))
                    case ["float32" | "float64" as dtype]:
                        note_compiled(dtype)
                    case words:  # a warning, or the last line of a traceback
                        last = " ".join(words) or last
                        continue
                self._tell()
        return (last or f"It ended with {process.returncode}.") if process.returncode else ""

    def _tell(self) -> None:
        if not self._closed:
            with suppress(RuntimeError):  # whoever listens is no more
                self._changed()


def _command(dtype: str) -> list[str]:
    # By an argument: PYTHONPATH can name no folder with a colon in its name.
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); "
        f"from {__name__} import main; main(sys.argv[2])"
    )
    return [sys.executable, "-P", "-c", code, str(_ROOT), dtype]


def main(dtype: str) -> None:
    """Be the process, for one type of numbers."""
    logging.basicConfig(format="%(message)s")
    if hasattr(os, "nice"):
        os.nice(19)
    report, settings = pickle.load(sys.stdin.buffer)
    if not compiles():
        sys.exit(1)  # and a warning says why
    threading.Thread(target=_report, daemon=True).start()
    if report.problem is None and dtype == "float32":
        warm_up_network(report, settings)
    warm_up(np.float32 if dtype == "float32" else np.float64)
    if not are_kept(dtype):
        sys.exit(1)  # and a warning says why
    print(dtype, flush=True)


def _report() -> None:
    """Print how many loops are compiled; end the process when that is of use to nobody.

    Whoever reads it may be gone, or the loops cannot be kept.
    """
    while code_store().keeps_all:
        time.sleep(_BETWEEN_REPORTS)
        try:
            print("loops", loops_prepared(), flush=True)
        except OSError:
            break
    os._exit(1)
