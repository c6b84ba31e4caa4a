"""The compiled loop that copies."""

from engine.array_types import Array
from engine.compute.native.machine_code.compiled import compiled


@compiled
def copy(values: Array, out: Array) -> None:
    """Write the values of a vector into another."""
    for i in range(values.size):
        out[i] = values[i]
