"""Match the arrays of a weights file with the blocks of a network, and say what fits and why not.

Of each kind of block, the groups of the file and the blocks of the stack are paired in order, so
that as many as possible fit. What fits nowhere is named, and the rest taken.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.array_types import Array, Shape, format_shape
from engine.blocks import KINDS
from engine.blocks.batch_norm import BatchNormLayer
from engine.errors import WeightsError
from engine.files.tensors import FLOATS, Entry
from engine.files.weights_file import WeightsContent, faults_in_words, read_content
from engine.model.project import Project
from engine.model.stack import Row, ShapeReport
from engine.model.weights import Weights

_OURS = re.compile(r"(\d+)\.([a-z_]+)")
_NUMBERED = re.compile(r"(?:.*\.)?[A-Za-z_]+?(\d+)")
# What other programs call the arrays of the blocks; a Conv2d with a bias for each position cannot
# be told by PyTorch's names, so an export of ours calls it so.
_PARAMETERS = {"running_var": "running_variance", "bias_map": "bias"}
_MEAN = "running_mean"
_COUNTER = "num_batches_tracked"
# What a name has for the way past other blocks, whose Conv is that of an Add.
_SKIP = re.compile(r"(^|[._])(add|downsample|shortcut|skip)")


@dataclass(frozen=True)
class ArrayGroup:
    """Arrays by the names that blocks give them, all of one block; `kind` is "" where none is told.

    `index` is the place in the stack that its name tells, `number` that among those of its kind,
    both from 1; 0 where the name does not tell it.
    """

    name: str
    arrays: Mapping[str, Entry]
    kind: str
    index: int = 0
    number: int = 0

    @property
    def form(self) -> tuple[int, bool]:
        """What tells kinds apart: the axes of the weights, and whether there is a mean."""
        return _form({name: entry.shape for name, entry in self.arrays.items()})

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
    kind = "add" if _SKIP.search(name) else ""
    numbered = _NUMBERED.fullmatch(name)
    return ArrayGroup(name, arrays, kind, number=_count(numbered[1]) if numbered else 0)


def _form(shapes: Mapping[str, Shape]) -> tuple[int, bool]:
    return len(shapes.get("weight", ())), _MEAN in shapes


def _natural(name: str) -> list[tuple[int, str]]:
    """Return what sorts `conv2` before `conv10`."""
    parts = re.split(r"(\d+)", name)
    return [(_count(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _count(digits: str) -> int:
    return int(digits[:9])  # longer ones are no places


_MOST_GROUPS = 2_000  # each is tried with each block of its kind


@dataclass(frozen=True)
class MatchRow:
    """A row of the table: a block, or a group of the file that no block takes.

    `number` counts the blocks from 1, 0 where there is none; `group` is what stands before the
    names of the arrays in the file, empty where there are none. `note` says why nothing was taken,
    or what was made of it.
    """

    number: int
    title: str
    group: str
    is_taken: bool
    note: str = ""


@dataclass(frozen=True, eq=False)
class WeightsMatch:
    """What of a file goes into a network: a row for each block that learns and for what is left."""

    path: Path
    rows: tuple[MatchRow, ...]
    weights: Weights
    content: WeightsContent

    @property
    def is_whole(self) -> bool:
        """Whether every block that learns, and every array of the file, is matched."""
        return all(row.is_taken for row in self.rows)

    @property
    def text(self) -> str:
        """Say how much was taken."""
        blocks = sum(row.number > 0 for row in self.rows)
        left = sum(not row.number for row in self.rows)
        others = f"; {left:,} of the file {'is' if left == 1 else 'are'} left" if left else ""
        return f"{len(self.weights):,} of {blocks:,} blocks that learn take weights{others}."

    def applied(self, project: Project) -> Project:
        """Return the project with the weights that were matched, trained no further.

        How the images are scaled comes along where every block is matched: weights of one network
        alone, not of two, have a scaling that they were learned with.
        """
        changed = replace(
            project, weights={**project.weights, **self.weights}, state=None, origin=None
        )
        if not self.is_whole:
            return changed
        content, settings = self.content, project.settings
        if content.metadata is not None:
            epochs = content.metadata.epochs
            changed = replace(changed, trained_epochs=epochs, trained_part=0.0)
        if content.scaling is not None:
            settings = settings.with_changes(scaling="standard")
            return replace(changed, settings=settings, scaling=content.scaling)
        if content.metadata is not None:
            settings = settings.with_changes(scaling="unit")
            return replace(changed, settings=settings, scaling=None)
        return changed


def match_weights(path: Path, report: ShapeReport) -> WeightsMatch:
    """Match the arrays of a `.npz` or `.safetensors` file with the blocks of a stack that fits.

    Raises WeightsError if the file cannot be read, or nothing of it fits: its text has the first
    reason.
    """
    if report.problem is not None:
        raise WeightsError(
            f"{path} was not imported, because the network does not fit: {report.problem.text}"
        )
    content = read_content(path)
    groups = group_arrays(content.arrays)
    if len(groups) > _MOST_GROUPS:
        raise WeightsError(f"{path} has arrays of more blocks than a network here. Choose another.")
    with faults_in_words(path):
        rows, weights = _match(groups, report)
    return WeightsMatch(path, rows, weights, content)


def require_any(match: WeightsMatch) -> None:
    """Raise WeightsError if nothing was matched."""
    if not match.weights:
        reasons = [row.note for row in match.rows if row.note]
        first = f": {reasons[0]}" if reasons else ""
        raise WeightsError(
            f"Nothing in {match.path} fits the network{first}. Choose weights of a network like "
            "this one."
        )


def _match(
    groups: Sequence[ArrayGroup], report: ShapeReport
) -> tuple[tuple[MatchRow, ...], Weights]:
    blocks = {number: row for number, row in enumerate(report.rows, 1) if row.array_shapes}
    partners: dict[int, ArrayGroup] = {}
    for kind in KINDS:  # where names tell no kind, each has what those before it have left
        own = {number: row for number, row in blocks.items() if row.slot.block.kind == kind}
        forms = [_form(row.array_shapes or {}) for row in own.values()]
        like = [group for group in groups if group.index or group.form in forms]
        told = [group for group in like if group.kind == kind]
        free = [each for each in like if not each.kind and each not in partners.values()]
        partners |= _pair(told or free, own)
    rows: list[MatchRow] = []
    weights: Weights = {}
    shown = {group.name for group in partners.values()}
    norms = {_prefix(each): each for each in groups if each.kind == "add" and _MEAN in each.arrays}
    for number, row in blocks.items():
        group, slot = partners.get(number), row.slot
        if group is None:
            name = slot.block.name
            note = f"the file has no arrays of {'an' if name[0] in 'AEIOU' else 'a'} {name}"
            rows.append(MatchRow(number, slot.label, "", is_taken=False, note=note))
            continue
        arrays, note = _take(group, row)
        if arrays is not None:
            norm = norms.get(_prefix(group)) if slot.block.kind == "add" else None
            folded = None if norm is None else _folded(norm, arrays, row)
            if norm is not None and folded is not None:
                arrays, note = folded, f"{norm.name} is folded into it"
                shown.add(norm.name)
            weights[slot.id] = arrays
        taken = arrays is not None
        rows.append(MatchRow(number, slot.label, group.name, is_taken=taken, note=note))
    rows += [
        MatchRow(0, "", group.name, is_taken=False, note=f"no block for its {group.text}")
        for group in groups
        if group.name not in shown
    ]
    return tuple(rows), weights


def _prefix(group: ArrayGroup) -> str:
    return group.name.rpartition(".")[0]


def _folded(norm: ArrayGroup, conv: dict[str, Array], row: Row) -> dict[str, Array] | None:
    """Fold a BatchNorm into the 1×1 Conv before it, as it computes when nothing is trained."""
    names = ("weight", "bias", _MEAN, "running_variance")
    own, _ = _take(norm, replace(row, array_shapes=dict.fromkeys(names, conv["bias"].shape)))
    if own is None or (own["running_variance"] < 0).any():
        return None
    scale = own["weight"] / np.sqrt(own["running_variance"] + BatchNormLayer.EPSILON)
    bias = (conv["bias"] - own[_MEAN]) * scale + own["bias"]
    return {"weight": conv["weight"] * scale[:, np.newaxis, np.newaxis, np.newaxis], "bias": bias}


def _pair(groups: Sequence[ArrayGroup], blocks: Mapping[int, Row]) -> dict[int, ArrayGroup]:
    """Pair groups and blocks of one kind, by their numbers, so that as many as possible fit.

    Of the ways to do so it is one that keeps most at the places that their names tell, and then
    most in their order. What does not fit stands side by side: so a user sees why.
    """
    from scipy.optimize import linear_sum_assignment  # takes 0.1 s

    score = np.empty((len(groups), len(blocks)))
    told = Counter(group.number for group in groups)  # in nested modules, numbers begin anew
    counts = all(told[number] == 1 for number in told if number)
    most = float(max(score.shape) ** 3 + 1)  # that disorder can count
    for i, group in enumerate(groups):
        for j, (number, row) in enumerate(blocks.items()):
            is_there = group.index == number or (counts and group.number == j + 1)
            fits = not _misfit(group, row)
            score[i, j] = fits * most * (len(blocks) + 1 + is_there) - (i - j) ** 2
    pairs = zip(*linear_sum_assignment(score, maximize=True), strict=True)
    numbers = list(blocks)
    return {numbers[j]: groups[i] for i, j in pairs}


def _misfit(group: ArrayGroup, row: Row) -> str:
    """Say why a group does not fit a block of its kind; empty if it does."""
    wanted = row.array_shapes or {}
    for name in group.arrays:
        if name not in wanted:
            return f"it has a {name}, which the block has not"
    for name, shape in wanted.items():
        entry = group.arrays.get(name)
        if entry is None:
            if name != "bias" or group.index:  # an export of ours has all
                return f"it has no {name}"
        elif entry.dtype not in FLOATS:
            return f"its {name} is of the type {entry.dtype[:20]}, not of floating point numbers"
        elif entry.shape == shape:
            continue
        elif name != "bias" or len(shape) != 3 or entry.shape != shape[:1]:  # one for each map
            return (
                f"its {name} is {format_shape(entry.shape) or 'one number'}, that of the block "
                f"{format_shape(shape)}"
            )
    return ""


def _take(group: ArrayGroup, row: Row) -> tuple[dict[str, Array] | None, str]:
    """Return the arrays of a block, and what was made of them, or None and why not."""
    if reason := _misfit(group, row):
        return None, reason
    arrays, note = {}, ""
    for name, shape in (row.array_shapes or {}).items():
        entry = group.arrays.get(name)
        if entry is None:
            arrays[name], note = np.zeros(shape, np.float32), "the file has no bias: it is 0"
            continue
        values = entry.read()
        if not np.isfinite(values).all():
            return None, f"its {name} holds values that are not finite numbers"
        if values.shape != shape:
            values = np.broadcast_to(values[:, np.newaxis, np.newaxis], shape).copy()
            note = "the bias of each map is that of all its positions"
        arrays[name] = values
    return arrays, note
