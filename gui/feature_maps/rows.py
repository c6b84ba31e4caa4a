"""Which values of a snapshot the feature maps panel shows, in which order, with which title."""

from dataclasses import dataclass
from typing import Literal

from engine.array_types import Array
from engine.blocks.base import Group
from engine.inspection.snapshot import BlockSnapshot, Snapshot
from engine.model.stack import ShapeReport
from gui.widgets.colour_scale import Levels

ShownValues = Literal["after", "before", "both"]


@dataclass(frozen=True, eq=False)
class FeatureRow:
    """Maps (n, h, w) or a vector (n,) with a title such as `1 Conv 5, 3×3 → 2 Sigmoid`.

    `slot` is the block that gives the values, at a `position` in the stack; `slots` are all blocks
    of the title. `kernels` (n, channels, k, k) are those that make the maps, if a convolution does.
    `classes` are what the network's outputs stand for, if these are they. `scale` is given for a
    vector that can have no value outside of it.
    """

    slot: int
    position: int
    title: str
    values: Array
    group: Group
    slots: tuple[int, ...] = ()
    kernels: Array | None = None
    classes: tuple[str, ...] | None = None
    scale: Levels | None = None


def rows_of(snapshot: Snapshot, stage: ShownValues) -> list[FeatureRow]:
    """List what every block makes of the sample, and none of the values twice.

    A block that an activation directly follows is shown after it, before it, or both. A Reshape
    only arranges values anew and is left out.
    """
    rows = []
    for position, block in enumerate(snapshot.blocks):
        if block.group == "Shape":
            continue
        source = snapshot.blocks[position - 1] if position else None
        if block.group == "Activation" and source is not None and _takes_activation(source):
            if stage != "before":
                title = f"{position} {source.label} → {position + 1} {block.label}"
                rows.append(_row(snapshot, position, title, source))
        elif stage != "after" or not _is_activated(snapshot, position):
            title = f"{position + 1} {block.label}"
            rows.append(_row(snapshot, position, title, block))
    return rows


def waiting_of(report: ShapeReport) -> tuple[str, str]:
    """Say in lines which blocks do not fit, and why; and which wait for the first of them."""
    front, bad, waiting = len(report.front().rows), list[str](), list[str]()
    for number, row in enumerate(report.rows, 1):
        title = f"{number} {row.slot.label}"
        if row.problem is not None:
            bad.append(f"{title}: {row.problem.predicate}")
        elif number > front:
            waiting.append(f"{title}: waits for block {report.place}")
    return "\n".join(bad), "\n".join(waiting)


def _is_activated(snapshot: Snapshot, position: int) -> bool:
    following = snapshot.blocks[position + 1 : position + 2]
    return (
        _takes_activation(snapshot.blocks[position])
        and bool(following)
        and following[0].group == "Activation"
    )


def _takes_activation(block: BlockSnapshot) -> bool:
    return block.group not in ("Activation", "Shape")


def _row(snapshot: Snapshot, position: int, title: str, source: BlockSnapshot) -> FeatureRow:
    """Make the row of a block; `source` is the one before its activation, or the block itself."""
    block = snapshot.blocks[position]
    slots = tuple({source.slot, block.slot})
    if block.values.ndim == 3:
        return FeatureRow(
            block.slot, position, title, block.values, block.group, slots, source.kernels
        )
    values = block.values.reshape(-1)
    last = all(later.group == "Activation" for later in snapshot.blocks[position + 1 :])
    outputs = last and snapshot.outputs is not None and len(snapshot.classes) == len(values)
    classes = snapshot.class_names if outputs else None
    scale = (0.0, 1.0) if block.output_range in ("unit", "distribution") else None
    return FeatureRow(
        block.slot, position, title, values, block.group, slots, classes=classes, scale=scale
    )
