"""Faulty: a stack that does not fit, and the edits of it from which repairs are made."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import msgspec

from engine.array_types import Shape, is_vector
from engine.blocks import KINDS, Dense, KnownBlock, Reshape
from engine.model.losses import LOSSES
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, Problem, ProblemKind, ShapeReport, Stack

_FURTHER: dict[ProblemKind, int] = {"shape": 3, "size": 3, "empty": 2, "output": 2, "loss": 1}


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
        slots = tuple(replace(slot, id=ids[slot.id]) for slot in self.stack)
        slot_id = None if self.slot_id is None else ids[self.slot_id]
        return replace(self, stack=replace(self.stack, slots=slots), slot_id=slot_id)


def distance(repair: Repair) -> int:
    """Count how much is not known to fit after a repair."""
    return distance_of(check(repair.stack, repair.settings))


def distance_of(report: ShapeReport) -> int:
    """Count how much of a stack is not known to fit."""
    if report.problem is None:
        return 0
    fitting = sum(row.output_shape is not None for row in report.rows)
    return len(report.rows) - fitting + _FURTHER[report.problem.kind]


def check(stack: Stack, settings: Settings) -> ShapeReport:
    """Check a stack against the settings."""
    return stack.check(len(settings.classes), settings.loss)


@dataclass(frozen=True)
class Faulty:
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
            after = check(repair.stack, repair.settings)
            if distance_of(after) >= distance_of(self.report) or not self._fixed(after):
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
