"""How large blocks are: what they compute and what memory they take."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from engine.model.stack import Row

_BYTES = 4  # of a float32
_UNITS = ("B", "kB", "MB", "GB", "TB")


@dataclass(frozen=True)
class Totals:
    """Sums over some blocks, as far as they fit; `values` leave the blocks for one sample."""

    parameters: int
    multiply_adds: int
    values: int


def totals_of(rows: Iterable[Row]) -> Totals:
    """Add up what the shape check says of some blocks."""
    known = [row for row in rows if row.output_shape is not None]
    return Totals(
        sum(row.parameters or 0 for row in known),
        sum(row.multiply_adds or 0 for row in known),
        sum(math.prod(row.output_shape or ()) for row in known),
    )


def memory_text(totals: Totals) -> str:
    """Write the memory of the parameters, and that of the values of one sample."""
    return f"{parameter_memory(totals)} + {sample_memory(totals)}"


def parameter_memory(totals: Totals) -> str:
    """Write the memory of the parameters."""
    return bytes_text(totals.parameters * _BYTES)


def sample_memory(totals: Totals) -> str:
    """Write the memory of the values that leave the blocks for one sample."""
    return f"{bytes_text(totals.values * _BYTES)} per sample"


def bytes_text(count: int) -> str:
    """Write a number of bytes with three digits at most: `13.7 kB`."""
    size, unit = float(count), 0
    while size >= 999.5 and unit + 1 < len(_UNITS):
        size, unit = size / 1000, unit + 1
    return f"{size:.3g} {_UNITS[unit]}"
