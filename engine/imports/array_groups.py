"""The arrays of a weights file as groups, one for each block or module that they were of.

Names are ours, `0.conv.weight`, or those of PyTorch's state dicts, such as `features.3.weight`
or `bn1.running_var`: what stands before the last dot names the group.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.array_types import format_shape
from engine.files.tensors import Entry

_OURS = re.compile(r"(\d+)\.([a-z_]+)")
_NUMBERED = re.compile(r"(?:.*\.)?[A-Za-z_]+?(\d+)")
# What other programs call the arrays of the blocks; a Conv2d with a bias for each position cannot
# be told by PyTorch's names, so an export of ours calls it so.
_PARAMETERS = {"running_var": "running_variance", "bias_map": "bias"}
_COUNTER = "num_batches_tracked"
_BY_DIMENSIONS = {4: "conv", 2: "dense", 1: "batch_norm"}


@dataclass(frozen=True)
class ArrayGroup:
    """Arrays by the names that blocks give them, all of one block; `kind` is "" for no known one.

    `index` is the place in the stack that its name tells, `number` that among those of its kind,
    both from 1; 0 where the name does not tell it.
    """

    name: str
    arrays: Mapping[str, Entry]
    kind: str
    index: int = 0
    number: int = 0

    @property
    def text(self) -> str:
        """Say which arrays it has."""
        return ", ".join(
            f"{name} {format_shape(entry.shape) or 'of one number'}"
            for name, entry in self.arrays.items()
        )


def group_arrays(entries: Iterable[Entry]) -> list[ArrayGroup]:
    """Return the groups of the arrays, in the order that people give to names with numbers."""
    found: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        name, _, parameter = entry.name.rpartition(".")
        if parameter != _COUNTER:
            found.setdefault(name, {})[_PARAMETERS.get(parameter, parameter)] = entry
    return [_group(name, found[name]) for name in sorted(found, key=_natural)]


def _group(name: str, arrays: Mapping[str, Entry]) -> ArrayGroup:
    if ours := _OURS.fullmatch(name):
        return ArrayGroup(name, arrays, ours[2], index=_count(ours[1]) + 1)
    weight = arrays.get("weight")
    kind = "" if weight is None else _BY_DIMENSIONS.get(len(weight.shape), "")
    if "running_mean" in arrays:
        kind = "batch_norm"
    numbered = _NUMBERED.fullmatch(name)
    return ArrayGroup(name, arrays, kind, number=_count(numbered[1]) if numbered else 0)


def _natural(name: str) -> list[tuple[int, str]]:
    """Return what sorts `conv2` before `conv10`."""
    parts = re.split(r"(\d+)", name)
    return [(_count(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _count(digits: str) -> int:
    return int(digits[:9])  # longer ones are no places
