"""Repairs: edits that fix the first problem of a stack.

Edits are suggested generously and then checked: an offer must bring the stack nearer to one that
fits. `_distance_of` counts how far away that is: the blocks from the first that does not fit its
input to the last, and three more for what is asked of the whole: not too many parameters, one
output per class, values that the loss takes. Every offer makes that smaller, so following offers,
whichever they are, ends after at most three steps more than there are blocks.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import msgspec

from engine.array_types import Shape, format_shape, is_vector
from engine.blocks import (
    KINDS,
    Add,
    BatchNorm,
    Conv,
    Convolutional,
    Dense,
    KnownBlock,
    MaxPool,
    Reshape,
)
from engine.blocks.pooling import Pooling
from engine.errors import ShapeError
from engine.model.losses import LOSSES
from engine.model.settings import Settings
from engine.model.skips import fitting_adds, with_ids
from engine.model.stack import BlockSlot, Problem, ProblemKind, ShapeReport, Stack
from engine.struct_fields import field_of
from engine.text.words import joined

MOST = 4  # offers at a time
_BATCH = 16  # samples that a BatchNorm gets, where it got one

_FURTHER: dict[ProblemKind, int] = {"shape": 3, "size": 3, "empty": 2, "output": 2, "loss": 1}
_SIZES = tuple(digit * 10**power for power in range(4, -1, -1) for digit in (5, 2, 1))
_MOST_VALUES = 10_000_000  # as a Reshape takes for one size
_POOLS = (2, 3, 4, 8, 16, 31)


@dataclass(frozen=True)
class Repair:
    """One edit that fixes a problem: what its button says, and what is there after it.

    `slot_id` is the block to look at then. `steps` lists the parts of an edit that fixes several
    problems, `removes` tells that a block is lost. New slots have ids that no slot before had.
    """

    label: str
    stack: Stack
    settings: Settings
    slot_id: int | None = None
    steps: tuple[str, ...] = ()
    removes: bool = False

    def renumbered(self, known: Collection[int], new_id: Callable[[], int]) -> "Repair":
        """Return the slots whose ids are not known other ids, in order."""
        ids = {s.id: s.id if s.id in known else new_id() for s in self.stack}
        slots = with_ids(self.stack, ids)
        slot_id = None if self.slot_id is None else ids[self.slot_id]
        return replace(self, stack=replace(self.stack, slots=slots), slot_id=slot_id)


def repairs_for(stack: Stack, settings: Settings) -> tuple[Repair, ...]:
    """Offer edits that fix the first problem, best first; nothing if all is well.

    After each of them the block fits, or the problem is gone, and no block before it fails. Edits
    that leave a stack that fits as a whole come first, removing a block comes last. If the first
    leaves something to fix, the last offer goes on and fixes everything in one edit. There is
    always an offer, unless a Dense with a unit per class is already too large for the input.

    Of a stack that fits, batches of one sample are made larger for a BatchNorm.
    """
    offers = _offers(stack, settings, stack.next_id())
    if not offers:
        if settings.batch_size > 1 or not any(isinstance(each.block, BatchNorm) for each in stack):
            return ()
        larger = settings.with_changes(batch_size=_BATCH)
        return (Repair(f"Set the batch size to {_BATCH}", stack, larger),)
    if _distance(offers[0]) == 0:
        return offers[:MOST]
    return (*offers[: MOST - 1], _everything(offers[0], stack.next_id()))


def repaired(stack: Stack, settings: Settings, next_id: int) -> Repair:
    """Follow the best offers to the end, as one edit; what fits already stays as it is.

    New slots get ids from `next_id` on.
    """
    nothing = Repair("", stack, settings)
    offers = _offers(stack, settings, max(next_id, stack.next_id()))
    return _everything(offers[0], next_id) if offers else nothing


def _everything(first: Repair, next_id: int) -> Repair:
    """Follow the best offers to the end, as one edit."""
    repair, steps, next_id = first, [first.label], max(next_id, first.stack.next_id())
    while offers := _offers(repair.stack, repair.settings, next_id):
        repair = offers[0]
        steps.append(repair.label)
        next_id = max(next_id, repair.stack.next_id())
    return replace(repair, label=f"Repair everything in {len(steps)} steps", steps=tuple(steps))


def _offers(stack: Stack, settings: Settings, next_id: int) -> tuple[Repair, ...]:
    report = _check(stack, settings)
    if report.problem is None:
        return ()
    faulty = _Faulty(stack, settings, report, report.problem, next_id)
    offers = list(faulty.improving(_SUGGESTIONS[report.problem.kind](faulty)))
    offers.sort(key=lambda offer: (offer.removes, _distance(offer) > 0))
    return tuple(offers) or tuple(faulty.first_improving(_new_endings(faulty)))


def _distance(repair: Repair) -> int:
    """Count how much is not known to fit after a repair."""
    return _distance_of(_check(repair.stack, repair.settings))


def _distance_of(report: ShapeReport) -> int:
    """Count how much of a stack is not known to fit."""
    if report.problem is None:
        return 0
    fitting = sum(row.output_shape is not None for row in report.rows)
    return len(report.rows) - fitting + _FURTHER[report.problem.kind]


def _check(stack: Stack, settings: Settings) -> ShapeReport:
    """Check a stack against the settings."""
    return stack.check(len(settings.classes), settings.loss)


@dataclass(frozen=True)
class _Faulty:
    """A stack with a problem, and the edits of which the suggestions are made."""

    stack: Stack
    settings: Settings
    report: ShapeReport
    problem: Problem
    next_id: int  # for new slots; those that an earlier step of the same edit removed stay unused

    @property
    def classes(self) -> int:
        """How many outputs there must be."""
        return len(self.settings.classes)

    @property
    def position(self) -> int:
        """Where the problem is; a stack without blocks has it at its beginning."""
        return 0 if self.problem.slot_id is None else self.stack.index(self.problem.slot_id)

    def improving(self, suggestions: Iterable[Repair]) -> Iterator[Repair]:
        """Keep the suggestions that fix the problem and bring the whole nearer to fitting."""
        seen: list[tuple[str, Stack, Settings]] = []
        for repair in suggestions:
            after = _check(repair.stack, repair.settings)
            if _distance_of(after) >= _distance_of(self.report) or not self._fixed(after):
                continue
            key = repair.label, repair.stack, repair.settings
            if not any(key[0] == old[0] or key[1:] == old[1:] for old in seen):
                seen.append(key)
                yield repair

    def first_improving(self, suggestions: Iterable[Repair]) -> Iterator[Repair]:
        """Keep the first suggestion that is worth one."""
        return islice(self.improving(suggestions), 1)

    def _fixed(self, after: ShapeReport) -> bool:
        if self.problem.kind != "shape":  # the distance tells
            return True
        rows = [row for row in after.rows if row.slot.id == self.problem.slot_id]
        return all(row.output_shape is not None for row in rows)

    # --- edits -------------------------------------------------------------------------------

    def repair(self, label: str, stack: Stack, slot_id: int | None) -> Repair:
        """Make a repair that leaves the settings as they are."""
        return Repair(label, stack, self.settings, slot_id)

    def changed(self, position: int, label: str, **options: object) -> Repair:
        """Return one block other options."""
        slot = self.stack.slots[position]
        block: Any = slot.block
        block = msgspec.structs.replace(block, **options)
        return self.repair(label, self.stack.replaced(replace(slot, block=block)), slot.id)

    def inserted(self, position: int, label: str, *blocks: KnownBlock) -> Repair:
        """Put blocks before the one at a position."""
        slots = self.new_slots(*blocks)
        return self.repair(label, self.stack.inserted(position, *slots), slots[-1].id)

    def appended(self, label: str, *blocks: KnownBlock) -> Repair:
        """Put blocks behind the last one."""
        return self.inserted(len(self.stack), label, *blocks)

    def moved(self, position: int, to: int, label: str) -> Repair:
        """Take a block to another position."""
        slot_id = self.stack.slots[position].id
        return self.repair(label, self.stack.moved(slot_id, to), slot_id)

    def removal(self, position: int) -> Repair:
        """Take a block away."""
        after = self.stack.removed(self.stack.slots[position].id)
        next_selected = after.slots[min(position, len(after) - 1)].id if len(after) else None
        label = f"Remove block {position + 1}"
        return Repair(label, after, self.settings, next_selected, removes=True)

    def new_slots(self, *blocks: KnownBlock) -> tuple[BlockSlot, ...]:
        """Put blocks into slots of new ids."""
        return tuple(BlockSlot(self.next_id + i, block) for i, block in enumerate(blocks))

    def ending(self, shape: Shape, *, activated: bool = True) -> tuple[KnownBlock, ...]:
        """Return blocks that make one value per class, which the loss takes, of any shape."""
        flat = () if is_vector(shape) else (Reshape(),)
        activation = (KINDS[LOSSES[self.settings.loss].fuses_with or "sigmoid"](),)
        return (*flat, Dense(units=self.classes), *(activation if activated else ()))


# --- suggestions; some fix nothing, and are not offered -------------------------------------------


def _for_empty(faulty: _Faulty) -> Iterator[Repair]:
    """Begin with what no network can do without, or with a convolution before it."""
    shape = faulty.stack.input_shape
    end = faulty.ending(shape)
    yield faulty.appended(f"Add {_listed(end)}", *end)
    if len(shape) == 3:
        notebook = (Conv.new(), KINDS["sigmoid"](), *end)
        yield faulty.appended(f"Add {_listed(notebook)}", *notebook)


def _for_shape(faulty: _Faulty) -> Iterator[Repair]:
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
    faulty: _Faulty, position: int, slot: BlockSlot, shape: Shape
) -> Iterator[Repair]:
    block = slot.block
    if isinstance(block, Reshape):
        for target in _targets(block.target_shape, shape):
            label = f"Set the target shape to {format_shape(target)}"
            yield faulty.changed(position, label, target_shape=target)
    elif isinstance(block, Convolutional) and len(shape) == 3:
        size = min(shape[1:])
        yield faulty.changed(position, f"Shrink the kernel to {size}×{size}", kernel_size=size)
        yield faulty.changed(position, "Use same padding", padding="same")
    elif isinstance(block, Add):
        ways = list(fitting_adds(faulty.stack, position))
        for number, add in ways:
            way = "" if add.through == "identity" else " through a 1×1 Conv"
            stepped = f" with stride {add.stride}" if add.stride > 1 else ""
            label = f"Add the output of block {number}{way}{stepped}"
            options = msgspec.structs.asdict(add)
            if add.source == block.source:
                label = f"Let it go{way}{stepped}"
            yield faulty.changed(position, label, **options)
        if not ways:
            yield from _with_borders(faulty, position)
    elif isinstance(block, Pooling) and len(shape) == 3 and min(shape[1:]) > 1:
        size = min(shape[1:])  # a window of 1×1 would do nothing
        yield faulty.changed(position, f"Shrink the window to {size}×{size}", size=size)
    elif isinstance(block, KnownBlock):
        for name, value in msgspec.structs.asdict(block.fitting(shape)).items():
            title = field_of(type(block), name).title.lower()
            yield faulty.changed(position, f"Set the {title} to {value}", **{name: value})


def _with_borders(faulty: _Faulty, position: int) -> Iterator[Repair]:
    """Let the convolutions before an Add keep the size of their maps, as many as it needs."""
    stack, padded = faulty.stack, list[str]()
    for place in range(position - 1, 0, -1):
        slot = stack.slots[place]
        if isinstance(slot.block, Convolutional) and slot.block.padding == "valid":
            block = msgspec.structs.replace(slot.block, padding="same")
            stack = stack.replaced(replace(slot, block=block))
            padded.insert(0, str(place + 1))
            for number, add in fitting_adds(stack, position):
                own = replace(stack.slots[position], block=add)
                where = f"block{'s' if padded[1:] else ''} {' and '.join(padded)}"
                label = f"Add block {number} and pad {where}"
                yield faulty.repair(label, stack.replaced(own), own.id)
                return


def _moves_up(faulty: _Faulty, position: int, slot: BlockSlot) -> Iterator[Repair]:
    """Move the block to the latest places whose input it takes."""
    for to in range(position - 1, -1, -1):
        shape = faulty.report.rows[to].input_shape
        if shape is not None and _takes(slot, shape):
            yield faulty.moved(position, to, f"Move block {position + 1} before block {to + 1}")
            return


def _reshapes_to_maps(faulty: _Faulty, position: int, shape: Shape) -> Iterator[Repair]:
    """Reshape to maps that were there before, else to the squarest."""
    values = math.prod(shape)
    before = [row.input_shape for row in faulty.report.rows[:position] if row.input_shape]
    known = [old for old in reversed(before) if len(old) == 3 and math.prod(old) == values]
    for maps in dict.fromkeys([*known[:1], *_maps_of(values)]):
        if _takes(faulty.stack.slots[position], maps):
            label = f"Insert a Reshape to {format_shape(maps)} before block {position + 1}"
            yield faulty.inserted(position, label, Reshape(target_shape=maps))
            return


def _for_size(faulty: _Faulty) -> Iterator[Repair]:
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


def _smaller(faulty: _Faulty, position: int, option: str, now: int) -> Iterator[Repair]:
    """Set the largest round number that is enough."""
    what = f"Set the {option} of block {position + 1} to"
    sizes = (size for size in _SIZES if size < now)
    return faulty.first_improving(
        faulty.changed(position, f"{what} {size:,}", **{option: size}) for size in sizes
    )


def _all_smaller(faulty: _Faulty) -> Iterator[Repair]:
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


def _pools_before(faulty: _Faulty, position: int) -> Iterator[Repair]:
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


def _for_output(faulty: _Faulty) -> Iterator[Repair]:
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


def _for_loss(faulty: _Faulty) -> Iterator[Repair]:
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


def _new_endings(faulty: _Faulty) -> Iterator[Repair]:
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
    return joined([each.name if isinstance(each, Reshape) else each.summary() for each in blocks])


_SUGGESTIONS: dict[ProblemKind, Callable[[_Faulty], Iterator[Repair]]] = {
    "empty": _for_empty,
    "shape": _for_shape,
    "size": _for_size,
    "output": _for_output,
    "loss": _for_loss,
}
