"""Random stacks: they fit, the same ones come again, and all that people may click occurs."""

import math
from collections.abc import Iterator

import pytest

from benchmarks.stacks import (
    CLASSES,
    MOST_MULTIPLY_ADDS,
    MOST_PARAMETERS,
    RandomStack,
    make_random_training,
    random_stack,
)
from engine.blocks import KINDS, Conv, Dense, encode_block
from engine.model.losses import LOSSES
from engine.model.stack import Row
from engine.struct_fields import convert
from engine.training.events import BatchDone
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas

MANY = [random_stack(0, number) for number in range(300)]


def rows() -> Iterator[Row]:
    for drawn in MANY:
        yield from drawn.report.rows


def test_every_one_fits_and_is_not_too_large() -> None:
    for drawn in MANY:
        assert drawn.report.problem is None, drawn.words
        assert sum(row.multiply_adds or 0 for row in drawn.report.rows) <= (
            MOST_MULTIPLY_ADDS + CLASSES * 1000 * 1000
        )
        assert sum(row.parameters or 0 for row in drawn.report.rows) <= 2 * MOST_PARAMETERS
        for slot in drawn.stack:  # what a form would take
            assert convert(type(slot.block), encode_block(slot.block), "") == slot.block


def test_a_seed_and_a_number_give_the_same_stack_whatever_else_was_drawn() -> None:
    assert random_stack(0, 7) == MANY[7]
    assert random_stack(0, 7).name == "0.7"
    assert random_stack(1, 7).words != MANY[7].words
    assert len({drawn.words for drawn in MANY}) > 290


def test_all_kinds_sizes_losses_and_optimizers_occur() -> None:
    blocks = [row.slot.block for row in rows()]
    assert {block.kind for block in blocks} == set(KINDS)
    convs = [block for block in blocks if isinstance(block, Conv)]
    assert {conv.kernel_size for conv in convs} == set(range(1, 12))
    assert {conv.stride for conv in convs} == {1, 2, 3}
    assert {(conv.padding, conv.bias) for conv in convs} == {
        (padding, bias) for padding in ("valid", "same") for bias in ("position", "channel")
    }
    assert min(conv.depth for conv in convs) == 1
    assert max(conv.depth for conv in convs) >= 60
    units = [block.units for block in blocks if isinstance(block, Dense)]
    assert min(units) == 10
    assert 900 < max(units) <= 1000
    assert {drawn.settings.loss for drawn in MANY} == set(LOSSES)
    assert {drawn.settings.optimizer for drawn in MANY} == {"sgd", "adam", "adamw"}
    shapes = [drawn.stack.input_shape for drawn in MANY]
    assert {channels for channels, _, _ in shapes} == {1, 3}
    assert min(min(shape[1:]) for shape in shapes) == 8
    assert max(max(shape[1:]) for shape in shapes) >= 60
    flat = [sum(slot.block.kind != "reshape" for slot in drawn.stack) for drawn in MANY]
    assert min(flat) == 2  # Dense and its activation
    assert max(flat) >= 14


@pytest.mark.parametrize("number", range(8))
def test_the_same_seed_gives_the_same_bits(number: int) -> None:
    drawn = random_stack(3, number, most_side=20, most_multiply_adds=5_000_000)
    first, second = (trained(drawn) for _ in range(2))
    assert all(math.isfinite(loss) for loss in first[0])
    assert first == second


def trained(drawn: RandomStack) -> tuple[list[float], list[bytes]]:
    """Do three steps on two threads; return their losses, and the bits of the weights."""
    training = make_random_training(drawn, 64, threads=2)
    events = training.run()
    losses = [event.loss for event in (next(events) for _ in range(3)) if type(event) is BatchDone]
    training.close()
    return losses, [array.tobytes() for array in training.network.arrays.values()]
