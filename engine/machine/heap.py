"""The heap of the C library, which keeps much of what a program gives back."""

import ctypes
import sys
from collections.abc import Callable
from functools import cache


def give_back_memory() -> None:
    """Give the system what the heap keeps of memory that is no longer used, where that can be.

    glibc gives back what lies at the end of the heap at most. It takes a few milliseconds.
    """
    _trim()(0)


@cache
def _trim() -> Callable[[int], object]:
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            found: Callable[[int], object] = trim
            return found
    return lambda pad: None
