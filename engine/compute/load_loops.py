"""The compiled loops, loaded when they are first needed: numba takes long to import."""

from functools import cache
from types import ModuleType


@cache
def loops() -> ModuleType:
    """Return the loops that layers, losses and optimizers share.

    Asked for at every step, so this is no `import` there: that costs a tenth of a small step once
    PySide6 has put its own in the place of Python's.
    """
    from engine.compute.native import loops

    return loops


@cache
def winograd_loops() -> ModuleType:
    """Return the loops of the Winograd convolution."""
    from engine.compute.native import winograd_loops

    return winograd_loops
