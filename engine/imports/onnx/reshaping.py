"""What operators that only change shapes make of the shape of a sample.

The first axis of a value counts the samples, and must stay what it is. `batch` is how many there
are, where the file says so, else 0. All raise RefusedNodeError where no Reshape does the same.
"""

import math
from collections.abc import Sequence

from engine.array_types import Shape
from engine.imports.onnx.table import RefusedNodeError

_MIXES = "it mixes the values of different images"


def reshaped(shape: Shape, target: Sequence[int], batch: int, *, zero_copies: bool) -> Shape:
    """Return the target of a sample, with one -1 if it is open, by the target of a whole batch."""
    if not target:
        raise RefusedNodeError(_MIXES)
    first, rest = target[0], list(target[1:])
    if zero_copies:
        if any(size == 0 and axis >= len(shape) for axis, size in enumerate(rest)):
            raise RefusedNodeError("its target copies a size that there is not")
        rest = [shape[axis] if size == 0 else size for axis, size in enumerate(rest)]
    values, known = math.prod(shape), math.prod(rest)
    keeps_batch = (zero_copies and first == 0) or (batch > 0 and first == batch)
    if not keeps_batch and not (first == -1 and known == values):
        raise RefusedNodeError(_MIXES)
    if len(rest) == 1 and rest[0] == values and first != 0:
        return (-1,)  # what flattens
    return tuple(rest)


def flattened(shape: Shape, axis: int) -> Shape:
    """Return the target of a sample by the axis of a Flatten."""
    axis = axis + len(shape) + 1 if axis < 0 else axis
    if not 1 <= axis <= len(shape) + 1 or math.prod(shape[: axis - 1]) != 1:
        raise RefusedNodeError(_MIXES)
    return (-1,)


def squeezed(shape: Shape, axes: Sequence[int] | None, batch: int) -> Shape:
    """Return the shape of a sample without the axes, or without all that have the size 1."""
    if axes is None:
        if batch == 1:
            raise RefusedNodeError(_MIXES)
        return tuple(size for size in shape if size != 1)
    gone = {_sample_axis(axis, len(shape)) for axis in axes}
    if len(gone) < len(axes):
        raise RefusedNodeError("it names an axis twice")
    if any(shape[axis] != 1 for axis in gone):
        raise RefusedNodeError("it takes away an axis that has several values")
    return tuple(size for axis, size in enumerate(shape) if axis not in gone)


def unsqueezed(shape: Shape, axes: Sequence[int]) -> Shape:
    """Return the shape of a sample with axes of size 1 put in."""
    rank = len(shape) + len(axes)
    new = {_sample_axis(axis, rank) for axis in axes}
    if len(new) < len(axes):
        raise RefusedNodeError("it names an axis twice")
    left = iter(shape)
    return tuple(1 if axis in new else next(left) for axis in range(rank))


def transposed(shape: Shape, order: Sequence[int] | None) -> Shape:
    """Return the shape of a sample after an exchange of axes that moves no value."""
    order = list(order) if order is not None else list(range(len(shape), -1, -1))
    if sorted(order) != list(range(len(shape) + 1)):
        raise RefusedNodeError("its order of axes is none")
    moved = [axis - 1 for axis in order if axis == 0 or shape[axis - 1] != 1]
    if order[0] != 0 or moved != sorted(moved):
        raise RefusedNodeError("it exchanges axes, which no block does")
    return tuple(shape[axis - 1] for axis in order[1:])


def _sample_axis(axis: int, rank: int) -> int:
    """Return which axis of a sample of this rank is meant by an axis of a batch."""
    axis = axis + rank + 1 if axis < 0 else axis
    if axis == 0:
        raise RefusedNodeError(_MIXES)
    if not 1 <= axis <= rank:
        raise RefusedNodeError("it names an axis that there is not")
    return axis - 1
