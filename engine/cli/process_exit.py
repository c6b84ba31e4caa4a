"""How the process exits while a thread runs that nothing can stop, such as one of Qt."""

import contextlib
import os
import sys
from typing import NoReturn


def exit_at_once(code: int) -> NoReturn:
    """End the program without waiting for any thread. All that is to be kept has been written.

    A thread of Qt that still runs while Python ends would crash.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # none, broken, or closed
            stream.flush()
    os._exit(code)
