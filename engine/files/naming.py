"""Weights by the names that files give them: `<slot index>.<kind>.<parameter>`.

The index counts the slots from 0. Conv weights are (depth, channels, k, k), those of Dense
(units, inputs).

PyTorch's names are `conv1.weight`, `bn1.running_var`, `dense2.bias`: a module is called by its kind
and counted by its kind, from 1. Kernels and matrices have the same shapes there. A bias for each
position is called `bias_map`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from engine.array_types import Array, Shape, format_shape
from engine.blocks import Conv, UnknownBlock
from engine.files.tensors import FLOAT32, Entry
from engine.files.untrusted_read import DamagedError, ForeignError
from engine.model.stack import BlockSlot, Row
from engine.model.weights import Weights


def named_arrays(
    slots: Iterable[BlockSlot], weights: Mapping[int, Mapping[str, Array]]
) -> dict[str, Array]:
    """Return the arrays of the slots by the names that files use."""
    return {
        _prefix(index, slot) + parameter: array
        for index, slot in enumerate(slots)
        for parameter, array in weights.get(slot.id, {}).items()
    }


def assign(entries: Sequence[Entry], rows: Sequence[Row], *, complete: bool) -> Weights:
    """Return the arrays of a file by the slots of a checked stack; names, types, shapes compared.

    `complete` asks for the arrays of every slot; otherwise a slot may have none. Where the shapes
    of a slot are not known, because its block or one before it is not, anything is taken.
    Raises ForeignError where file and stack differ, DamagedError for values that are not finite.
    """
    by_index: dict[str, list[Entry]] = {}
    for entry in entries:
        by_index.setdefault(entry.name.partition(".")[0], []).append(entry)
    weights: Weights = {}
    for index, row in enumerate(rows):
        prefix = _prefix(index, row.slot)
        of_slot = by_index.pop(str(index), [])
        _refuse([entry for entry in of_slot if not entry.name.startswith(prefix)])
        if of_slot or complete:
            named = f"block {index + 1} ({row.slot.label})"
            found = {entry.name.removeprefix(prefix): entry for entry in of_slot}
            _compare(found, row.array_shapes, named)
            # In the block's own order; the order in a file has no meaning.
            names = row.array_shapes or sorted(found)
            weights[row.slot.id] = {name: _values(found[name], named) for name in names}
    _refuse([entry for group in by_index.values() for entry in group])
    return weights


def _refuse(strays: Sequence[Entry]) -> None:
    if strays:
        raise ForeignError(f"the file holds {strays[0].name[:60]!r}, for which there is no block")


def _prefix(index: int, slot: BlockSlot) -> str:
    block = slot.block
    kind = block.raw.get("kind") if isinstance(block, UnknownBlock) else block.kind
    return f"{index}.{kind}."


def _compare(found: Mapping[str, Entry], wanted: Mapping[str, Shape] | None, named: str) -> None:
    for name, shape in (wanted or {}).items():
        if name not in found:
            raise ForeignError(f"{named} has a {name} of {format_shape(shape)}, the file has none")
        if found[name].shape != shape:
            raise ForeignError(
                f"{named} has a {name} of {format_shape(shape)}, the file one of "
                f"{format_shape(found[name].shape) or 'a single number'}"
            )
    for name, entry in found.items():
        if wanted is not None and name not in wanted:
            raise ForeignError(f"{named} has no {name}, but the file has one")
        if entry.dtype != FLOAT32:
            raise ForeignError(
                f"the {name} of {named} must be {FLOAT32}, the file has {entry.dtype}"
            )


def _values(entry: Entry, named: str) -> Array:
    array = entry.read()
    if not np.isfinite(array).all():
        raise DamagedError(f"{entry.name} of {named} holds values that are not finite numbers")
    return array


_MODULES = {"global_avg_pool": "globalpool", "batch_norm": "bn"}  # others as their kinds are


def module_names(slots: Iterable[BlockSlot]) -> tuple[str, ...]:
    """Return the name of the module of each slot."""
    counts: Counter[str] = Counter()
    names = []
    for slot in slots:
        kind = slot.known.kind
        name = _MODULES.get(kind, kind.replace("_", ""))
        counts[name] += 1
        names.append(f"{name}{counts[name]}")
    return tuple(names)


def torch_names(rows: Iterable[Row]) -> dict[str, str]:
    """Return PyTorch's name of each array of a stack that fits, with the one in files of ours."""
    rows = tuple(rows)
    modules = module_names(row.slot for row in rows)
    return {
        f"{module}.{_parameter_name(row.slot, name)}": f"{index}.{row.slot.known.kind}.{name}"
        for index, (module, row) in enumerate(zip(modules, rows, strict=True))
        for name in row.array_shapes or {}
    }


def with_own_names(entries: Sequence[Entry], rows: Iterable[Row]) -> Sequence[Entry]:
    """Return the arrays of a file by our names, if it has all those that PyTorch gives them."""
    names = torch_names(rows)
    if {entry.name for entry in entries} != names.keys():
        return entries
    return [replace(entry, name=names[entry.name]) for entry in entries]


def _parameter_name(slot: BlockSlot, parameter: str) -> str:
    if isinstance(slot.block, Conv) and parameter == "bias" and slot.block.bias == "position":
        return "bias_map"
    return "running_var" if parameter == "running_variance" else parameter
