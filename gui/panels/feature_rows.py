"""Which of a look's values the feature maps panel shows, in which order and under which title."""

from dataclasses import dataclass
from typing import Literal

from engine.arrays import Array
from engine.looks import BlockLook, Look

Stage = Literal["after", "before", "both"]


@dataclass(frozen=True, eq=False)
class FeatureRow:
    """Maps (n, h, w) or a vector (n,) with a title such as `Conv 5, 3×3 → Sigmoid`.

    `slot` is the block that gives the values, at a `position` in the stack. `kernels`
    (n, channels, k, k) are those that make the maps, if a convolution does.
    """

    slot: int
    position: int
    title: str
    values: Array
    kernels: Array | None = None


def rows_of(look: Look, stage: Stage) -> list[FeatureRow]:
    """List what every block makes of the sample, and none of the values twice.

    A block that an activation directly follows is shown behind it, before it, or both. A Reshape
    only arranges values anew and is left out.
    """
    rows = []
    for position, block in enumerate(look.blocks):
        if block.group == "Shape":
            continue
        source = look.blocks[position - 1] if position else None
        if block.group == "Activation" and source is not None and _takes_activation(source):
            if stage != "before":
                rows.append(_row(block, position, f"{source.label} → {block.label}", source))
        elif stage != "after" or not _is_activated(look, position):
            rows.append(_row(block, position, block.label, block))
    return rows


def _is_activated(look: Look, position: int) -> bool:
    following = look.blocks[position + 1 : position + 2]
    return (
        _takes_activation(look.blocks[position])
        and bool(following)
        and following[0].group == "Activation"
    )


def _takes_activation(block: BlockLook) -> bool:
    return block.group not in ("Activation", "Shape")


def _row(block: BlockLook, position: int, title: str, source: BlockLook) -> FeatureRow:
    if block.values.ndim == 3:
        return FeatureRow(block.slot, position, title, block.values, source.kernels)
    return FeatureRow(block.slot, position, title, block.values.reshape(-1))
