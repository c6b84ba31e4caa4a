"""Weights by the names that PyTorch gives them: `conv1.weight`, `bn1.running_var`, `dense2.bias`.

A module is called by its kind and counted by its kind, from 1. Kernels and matrices have the same
shapes there. A bias for each position is called `bias_map`.
"""

from collections import Counter
from collections.abc import Iterable

from engine.blocks import Conv
from engine.model.stack import BlockSlot, Row

_MODULES = {
    "conv": "conv",
    "max_pool": "maxpool",
    "avg_pool": "avgpool",
    "global_avg_pool": "globalpool",
    "dense": "dense",
    "reshape": "reshape",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "relu",
    "leaky_relu": "leakyrelu",
    "softmax": "softmax",
    "dropout": "dropout",
    "batch_norm": "bn",
}


def module_names(slots: Iterable[BlockSlot]) -> tuple[str, ...]:
    """Return the name of the module of each slot."""
    counts: Counter[str] = Counter()
    names = []
    for slot in slots:
        name = _MODULES[slot.known.kind]
        counts[name] += 1
        names.append(f"{name}{counts[name]}")
    return tuple(names)


def torch_names(rows: Iterable[Row]) -> dict[str, tuple[int, str]]:
    """Return PyTorch's name of each array of a stack that fits, with its slot and its name here."""
    rows = tuple(rows)
    modules = module_names(row.slot for row in rows)
    return {
        f"{module}.{_parameter_name(row.slot, name)}": (row.slot.id, name)
        for module, row in zip(modules, rows, strict=True)
        for name in row.array_shapes or {}
    }


def _parameter_name(slot: BlockSlot, parameter: str) -> str:
    if isinstance(slot.block, Conv) and parameter == "bias" and slot.block.bias == "position":
        return "bias_map"
    return "running_var" if parameter == "running_variance" else parameter
