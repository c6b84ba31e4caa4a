"""What the shape check says of stacks, sound and broken: in one approved text."""

from collections.abc import Sequence
from dataclasses import replace

from engine import blocks as kinds
from engine.array_types import Shape
from engine.blocks import (
    Add,
    Conv,
    Dense,
    KnownBlock,
    Reshape,
    Sigmoid,
    Softmax,
    Tanh,
    UnknownBlock,
)
from engine.model.stack import BlockSlot, Stack
from engine.model.templates import notebook
from tests.approved import assert_approved

Blocks = Sequence[KnownBlock | UnknownBlock]
VECTOR, TWO, LARGE = Reshape(), Dense(units=2), Dense(units=100_000)
MAPS = (Conv(depth=2), Sigmoid(), kinds.MaxPool(), Tanh())
MEAN, NORM = kinds.AvgPool(size=14), kinds.BatchNorm()
NOTEBOOK = [slot.block for slot in notebook().stack]
UNKNOWN = UnknownBlock({"kind": "attention", "heads": 4}, "its kind is not known")
TARGETS = ((-1,), (784,), (784, 1), (-1, 1), (4, 14, -1), (4, 14, 14))
STACKS: tuple[Blocks, ...] = (
    (),
    NOTEBOOK,
    (Conv(depth=4, kernel_size=27), Conv(depth=2), Sigmoid()),
    (VECTOR, Conv(depth=3)),
    (Conv(depth=2), Dense(units=3), Conv(depth=1), TWO),
    *([Reshape(target_shape=target)] for target in TARGETS),
    (VECTOR, Dense(units=3), Sigmoid()),
    (Conv(depth=5), Sigmoid()),
    (Conv(depth=4), NORM, kinds.Dropout(), kinds.MaxPool(), VECTOR, NORM),
    (VECTOR, Dense(units=300), Sigmoid(), LARGE, Dense(units=10_000)),
    (VECTOR, LARGE, Dense(units=2_000), Dense(units=2_000), Conv()),  # the last is found first
    *((*MAPS[:place], TWO, *MAPS[place + 1 :]) for place in range(4)),
    (Conv(), UNKNOWN, Sigmoid()),
)
ENDS: dict[str, tuple[Blocks, ...]] = {
    "bce": ([Tanh()], [], [VECTOR], [Sigmoid(), TWO], [Sigmoid(), Tanh(), VECTOR]),
    "mse": ([Tanh()], [Sigmoid(), Tanh(), VECTOR]),
    "cross_entropy": ([], [Sigmoid()], [Softmax(), kinds.Dropout()], [Softmax()]),
}


def written(blocks: Blocks, loss: str = "bce", classes: int = 2) -> str:
    """Write the rows of a stack and its problem, and how far its front goes."""
    slots = tuple(BlockSlot(7 + place, block) for place, block in enumerate(blocks))
    report = Stack(slots).check(classes, loss)
    front, said = report.front(), report.problem
    shape: Shape | None = (1, 28, 28)
    text = f"{loss}, {classes} classes\n"
    for row in report.rows:
        text += f"  {row.slot.label}: {row.output_shape}, {row.parameters}, {row.array_shapes}\n"
        assert row.input_shape == shape
        shape = row.output_shape
    if said is not None:
        text += f"  {said.kind} of {said.slot_id}: {said.text}\n"
        text += "" if said.predicate == said.text else f"    {said.predicate}\n"
    assert [row.problem for row in report.rows if row.problem] == [said] * (
        report.place is not None
    )
    assert front.rows == tuple(replace(row, problem=None) for row in report.rows[: len(front.rows)])
    assert front.problem == (None if front.rows else said)
    text += f"  {report.parameters} parameters, {report.multiply_adds} products, "
    text += f"the front is {len(front.rows)}, of place {report.place}, predicts "
    return f"{text}{report.predicts}, {front.predicts}\n"


def test_what_is_said_of_stacks() -> None:
    text = "".join(map(written, STACKS))
    for loss, ends in ENDS.items():
        text += "".join(written([VECTOR, TWO, *end], loss) for end in ends)
    text += written([Reshape(target_shape=(-1, 1)), TWO, Softmax(), VECTOR], "cross_entropy")
    text += written([MEAN, kinds.MaxPool(), VECTOR], classes=1)
    text += written([MEAN, NORM, kinds.MaxPool(), VECTOR], classes=1)
    assert_approved("stacks.txt", text)


def test_a_row_is_called_by_its_title_where_it_has_one() -> None:
    stack = Stack((BlockSlot(1, Dense(units=2), title="A (title) needs, but"),))
    found = stack.check(2, "mse").problem
    assert found is not None
    assert found.text.startswith("Block 1 (A (title) needs, but) takes a vector, but the input")
    assert found.predicate.startswith("Takes a vector, but the input gives 1×28×28 = 784 values")


def test_edits_keep_ids_and_leave_the_old_stack_alone() -> None:
    stack = Stack().appended(Conv(), Sigmoid(), Tanh())
    first, second, third = (slot.id for slot in stack)
    assert len({first, second, third}) == 3
    moved = stack.moved(third, 0)
    assert [slot.id for slot in moved] == [third, first, second]
    assert moved.slot(third).block == Tanh()
    removed = moved.removed(first)
    assert [slot.id for slot in removed] == [third, second]
    assert len(removed) == 2
    assert removed.next_id() not in {slot.id for slot in stack}
    left = Stack((BlockSlot(1, Add(source=2)),))  # the block that it takes has been removed
    assert 2 not in {slot.id for slot in left.appended(Tanh())}
    changed = stack.replaced(BlockSlot(second, Dense(units=9), locked=True))
    assert changed.slot(second).locked
    assert [slot.id for slot in changed] == [first, second, third]
    inserted = stack.inserted(1, BlockSlot(9, Reshape()))
    assert [slot.id for slot in inserted] == [first, 9, second, third]
    assert stack == Stack().appended(Conv(), Sigmoid(), Tanh())


def test_locks_are_compared_by_parameters_and_kernels() -> None:
    stack = Stack().appended(Conv(depth=2), Dense(units=9))
    first, second = stack
    assert stack.has_same_locks(stack.replaced(BlockSlot(second.id, Dense(units=4))))
    assert not stack.has_same_locks(stack.replaced(BlockSlot(second.id, Dense(), locked=True)))
    assert not stack.has_same_locks(
        stack.replaced(BlockSlot(first.id, Conv(depth=2), locked_kernels=(1,)))
    )
