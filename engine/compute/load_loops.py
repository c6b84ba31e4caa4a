"""Load the compiled loops when they are first needed: numba takes long to import.

A step asks for them again and again. So these functions are cached: an `import` statement in the
step costs a tenth of a small step once PySide6 has put its own import in the place of Python's.
"""

from functools import cache
from types import ModuleType


@cache
def activation_loops() -> ModuleType:
    """Return the loops of the activation functions."""
    from engine.compute.native import activation_loops

    return activation_loops


@cache
def augmentation_loops() -> ModuleType:
    """Return the loops that change images at random."""
    from engine.compute.native import augmentation_loops

    return augmentation_loops


@cache
def conv_loops() -> ModuleType:
    """Return the loops of convolution by im2col."""
    from engine.compute.native import conv_loops

    return conv_loops


@cache
def dense_loops() -> ModuleType:
    """Return the loops of dense layers."""
    from engine.compute.native import dense_loops

    return dense_loops


@cache
def loss_loops() -> ModuleType:
    """Return the loops of the losses."""
    from engine.compute.native import loss_loops

    return loss_loops


@cache
def optimizer_loops() -> ModuleType:
    """Return the loops of the optimizers."""
    from engine.compute.native import optimizer_loops

    return optimizer_loops


@cache
def pool_loops() -> ModuleType:
    """Return the loops of max pooling."""
    from engine.compute.native import pool_loops

    return pool_loops


@cache
def winograd_loops() -> ModuleType:
    """Return the loops of the Winograd convolution."""
    from engine.compute.native import winograd_loops

    return winograd_loops
