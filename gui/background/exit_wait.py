"""The end of the program, whatever threads still run."""

import contextlib
import os
import sys
from typing import NoReturn

from PySide6.QtCore import QThread

from engine.cli.output import say


def exit_at_once(code: int) -> NoReturn:
    """End the program without waiting for any thread. All that is to be kept has been written.

    As Python ends, PySide destroys what is left of the windows, in any order and beside threads
    that still run. That may crash.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # none, broken, or closed
            stream.flush()
    os._exit(code)


QUIET_SECONDS, LAST_SECONDS = 1.0, 10.0


def wait_at_last(thread: QThread, what: str) -> None:
    """Wait until a thread has ended, and say for what if that takes its time.

    One that does not end in the end is cut off, and the program with it.
    """
    if thread.wait(round(1000 * QUIET_SECONDS)):
        return
    say(f"Layerscope waits until this has ended, up to {LAST_SECONDS:.0f} s: {what}", aside=True)
    if not thread.wait(round(1000 * LAST_SECONDS)):
        say(f"This was cut off: {what}", aside=True)
        exit_at_once(1)
