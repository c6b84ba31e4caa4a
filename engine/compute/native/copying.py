"""Compiled loops that copy and fill."""

from engine.array_types import Array
from engine.compute.native.machine_code.compiled import compiled


@compiled
def _copy(values: Array, out: Array) -> None:
    """Write the numbers of a vector into another."""
    for i in range(len(values)):
        out[i] = values[i]


@compiled
def clear(numbers: Array) -> None:
    """Write zeros to a vector."""
    numbers[:] = 0


@compiled
def spread(values: Array, out: Array) -> None:
    """Write each value (maps,) to all its places (maps, places)."""
    for m in range(len(values)):
        row, value = out[m], values[m]
        for i in range(row.size):
            row[i] = value


def copy(values: Array, out: Array) -> None:
    _copy(values.reshape(-1), out.reshape(-1))
