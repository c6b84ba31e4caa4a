"""Defects of the program itself: their tracebacks go to a log, not to the user."""

import contextlib
import time
import traceback
from pathlib import Path

from engine.folders import home


def log_defect(error: BaseException) -> Path:
    """Append an exception with its traceback to the program's log; give the log's path.

    A log that cannot be written is no second failure.
    """
    log = home() / "layerscope.log"
    with contextlib.suppress(OSError):
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            traceback.print_exception(error, file=file)
    return log


def log_line(text: str) -> None:
    """Append a line to the program's log: something that did no harm, but explains a delay."""
    with contextlib.suppress(OSError, RuntimeError):  # no home: no log
        log = home() / "layerscope.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")
