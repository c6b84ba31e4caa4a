"""Numerics: the small set of functions behind all layers, and which of its two twins computes.

The plain twin is numpy, short and with its equations, in the files of this room. It declares what a
twin is: what each function takes and gives stands there. The native twin in `native/` is the same
functions over compiled loops, several times as fast. All that is above this room calls `numerics()`
and works with either. For each twin and number of threads, the same seed gives the same bits;
between the twins, results differ by rounding alone. So a network computes by the same twin for as
long as it lives.

`LAYERSCOPE_COMPUTE=numpy` in the environment chooses the plain twin, `native` the other. Without
it the native one is taken where numba is installed and can compile here, else the plain one.

To compile all loops takes about a minute. A program whose user waits calls `compile_elsewhere`:
its networks compute by the plain twin until another process has compiled what they need, see
`engine/training/preparation.py`.
"""

import importlib.util
import logging
import os
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from engine.compute.native.machine_code.code_store import (
    code_store as code_store,  # it loads no numba
)
from engine.compute.plain_numerics import Numerics, PlainNumerics
from engine.errors import ComputeError, in_one_line
from engine.machine.library_code import give_back_code

CHOICE = "LAYERSCOPE_COMPUTE"
PLAIN, NATIVE = "numpy", "native"
_MISSING = "numba is not installed"
_logger = logging.getLogger(__name__)
_compiles_here = True
_compiled: dict[str, bool] = {}


class Chosen(NamedTuple):
    """The twin that computes in this process, and in words which it is and why it was chosen."""

    numerics: Numerics
    words: str
    compiles: bool  # on first use


def numerics(dtype: DTypeLike = np.float32, network: str = "") -> Numerics:
    """Return the twin by which a network computes that is made now, of a type of numbers.

    `network` names one whose loops may be compiled although not all of its type are. Raises
    ComputeError as `check_choice` does, or if the native twin was asked for and fails.
    """
    if _compiles_here or is_compiled(np.dtype(dtype).name):
        return best_numerics()
    return best_numerics() if network and are_kept(network) else _plain("").numerics


def best_numerics() -> Numerics:
    """Return the twin by which networks compute where no loop is missing.

    It is chosen once. Raises ComputeError as `numerics` does.
    """
    return _chosen().numerics


def compile_elsewhere() -> None:
    """Compile no loop in this process, unless the environment asks for the native twin."""
    global _compiles_here
    _compiles_here = not has_numba() or bool(os.environ.get(CHOICE))


def compiles_elsewhere() -> bool:
    """Return whether loops that are missing are for another process to compile."""
    return not _compiles_here


def is_compiled(loops: str) -> bool:
    """Return whether all loops are kept that a type of numbers needs: "float32" or "float64".

    The disk is looked at when this is first asked; then `note_compiled` says what was added.
    """
    if not _compiled:
        _compiled.update({name: are_kept(name) for name in ("float32", "float64")})
    return _compiled[loops]


def note_compiled(loops: str) -> None:
    """Note that another process has compiled all loops for a type of numbers."""
    is_compiled(loops)
    _compiled[loops] = True


def loops_prepared() -> int:
    """Count the loops that were compiled or loaded in this process."""
    from engine.compute.native.machine_code import compiled

    return compiled.loops_prepared()


def are_kept(loops: str) -> bool:
    """Return whether all loops of a set are kept for the next start."""
    return code_store().is_complete(loops)


def compiles() -> bool:
    """Return whether the twin that computes in this process compiles loops on their first use.

    Raises ComputeError as `numerics` does.
    """
    return _chosen().compiles


def numerics_in_words() -> str:
    """Say which twin computes in this process, and why if it is the plain one, or neither does."""
    if not _compiles_here and not is_compiled("float32"):
        return f"{_plain('').words}, until the loops are compiled"
    try:
        return _chosen().words
    except ComputeError as error:
        return str(error)


def check_choice() -> str:
    """Return what the environment asks for: a twin, or nothing.

    Raises ComputeError if there is no such twin, or numba is missing for it.
    """
    asked = os.environ.get(CHOICE, "")
    if asked not in ("", PLAIN, NATIVE):
        raise ComputeError(
            f"{CHOICE} in the environment is {asked[:40]!r}: set it to {PLAIN} (plain numpy) or "
            f"{NATIVE} (compiled loops), or unset it."
        )
    if asked == NATIVE and not has_numba():
        raise _no_native(_MISSING)
    return asked


def has_numba() -> bool:
    """Return whether numba is installed, without loading it."""
    return importlib.util.find_spec("numba") is not None


@cache
def _chosen() -> Chosen:
    asked = check_choice()
    if asked == PLAIN:
        return _plain(f", as {CHOICE} asks")
    fault = _MISSING
    if has_numba():
        try:
            return _native()
        except MemoryError:
            raise
        except Exception as error:  # versions that do not go together, a system that forbids it
            fault = f"numba cannot compile here ({in_one_line(error)})"
    if asked == NATIVE:
        raise _no_native(fault)
    _logger.warning("The engine computes in plain numpy, which is slower: %s.", fault)
    return _plain(f", which is slower: {fault}")


def _plain(why: str) -> Chosen:
    return Chosen(PlainNumerics, PlainNumerics.TITLE + why, compiles=False)


def _native() -> Chosen:
    """Load the native twin, and let it compute something."""
    from engine.compute.native.native_numerics import NativeNumerics, try_out  # numba takes long

    try_out()
    give_back_code("libllvmlite")  # the compiler, which has read nearly all of its code to start
    return Chosen(NativeNumerics, NativeNumerics.TITLE, compiles=True)


def _no_native(fault: str) -> ComputeError:
    return ComputeError(
        f"{CHOICE} in the environment is {NATIVE}, but {fault}: install numba (pip install numba), "
        "or unset it to compute in plain numpy."
    )
