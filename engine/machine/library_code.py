"""The machine code of libraries: much of it is read at the start alone, and then lies in memory."""

import ctypes
import mmap
import sys
from pathlib import Path

_MAPS = Path("/proc/self/maps")


def give_back_code(library: str) -> None:
    """Let go the pages of a library's code, where that can be: the system may use this memory.

    Whatever runs in them goes on: the system brings a page back from the library's file, or while
    it still has that in memory, from there, which takes some microseconds. `library` is how the
    file's name begins. It takes a few milliseconds. Only code is let go, for it is the same as in
    the file; what was changed after loading is in other pages.
    """
    if sys.platform != "linux":
        return
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for begin, end in _code_of(library):
        advise(begin, end - begin, mmap.MADV_DONTNEED)


def _code_of(library: str) -> list[tuple[int, int]]:
    """List from where to where the code of a library lies, as addresses."""
    try:
        lines = _MAPS.read_text("utf-8", "replace").splitlines()
    except OSError:  # a system that hides it
        return []
    found = []
    for line in lines:
        place, rights, *_, path = line.split(maxsplit=5)
        if rights == "r-xp" and Path(path).name.startswith(library):
            begin, end = place.split("-")
            found.append((int(begin, 16), int(end, 16)))
    return found
