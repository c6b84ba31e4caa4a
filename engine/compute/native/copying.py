"""Copying of values by a compiled loop, which a capture notes."""

from engine.array_types import Array
from engine.compute.native.loops import copy_loops


def copy(values: Array, out: Array) -> None:
    """Write the values of an array into another of the same shape; both are plain."""
    copy_loops.copy(values.reshape(-1), out.reshape(-1))
