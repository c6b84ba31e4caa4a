"""Provenance: from which part of the image, and of every array on the way, a value comes."""

import math
from dataclasses import dataclass

import numpy as np

from engine.array_types import Shape, format_shape
from engine.blocks import SkipBlock
from engine.blocks.base import Mask
from engine.explain.convolution import Window
from engine.explain.indices import Index
from engine.model.stack import ShapeReport


@dataclass(frozen=True, eq=False)
class ReceptiveField:
    """The values of one array that a value depends on: true in the mask, which has its shape."""

    mask: Mask

    @property
    def shape(self) -> Shape:
        """Shape of the array."""
        return self.mask.shape

    @property
    def count(self) -> int:
        """Count the values."""
        return int(self.mask.sum())

    @property
    def is_whole(self) -> bool:
        """Whether the value depends on all of the array."""
        return bool(self.mask.all())

    @property
    def channels(self) -> tuple[int, ...]:
        """List the maps, or the values of a vector, in which the field lies."""
        flat = self.mask.reshape(len(self.mask), -1)
        return tuple(np.flatnonzero(flat.any(axis=1)).tolist())

    @property
    def window(self) -> Window:
        """Return the smallest rectangle of a map that holds the field, over all maps.

        A vector counts as a column of values.
        """
        shape = self.shape if len(self.shape) == 3 else (1, math.prod(self.shape), 1)
        _, at_rows, at_columns = np.nonzero(self.mask.reshape(shape))
        rows, columns = np.unique(at_rows), np.unique(at_columns)
        if not len(rows):  # a window that lies on padding alone
            return Window(0, 0, 0, 0)
        top, left = int(rows[0]), int(columns[0])
        return Window(top, left, int(rows[-1]) + 1 - top, int(columns[-1]) + 1 - left)

    @property
    def words(self) -> str:
        """Name the field for people, counting from 1: `rows 3–5, columns 7–9`."""
        top, left, height, width = self.window
        whole = f"all of {format_shape(self.shape)}"
        if self.is_whole:
            return whole
        if not self.count:
            return "nothing: its window lies on zeros of the padding alone"
        if self.mask.ndim != 3:
            return _span("value", top, height)
        where = f"{_span('row', top, height)}, {_span('column', left, width)}"
        if len(self.channels) == len(self.mask):
            return where
        named = _span("map", self.channels[0], self.channels[-1] - self.channels[0] + 1)
        return f"{named}, {where}"


def receptive_fields(
    report: ShapeReport, position: int, index: Index, *, training: bool = False
) -> tuple[ReceptiveField, ...]:
    """Trace a value of a block's output back: the field in the input of every block up to it.

    The first is the field in the image, the last that in the block's own input. While training,
    BatchNorm's statistics make a value depend on its whole map, unless it is locked.
    """
    rows = report.rows[: position + 1]
    shape = rows[-1].output_shape
    assert shape is not None
    mask: Mask = np.zeros(shape, np.bool_)
    mask[index] = True
    fields: list[ReceptiveField] = []
    joining: dict[int, Mask] = {}  # what later blocks take of a slot's outputs, beside the next
    for row in reversed(rows):
        assert row.input_shape is not None
        block = row.slot.known
        if row.slot.id in joining:
            mask = mask | joining[row.slot.id]
        if isinstance(block, SkipBlock):
            taken = block.source_field(mask)
            joining[block.source] = joining.get(block.source, False) | taken
        rests = row.slot.locked and bool(block.state_shapes(row.input_shape))
        mask = block.receptive_field(mask, row.input_shape, training=training and not rests)
        mask.setflags(write=False)
        fields.insert(0, ReceptiveField(mask))
    return tuple(fields)


def _span(noun: str, first: int, count: int) -> str:
    if count == 1:
        return f"{noun} {first + 1}"
    return f"{noun}s {first + 1}–{first + count}"
