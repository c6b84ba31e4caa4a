"""The heap of the C library, which keeps much of what a program gives back."""

import ctypes
import sys
from collections.abc import Callable
from functools import cache

_MMAP_THRESHOLD = -3  # the number by which glibc's mallopt knows it
_LARGE = 1 << 20  # bytes


def give_back_memory() -> None:
    """Give the system what the heap keeps of memory that is no longer used, where that can be.

    glibc gives back what lies at the end of the heap at most. It takes a few milliseconds.
    """
    trim = _of_the_c_library("malloc_trim")
    if trim is not None:
        trim(0)


def keep_large_arrays_off_the_heap() -> None:
    """Have the system get the memory of each large array back as soon as nobody needs it.

    glibc does so at first, too. But when an array is given back, it takes those of its size from
    the heap from then on. There, what is small and lasts comes to lie between them, and holds
    memory that arrays of other sizes do not fit into. A large array may take longer to make.
    """
    set_option = _of_the_c_library("mallopt")
    if set_option is not None:
        set_option(_MMAP_THRESHOLD, _LARGE)


@cache
def _of_the_c_library(name: str) -> Callable[..., object] | None:
    """Return a function that glibc has, other libraries not."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
