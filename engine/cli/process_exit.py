"""How the process exits while a thread runs that nothing can stop: a compiler, or one of Qt."""

import contextlib
import os
import sys
import threading
from typing import NoReturn

from engine.compute.threads import COMPILER_THREAD


def exit_process(code: int) -> NoReturn:
    """End the program; loops that are still being compiled are not waited for."""
    if any(thread.name == COMPILER_THREAD for thread in threading.enumerate()):
        exit_at_once(code)
    sys.exit(code)


def exit_at_once(code: int) -> NoReturn:
    """End the program without waiting for any thread. All that is to be kept has been written.

    A compiler, or a thread of Qt, that still runs while Python ends would crash.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # none, broken, or closed
            stream.flush()
    os._exit(code)
