"""Weights by the names that PyTorch gives them: `conv1.weight`, `bn1.running_var`, `dense2.bias`.

A module is called by its kind and counted by its kind, from 1. Kernels and matrices have the same
shapes there. A bias for each position is called `bias_map`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.blocks import Conv
from engine.files.tensors import Entry
from engine.model.stack import BlockSlot, Row

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
