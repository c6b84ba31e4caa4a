"""Stack: the ordered blocks. It walks the shapes through them and explains what does not fit."""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from engine.array_types import Shape, describe_shape
from engine.blocks import KnownBlock, SkipBlock, UnknownBlock
from engine.blocks.base import OutputRange
from engine.errors import ShapeError
from engine.model.losses import LOSSES
from engine.struct_fields import is_unicode

RANGE_WORDS: dict[OutputRange, str] = {
    "unit": "values between 0 and 1",
    "distribution": "probabilities that add up to 1",
    "any": "values of any size",
}
# In the order in which they are looked for.
ProblemKind = Literal["empty", "shape", "size", "output", "loss"]
MAX_PARAMETERS = 250_000_000  # 1 GB of float32, before gradients and copies


@dataclass(frozen=True)
class BlockSlot:
    """A block's place in the stack. The id stays when the block is edited or moved.

    Training leaves a locked block as it is, and of one with kernels also those to single output
    maps, with their biases: `locked_kernels` counts them from 0, in order. Those that an edit of
    the depth takes away are forgotten; a row has those that there are of the maps that come.
    """

    id: int
    block: KnownBlock | UnknownBlock
    title: str = ""
    locked: bool = False
    locked_kernels: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Put the locked kernels in order, forget those that there are not; repair the title."""
        if not is_unicode(self.title):  # half a character, which no file could keep
            readable = self.title.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            object.__setattr__(self, "title", readable)
        if self.locked_kernels and not isinstance(self.block, UnknownBlock):
            count = self.block.most_kernels()
            kernels = sorted({kernel for kernel in self.locked_kernels if 0 <= kernel < count})
            object.__setattr__(self, "locked_kernels", tuple(kernels))

    @property
    def known(self) -> KnownBlock:
        """The block of a stack that fits, in which none is unknown."""
        assert not isinstance(self.block, UnknownBlock)
        return self.block

    @property
    def label(self) -> str:
        """What the row is called: the user's title, else the block's summary."""
        return self.title or self.block.summary()


@dataclass(frozen=True)
class Problem:
    """Why a stack cannot be trained, in words, and at which slot (None: the whole stack)."""

    kind: ProblemKind
    slot_id: int | None
    text: str
    subject: str = ""  # the block's name, with which the text begins

    @property
    def is_unfinished(self) -> bool:
        """Whether all blocks fit together, and only the end of the network is missing."""
        return self.kind in ("empty", "output", "loss")

    @property
    def predicate(self) -> str:
        """Return the text without the name of the block, for where that stands already."""
        return _capital(self.text.removeprefix(self.subject).lstrip())


@dataclass(frozen=True)
class Row:
    """What the shape check says of one slot; shapes are None behind a block that does not fit."""

    slot: BlockSlot
    input_shape: Shape | None
    output_shape: Shape | None = None
    array_shapes: dict[str, Shape] | None = None  # parameters first, then what is only remembered
    parameters: int | None = None
    multiply_adds: int | None = None
    problem: Problem | None = None

    @property
    def kernel_count(self) -> int:
        """Count the kernels that can be shown and locked one by one."""
        if not self.array_shapes or not self.slot.known.most_kernels():
            return 0
        return self.array_shapes["weight"][0]


@dataclass(frozen=True)
class ShapeReport:
    """What the shape check says of a stack: a row per slot, and the first problem, if any.

    `predicts` says whether the blocks, run in order, give one output per class.
    """

    rows: tuple[Row, ...]
    problem: Problem | None
    predicts: bool = True

    @property
    def parameters(self) -> int:
        """Count all parameters of the blocks that fit."""
        return sum(row.parameters or 0 for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        """Count the multiplications of one sample's forward pass."""
        return sum(row.multiply_adds or 0 for row in self.rows)

    @property
    def place(self) -> int | None:
        """The number, from 1, of the block that has the problem; None if no single one has."""
        numbered = enumerate(self.rows, 1)
        return next((number for number, row in numbered if row.problem is not None), None)

    def front(self) -> "ShapeReport":
        """Return the report of the blocks that can run as they are, up to the first that cannot.

        That is all of them where only the number or the range of the outputs is wrong. It has no
        problem, unless there are no such blocks.
        """
        rows: list[Row] = []
        parameters = 0
        for row in self.rows:
            parameters += row.parameters or 0
            if row.output_shape is None or parameters > MAX_PARAMETERS:
                break
            rows.append(replace(row, problem=None))
        return replace(self, rows=tuple(rows), problem=None if rows else self.problem)


@dataclass(frozen=True)
class Stack:
    """The blocks of a network, in order, and the shape of one input sample."""

    slots: tuple[BlockSlot, ...] = ()
    input_shape: Shape = (1, 28, 28)

    def __iter__(self) -> Iterator[BlockSlot]:
        """Go through the slots in order."""
        return iter(self.slots)

    def __len__(self) -> int:
        """Count the slots."""
        return len(self.slots)

    def index(self, slot_id: int) -> int:
        """Find the position of a slot by its id."""
        return next(i for i, slot in enumerate(self.slots) if slot.id == slot_id)

    def slot(self, slot_id: int) -> BlockSlot:
        """Find a slot by its id."""
        return self.slots[self.index(slot_id)]

    def next_id(self) -> int:
        """Return an id that no slot has; nor had one that a block still names after its removal."""
        named = (slot.block.source for slot in self.slots if isinstance(slot.block, SkipBlock))
        return max(*(slot.id for slot in self.slots), *named, 0, 0) + 1

    def inserted(self, index: int, *slots: BlockSlot) -> "Stack":
        """Copy the stack with slots put in before the one at `index`."""
        return replace(self, slots=self.slots[:index] + slots + self.slots[index:])

    def appended(self, *blocks: KnownBlock) -> "Stack":
        """Copy the stack with blocks put behind the last one, in slots of new ids."""
        first = self.next_id()
        slots = (BlockSlot(first + i, block) for i, block in enumerate(blocks))
        return self.inserted(len(self.slots), *slots)

    def removed(self, *slot_ids: int) -> "Stack":
        """Copy the stack without some slots."""
        return replace(self, slots=tuple(slot for slot in self.slots if slot.id not in slot_ids))

    def moved(self, slot_id: int, index: int) -> "Stack":
        """Copy the stack with a slot taken to another position."""
        return self.removed(slot_id).inserted(index, self.slot(slot_id))

    def gathered(self, slot_ids: Collection[int], gap: int) -> "Stack":
        """Copy the stack with some slots, in their order, moved before the one at `gap`."""
        gone = sum(slot.id in slot_ids for slot in self.slots[:gap])
        moving = (slot for slot in self.slots if slot.id in slot_ids)
        return self.removed(*slot_ids).inserted(gap - gone, *moving)

    def shifted(self, slot_ids: Collection[int], delta: int) -> "Stack":
        """Copy the stack with some slots moved down by `delta` places, or up if it is negative.

        Slots that meet an end, or another that has met it, stay there.
        """
        slots = list(self.slots)
        for _ in range(min(abs(delta), len(slots))):
            if delta > 0:
                slots.reverse()
            for i in range(1, len(slots)):
                if slots[i].id in slot_ids and slots[i - 1].id not in slot_ids:
                    slots[i - 1], slots[i] = slots[i], slots[i - 1]
            if delta > 0:
                slots.reverse()
        return replace(self, slots=tuple(slots))

    def replaced(self, slot: BlockSlot) -> "Stack":
        """Copy the stack with the slot of the same id changed."""
        slots = tuple(slot if old.id == slot.id else old for old in self.slots)
        return replace(self, slots=slots)

    def is_same_network(self, other: "Stack") -> bool:
        """Return whether two stacks differ in titles and locks at most."""
        return self.input_shape == other.input_shape and [
            (slot.id, slot.block) for slot in self
        ] == [(slot.id, slot.block) for slot in other]

    def has_same_locks(self, other: "Stack") -> bool:
        """Return whether in both the same parameters and kernels are kept as they are."""
        return [(slot.locked, slot.locked_kernels) for slot in self] == [
            (slot.locked, slot.locked_kernels) for slot in other
        ]

    def check(self, classes: int, loss: str) -> ShapeReport:
        """Check that the blocks fit together; find the first problem that prevents training.

        Problems are, in this order: no blocks, a block that does not fit its input, more
        parameters than memory, an output that is not one value per class, a loss that the last
        block cannot feed.
        """
        rows = self.rows()
        problem = next((row.problem for row in rows if row.problem), None)
        if problem is None:
            problem = self._whole_problem(rows, classes, loss)
            if problem is not None and problem.slot_id is not None:
                rows = [
                    replace(row, problem=problem) if row.slot.id == problem.slot_id else row
                    for row in rows
                ]
        return ShapeReport(tuple(rows), problem, problem is None or problem.kind == "loss")

    def rows(self) -> list[Row]:
        """Walk the shapes through the blocks: a row for each, with the problem of one's own."""
        rows: list[Row] = []
        shape: Shape | None = self.input_shape
        for position, slot in enumerate(self.slots):
            row = self._row(position, slot, shape, rows)
            rows.append(row)
            shape = row.output_shape
        return rows

    def _row(
        self, position: int, slot: BlockSlot, shape: Shape | None, before: Sequence[Row]
    ) -> Row:
        if shape is None:
            return Row(slot, None)
        if isinstance(slot.block, SkipBlock):
            numbered = enumerate(before, 1)
            wanted = slot.block.source
            source = next((each for each in numbered if each[1].slot.id == wanted), None)
            if source is None:
                name = _capital(self._named(position))
                text = f"{name} takes the output of a block before it. Choose which."
                return Row(slot, shape, problem=Problem("shape", slot.id, text, name))
            number, row = source
            assert row.output_shape is not None, "all before it fit"
            slot = replace(slot, block=slot.block.joined(number, row.output_shape))
        try:
            shapes = slot.block.parameter_shapes(shape)
            locked = tuple(each for each in slot.locked_kernels if each < shapes["weight"][0])
            slot = replace(slot, locked_kernels=locked)
            return Row(
                slot,
                shape,
                slot.block.output_shape(shape),
                {**shapes, **slot.block.state_shapes(shape)},
                sum(math.prod(parameter) for parameter in shapes.values()),
                slot.block.multiply_adds(shape),
            )
        except ShapeError as error:
            name = _capital(self._named(position, slot))
            giver = self._named(position - 1, before[-1].slot) if before else "the input"
            text = (
                f"{name} {error.needs}, but {giver} gives {describe_shape(shape)}. {error.remedy}"
            )
            return Row(slot, shape, problem=Problem("shape", slot.id, text, name))

    def _whole_problem(self, rows: list[Row], classes: int, loss: str) -> Problem | None:
        if not rows:
            return Problem("empty", None, "The network has no blocks yet. Add one.")
        largest = max(rows, key=lambda row: row.parameters or 0)
        if sum(row.parameters or 0 for row in rows) > MAX_PARAMETERS:
            name = _capital(self._named(self.index(largest.slot.id)))
            text = (
                f"{name} alone has {largest.parameters:,} parameters, but a network may have "
                f"{MAX_PARAMETERS:,} in all. Make it or the maps before it smaller."
            )
            return Problem("size", largest.slot.id, text, name)
        last = rows[-1]
        name = _capital(self._named(len(rows) - 1))
        assert last.output_shape is not None
        if last.output_shape not in ((classes,), (classes, 1)):
            text = (
                f"{name} gives {describe_shape(last.output_shape)}, but {classes} classes need a "
                f"vector of {classes}: one value per class. End with a Dense of {classes} units "
                "and an activation."
            )
            return Problem("output", last.slot.id, text, name)
        takes, gives = LOSSES[loss].takes, self._output_range()
        if gives not in takes:
            text = (
                f"{name} gives {RANGE_WORDS[gives]}, but {LOSSES[loss].title.lower()} takes "
                f"{RANGE_WORDS[takes[0]]}. {LOSSES[loss].remedy}"
            )
            return Problem("loss", last.slot.id, text, name)
        return None

    def _output_range(self) -> OutputRange:
        for slot in reversed(self.slots):
            if slot.block.output_range != "same":
                return slot.block.output_range
        return "unit"  # pixels are between 0 and 1

    def _named(self, position: int, slot: BlockSlot | None = None) -> str:
        return f"block {position + 1} ({(slot or self.slots[position]).label})"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
