"""Weights: the arrays that learn, separate from the stack that the user chose."""

import math
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import DTypeLike

from engine import random_streams
from engine.array_types import Array, Shape, aligned, is_finite
from engine.blocks.base import InitialValues
from engine.model.stack import BlockSlot, Row, ShapeReport

# Slot id -> parameter name -> array.
Weights = dict[int, dict[str, Array]]


class WeightStore:
    """Every array that a slot has learned, by slot id and shapes.

    An edit that changes a block's shapes does not lose what it had learned: undo brings the old
    shapes back, and with them the old arrays.
    """

    def __init__(self) -> None:
        self._held: dict[tuple[int, tuple[tuple[str, Shape], ...]], dict[str, Array]] = {}

    def put(self, weights: Mapping[int, Mapping[str, Array]]) -> None:
        """Hold the arrays of some slots, in place of what was held for the same shapes."""
        for slot_id, arrays in weights.items():
            if arrays:
                shapes = {name: array.shape for name, array in arrays.items()}
                self._held[_key(slot_id, shapes)] = dict(arrays)

    def fitting(self, report: ShapeReport) -> Weights:
        """Return what is held for the slots of a checked stack, as far as the shapes agree."""
        found: Weights = {}
        for row in report.rows:
            held = self._held.get(_key(row.slot.id, row.array_shapes or {}))
            if held is not None:
                found[row.slot.id] = dict(held)
        return found

    def arrays(self) -> Iterator[Array]:
        """Give every array that is held, for the shapes of now and for others."""
        return (array for arrays in self._held.values() for array in arrays.values())

    def forget(self, row: Row) -> None:
        """Forget the arrays of a slot with the shapes that it has now."""
        self._held.pop(_key(row.slot.id, row.array_shapes or {}), None)

    def is_empty(self) -> bool:
        """Return whether nothing is held, for the shapes of now or for others."""
        return not self._held


def find_non_finite(slots: Iterable[BlockSlot], weights: Mapping[int, Mapping[str, Array]]) -> str:
    """Name the first array that holds a NaN or an infinity; empty if there is none."""
    for number, slot in enumerate(slots, 1):
        for parameter, array in weights.get(slot.id, {}).items():
            if not is_finite(array):
                return f"the {parameter.replace('_', ' ')} of block {number} ({slot.label})"
    return ""


def why_not_whole(rows: Iterable[Row], weights: Mapping[int, Mapping[str, Array]]) -> str:
    """Say why weights are none that could be exported, as what follows "because"; empty if not.

    They must be finite, and of the shapes that each row of a stack that fits asks for.
    """
    rows = tuple(rows)
    for number, row in enumerate(rows, 1):
        if row.problem is not None:
            return f"the network does not fit: {row.problem.text}"
        held = {name: array.shape for name, array in weights.get(row.slot.id, {}).items()}
        if held != row.array_shapes:
            return (
                f"block {number} ({row.slot.label}) has no trained weights. Train the network, "
                "then export."
            )
    if named := find_non_finite((row.slot for row in rows), weights):
        return (
            f"{named} holds values that are not finite numbers. Train with a lower learning rate, "
            "then export."
        )
    return ""


def initial_weights(
    report: ShapeReport,
    seed: int,
    initializer: str,
    *,
    kept: Mapping[int, Mapping[str, Array]] | None = None,
    dtype: DTypeLike = np.float32,
) -> Weights:
    """Return every slot of a fitting stack its arrays: kept ones where the shapes agree, else new.

    New ones depend on the seed and the slot's id alone, so an edit elsewhere does not change them.
    """
    weights: Weights = {}
    for row in report.rows:
        shapes = row.array_shapes or {}
        old = (kept or {}).get(row.slot.id, {})
        if {name: array.shape for name, array in old.items()} == shapes:
            weights[row.slot.id] = {name: aligned(old[name], dtype) for name in shapes}
            continue
        drawn = _draw(row, seed, initializer)
        weights[row.slot.id] = {name: aligned(array, dtype) for name, array in drawn.items()}
    return weights


def initial_array(
    values: InitialValues, shape: Shape, initializer: str, rng: "np.random.Generator"
) -> Array:
    """Draw one array before training.

    "lecun": N(0, 1/fan_in) (LeCun et al., Efficient BackProp, 1998); "glorot":
    U(±√(6/(fan_in + fan_out))) (Glorot and Bengio, 2010); both with biases of 0. "normal": N(0, 1)
    for weights and biases, as the notebook has it.
    """
    if values == "ones":
        return np.ones(shape)
    if values == "zeros" or (values == "bias" and initializer != "normal"):
        return np.zeros(shape)
    if values == "bias" or initializer == "normal":
        return rng.standard_normal(shape)
    if initializer == "glorot":
        bound = math.sqrt(6.0 / (values.fan_in + values.fan_out))
        return rng.uniform(-bound, bound, shape)
    return rng.standard_normal(shape) / math.sqrt(values.fan_in)


def _draw(row: Row, seed: int, initializer: str) -> dict[str, Array]:
    assert row.input_shape is not None
    values = row.slot.known.initial_values(row.input_shape)
    rng = random_streams.stream(seed, "weights", row.slot.id)
    return {
        name: initial_array(values[name], shape, initializer, rng)
        for name, shape in (row.array_shapes or {}).items()
    }


def _key(slot_id: int, shapes: Mapping[str, Shape]) -> tuple[int, tuple[tuple[str, Shape], ...]]:
    return slot_id, tuple(sorted(shapes.items()))
