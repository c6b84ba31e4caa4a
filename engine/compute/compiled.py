"""How loops are compiled: by numba, on first use, and kept in a cache beside the source."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from engine.folders import home

if not os.access(Path(__file__).parent, os.W_OK):  # numba reads this when it is imported
    os.environ.setdefault("NUMBA_CACHE_DIR", str(home() / "compiled"))

from numba import njit

Loop = TypeVar("Loop", bound=Callable[..., Any])


def compiled(loop: Loop) -> Loop:
    """Compile a function over arrays. It lets other threads run, and is quiet about infinities.

    Of the liberties with floating point, only those are taken that keep NaN and infinity.
    """
    compiler = njit(
        nogil=True, cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"}
    )
    return cast(Loop, compiler(loop))
