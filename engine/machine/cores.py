"""How many cores this process may use, on which of them a thread wakes, and who goes first."""

import ctypes
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache

STEPS_BACK = 5  # of niceness, each of which leaves a thread a fifth less of a shared core


def usable_cores() -> int:
    """Return how many cores this process may use, which may be fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def keep_off_this_core(thread: int) -> None:
    """Keep another thread off the core on which the caller runs now, where that can be said.

    thread is its native id. Linux often wakes a thread on the core of the one that wakes it. If
    that one then watches for the result, the two share the core for some 50 ms, until the system
    moves one of them.
    """
    if sys.platform == "linux":
        others = os.sched_getaffinity(0) - {_this_core()()}
        if others:
            with suppress(OSError):  # it has ended, or the system forbids it: this is speed alone
                os.sched_setaffinity(thread, others)


def let_others_go_first() -> None:
    """Let other threads go before this one and those that it starts, where that can be said.

    Only where they want the same core: Linux then gives them three times as long as these.
    Other systems know no priority of a single thread that those it starts inherit.
    """
    if sys.platform == "linux":
        os.nice(STEPS_BACK)


@cache
def _this_core() -> Callable[[], int]:
    """Return the C library's function that tells the core on which it is called."""
    found: Callable[[], int] = ctypes.PyDLL(None).sched_getcpu
    return found
