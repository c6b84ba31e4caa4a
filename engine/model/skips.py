"""Skip connections in a stack: what an Add may take, and the blocks of a residual group."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import msgspec

from engine.array_types import Shape
from engine.blocks import Add, BatchNorm, Conv, KnownBlock, ReLU, SkipBlock
from engine.blocks.add import fitting_way
from engine.model.stack import BlockSlot, Stack

_USUAL_DEPTH = 16  # of a residual group that nothing comes before


def fitting_adds(stack: Stack, gap: int) -> Iterator[tuple[int, Add]]:
    """Yield what could be added before the block at `gap`, with the number of its source.

    Best first: what needs no weights, ends a group of blocks, and is near. The block before is none
    of them: that would double it.
    """
    rows = stack.rows()[:gap]
    shape: Shape | None = rows[-1].output_shape if rows else None
    if shape is None:
        return
    ways = []
    for number, row in enumerate(rows[:-1], 1):
        assert row.output_shape is not None
        options = fitting_way(row.output_shape, shape)
        if options is not None:
            ends = row.slot.block.group in ("Activation", "Pooling", "Skip connection")
            place = options["through"] != "identity", not ends, -number
            ways.append(
                (place, number, msgspec.structs.replace(Add(source=row.slot.id), **options))
            )
    for _, number, add in sorted(ways, key=lambda way: way[0]):
        yield number, add


def gap_of_maps(stack: Stack, gap: int) -> int:
    """Return the last gap, up to this one, that maps come to; 0 if there is none."""
    shapes = [row.output_shape for row in stack.rows()[:gap]]
    return max((n for n, shape in enumerate(shapes, 1) if shape and len(shape) == 3), default=0)


def residual_group(stack: Stack, gap: int) -> list[BlockSlot]:
    """Return Conv, BatchNorm, ReLU, Conv, BatchNorm, Add and ReLU for a gap that maps come to.

    They keep the shape of these, and the Add takes them. At the beginning, a Conv with its ReLU
    makes more maps of the image. New slots have ids below 0, for `with_ids`.
    """
    depth, source, first = _USUAL_DEPTH, -2, list[KnownBlock]()
    if gap:
        before = stack.rows()[gap - 1]
        assert before.output_shape is not None
        depth, source = before.output_shape[0], before.slot.id
    else:
        first = [_same_conv(depth), ReLU()]
    convolved = [_same_conv(depth), BatchNorm()]
    blocks = [*first, *convolved, ReLU(), *convolved, Add(source=source), ReLU()]
    return [BlockSlot(-number, block) for number, block in enumerate(blocks, 1)]


def _same_conv(depth: int) -> Conv:
    return Conv(depth=depth, kernel_size=3, padding="same", bias="channel")


def with_ids(slots: Iterable[BlockSlot], ids: Mapping[int, int]) -> tuple[BlockSlot, ...]:
    """Copy slots with other ids, where one is given; what takes the output of one follows it."""

    def renamed(slot: BlockSlot) -> BlockSlot:
        block = slot.block
        if isinstance(block, SkipBlock) and block.source in ids:
            block = msgspec.structs.replace(block, source=ids[block.source])
        return replace(slot, id=ids.get(slot.id, slot.id), block=block)

    return tuple(map(renamed, slots))
