"""Leaving: how the program ends although a thread goes on that nothing can stop."""

import contextlib
import os
import sys
import threading
from typing import NoReturn

COMPILING = "compiling"  # the name of a thread in which loops are compiled


def leave(code: int) -> NoReturn:
    """End the program; loops that are still being compiled are not waited for."""
    if any(thread.name == COMPILING for thread in threading.enumerate()):
        leave_at_once(code)
    sys.exit(code)


def leave_at_once(code: int) -> NoReturn:
    """End the program without waiting for any thread. All that is to be kept has been written.

    A compiler, or a thread of Qt, that still runs while Python ends would crash.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # none, broken, or closed
            stream.flush()
    os._exit(code)
