"""Random stacks: they fit, the same ones come again, and all kinds occur."""

from benchmarks.stacks import (
    ADDED,
    CLASSES,
    MOST_MULTIPLY_ADDS,
    MOST_PARAMETERS,
    random_stack,
)
from engine.blocks import KINDS, Add, encode_block
from engine.model.losses import LOSSES
from engine.model.stack import Stack
from engine.struct_fields import convert
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas

MANY = [random_stack(0, number) for number in range(150)]


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
    assert len({drawn.words for drawn in MANY}) > 140
    assert {slot.block.kind for drawn in MANY for slot in drawn.stack} == set(KINDS)
    assert {drawn.settings.loss for drawn in MANY} == set(LOSSES)


def test_skip_connections_are_of_all_sorts() -> None:
    adds = [add for drawn in MANY for add in _adds(drawn.stack)]
    places = sum(len(row.output_shape or ()) == 3 for drawn in MANY for row in drawn.report.rows)
    assert 0.3 * ADDED < len(adds) / places < ADDED
    for through, stride in (("identity", 1), ("conv", 1), ("conv", 2), ("conv", 3)):
        assert sum((add.through, add.stride) == (through, stride) for add in adds) > 2
    sources = [[add.source for add in _adds(drawn.stack)] for drawn in MANY]
    assert any(len(set(each)) < len(each) for each in sources), "no output is added twice"


def _adds(stack: Stack) -> list[Add]:
    return [slot.block for slot in stack if isinstance(slot.block, Add)]
