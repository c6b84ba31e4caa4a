"""How large blocks are: what they compute and what memory they take."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from engine.model.stack import Row
from gui.widgets.number_words import bytes_text

_BYTES = 4  # of a float32


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


def parameter_memory(totals: Totals) -> str:
    """Write the memory of the parameters."""
    return bytes_text(totals.parameters * _BYTES)


def sample_memory(totals: Totals) -> str:
    """Write the memory of the values that leave the blocks for one sample."""
    return f"{bytes_text(totals.values * _BYTES)} per sample"
