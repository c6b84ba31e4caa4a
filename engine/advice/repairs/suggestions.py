"""What may fix each kind of problem. Some of it may not: the caller checks every suggestion."""

import math
from collections.abc import Iterator
from dataclasses import replace

import msgspec

from engine.advice.repairs.faulty_stack import Faulty, Repair
from engine.array_types import Shape, format_shape
from engine.blocks import KINDS, Conv, Dense, KnownBlock, MaxPool, Reshape
from engine.blocks.pooling import Pooling
from engine.errors import ShapeError
from engine.model.losses import LOSSES
from engine.model.stack import BlockSlot, Stack

_SIZES = tuple(digit * 10**power for power in range(4, -1, -1) for digit in (5, 2, 1))
_MOST_VALUES = 10_000_000  # as a Reshape takes for one size
_POOLS = (2, 3, 4, 8, 16, 31)


def for_empty(faulty: Faulty) -> Iterator[Repair]:
    """Begin with what no network can do without, or with a convolution before it."""
    shape = faulty.stack.input_shape
    end = faulty.ending(shape)
    yield faulty.appended(f"Add {_listed(end)}", *end)
    if len(shape) == 3:
        notebook = (Conv(), KINDS["sigmoid"](), *end)
        yield faulty.appended(f"Add {_listed(notebook)}", *notebook)


def for_shape(faulty: Faulty) -> Iterator[Repair]:
    """Change the block, take it elsewhere, bring its input into shape, or remove it."""
    position = faulty.position
    slot, shape = faulty.stack.slots[position], faulty.report.rows[position].input_shape
    assert shape is not None
    yield from _other_options(faulty, position, slot, shape)
    number = position + 1
    if number < len(faulty.stack):
        yield faulty.moved(position, position + 1, f"Move block {number} after block {number + 1}")
    if len(shape) != 1:
        yield faulty.inserted(position, f"Insert a Reshape before block {number}", Reshape())
    yield from _moves_up(faulty, position, slot)
    if len(shape) != 3:
        yield from _reshapes_to_maps(faulty, position, shape)
    if number < len(faulty.stack):
        yield faulty.moved(position, len(faulty.stack) - 1, f"Move block {number} to the end")
    yield faulty.removal(position)


def _other_options(
    faulty: Faulty, position: int, slot: BlockSlot, shape: Shape
) -> Iterator[Repair]:
    block = slot.block
    if isinstance(block, Reshape):
        for target in _targets(block.target_shape, shape):
            label = f"Set the target shape to {format_shape(target)}"
            yield faulty.changed(position, label, target_shape=target)
    elif isinstance(block, Conv) and len(shape) == 3:
        size = min(shape[1:])
        yield faulty.changed(position, f"Shrink the kernel to {size}×{size}", kernel_size=size)
        yield faulty.changed(position, "Use same padding", padding="same")
    elif isinstance(block, Pooling) and len(shape) == 3 and min(shape[1:]) > 1:
        size = min(shape[1:])  # a window of 1×1 would do nothing
        yield faulty.changed(position, f"Shrink the window to {size}×{size}", size=size)


def _moves_up(faulty: Faulty, position: int, slot: BlockSlot) -> Iterator[Repair]:
    """Move the block to the latest places whose input it takes."""
    for to in range(position - 1, -1, -1):
        shape = faulty.report.rows[to].input_shape
        if shape is not None and _takes(slot, shape):
            yield faulty.moved(position, to, f"Move block {position + 1} before block {to + 1}")
            return


def _reshapes_to_maps(faulty: Faulty, position: int, shape: Shape) -> Iterator[Repair]:
    """Reshape to maps that were there before, else to the squarest."""
    values = math.prod(shape)
    before = [row.input_shape for row in faulty.report.rows[:position] if row.input_shape]
    known = [old for old in reversed(before) if len(old) == 3 and math.prod(old) == values]
    for maps in dict.fromkeys([*known[:1], *_maps_of(values)]):
        if _takes(faulty.stack.slots[position], maps):
            label = f"Insert a Reshape to {format_shape(maps)} before block {position + 1}"
            yield faulty.inserted(position, label, Reshape(target_shape=maps))
            return


def for_size(faulty: Faulty) -> Iterator[Repair]:
    """Make the largest block smaller, or the maps before it, or every block."""
    position = faulty.position
    slot = faulty.stack.slots[position]
    if isinstance(slot.block, Dense):
        yield from _smaller(faulty, position, "units", slot.block.units)
    if isinstance(slot.block, Conv):
        yield from _smaller(faulty, position, "depth", slot.block.depth)
        label = f"Use one bias per map in block {position + 1}"
        yield faulty.changed(position, label, bias="channel")
    yield from _pools_before(faulty, position)
    yield from _all_smaller(faulty)
    yield faulty.removal(position)


def _smaller(faulty: Faulty, position: int, option: str, now: int) -> Iterator[Repair]:
    """Set the largest round number that is enough."""
    what = f"Set the {option} of block {position + 1} to"
    sizes = (size for size in _SIZES if size < now)
    return faulty.first_improving(
        faulty.changed(position, f"{what} {size:,}", **{option: size}) for size in sizes
    )


def _all_smaller(faulty: Faulty) -> Iterator[Repair]:
    """Limit all units and depths by the largest round number that is enough."""
    return faulty.first_improving(
        faulty.repair(f"Limit all units and depths to {size:,}", _limited(faulty.stack, size), None)
        for size in _SIZES
    )


def _limited(stack: Stack, size: int) -> Stack:
    for slot in stack:
        block = slot.block
        if isinstance(block, Dense) and block.units > size:
            smaller: KnownBlock = msgspec.structs.replace(block, units=size)
        elif isinstance(block, Conv) and block.depth > size:
            smaller = msgspec.structs.replace(block, depth=size)
        else:
            continue
        stack = stack.replaced(replace(slot, block=smaller))
    return stack


def _pools_before(faulty: Faulty, position: int) -> Iterator[Repair]:
    """Shrink the maps where they are maps for the last time before the block."""
    shapes = [row.input_shape for row in faulty.report.rows[: position + 1]]
    place = max((i for i, shape in enumerate(shapes) if shape and len(shape) == 3), default=None)
    if place is None:
        return iter(())
    where = f"before block {place + 1}"
    return faulty.first_improving(
        faulty.inserted(place, f"Insert a MaxPool {size}×{size} {where}", MaxPool(size=size))
        for size in _POOLS
    )


def for_output(faulty: Faulty) -> Iterator[Repair]:
    """Let the last Dense give one value per class, or add one that does."""
    slots, last = faulty.stack.slots, faulty.report.rows[-1].output_shape
    assert last is not None
    for position in range(len(slots) - 1, -1, -1):
        if isinstance(slots[position].block, Dense):
            label = f"Set the units of block {position + 1} to {faulty.classes}"
            yield faulty.changed(position, label, units=faulty.classes)
            break
    if math.prod(last) == faulty.classes:
        yield faulty.appended("Append a Reshape to a vector", Reshape())
    for activated in (False, True):
        end = faulty.ending(last, activated=activated)
        yield faulty.appended(f"Append {_listed(end)}", *end)
    yield faulty.removal(len(slots) - 1)


def for_loss(faulty: Faulty) -> Iterator[Repair]:
    """End with an activation that suits the loss, or choose a loss that suits the end."""
    last, loss = faulty.stack.slots[-1], faulty.settings.loss
    number = len(faulty.stack)
    kinds = sorted(("sigmoid", "softmax"), key=lambda kind: kind != LOSSES[loss].fuses_with)
    if last.block.group == "Activation":
        slots = faulty.new_slots(KINDS[kinds[0]]())
        stack = faulty.stack.removed(last.id).inserted(number - 1, *slots)
        label = f"Replace {last.block.name} by {slots[0].block.name}"
        yield faulty.repair(label, stack, slots[0].id)
    for kind in kinds:
        yield faulty.appended(f"Append a {KINDS[kind].name}", KINDS[kind]())
    for name, other in LOSSES.items():
        settings = faulty.settings.with_changes(loss=name)
        yield Repair(f"Use {other.title.lower()}", faulty.stack, settings, last.id)
    yield faulty.removal(number - 1)


def new_endings(faulty: Faulty) -> Iterator[Repair]:
    """Return up as few of the last blocks as possible for an ending that fits."""
    for kept in range(len(faulty.stack), -1, -1):
        row = faulty.report.rows[kept - 1] if kept else None
        before = row.output_shape if row else faulty.stack.input_shape
        assert before is not None  # a stack with a block that does not fit offers to remove that
        end = faulty.ending(before)
        slots = faulty.new_slots(*end)
        stack = replace(faulty.stack, slots=faulty.stack.slots[:kept] + slots)
        gone = "" if kept == len(faulty.stack) else f"Remove block {kept + 1} and all after it, "
        yield faulty.repair(f"{gone}add {_listed(end)}", stack, slots[-1].id)


# --- shapes and words ---------------------------------------------------------------------------


def _takes(slot: BlockSlot, shape: Shape) -> bool:
    try:
        slot.block.output_shape(shape)
    except ShapeError:
        return False
    return True


def _targets(target: Shape, shape: Shape) -> Iterator[Shape]:
    """Return targets for a Reshape of this input: with as many axes as it had, then a vector."""
    values = math.prod(shape)
    if len(target) == 3 and values <= _MOST_VALUES:
        area = target[1] * target[2]
        if area > 0 and values % area == 0:
            yield (values // area, *target[1:])
        elif len(shape) == 3:
            yield shape
        else:
            yield from _maps_of(values)[:1]
    if len(target) == 2:
        yield (-1, 1)
    yield (-1,)


def _maps_of(values: int) -> tuple[Shape, ...]:
    """Cut values into the largest square maps that there are, and into the squarest single one."""
    if values > _MOST_VALUES:
        return ()
    sides = range(math.isqrt(values), 0, -1)
    square = next(side for side in sides if values % side**2 == 0)
    height = next(side for side in sides if values % side == 0)
    return (values // square**2, square, square), (1, height, values // height)


def _listed(blocks: tuple[KnownBlock, ...]) -> str:
    *names, last = (
        block.name if isinstance(block, Reshape) else block.summary() for block in blocks
    )
    return f"{', '.join(names)} and {last}" if names else last
