"""Repairs: what is offered for each kind of problem, and that following offers always ends well."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.advice.repairs import MOST, Repair, repairs_for
from engine.blocks import (
    KINDS,
    Add,
    AvgPool,
    Conv,
    Dense,
    DepthwiseConv,
    Dropout,
    GroupNorm,
    KnownBlock,
    MaxPool,
    ReLU,
    Reshape,
    Sigmoid,
    Tanh,
    UnknownBlock,
    encode_block,
)
from engine.errors import SettingsError
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, Problem, Stack
from engine.model.templates import TEMPLATES
from engine.struct_fields import Field, convert, fields_of
from tests.approved import assert_approved

TWO = Settings()
TEN = Settings(classes=tuple(range(10)))
IMAGES = (1, 28, 28)
UNKNOWN = UnknownBlock({"kind": "attention"}, "its kind, 'attention', is not known")
END = (Dense(units=2), Sigmoid())
LOSS = (Reshape(), Dense(units=2))
STACKS: dict[str, tuple[KnownBlock | UnknownBlock, ...]] = {
    "no blocks": (),
    "no blocks, of vectors": (),
    "no Reshape": (Conv(), Sigmoid(), Dense(units=100), Sigmoid(), *END),
    "a Reshape too late": (Conv(), Dense(units=2), Reshape(), Sigmoid()),
    "maps after a vector": (Conv(), Reshape(), MaxPool(), *END),
    "maps after a vector that never was maps": (
        *(Reshape(), Dense(units=50), Conv(), Reshape()),
        *END,
    ),
    "maps from vectors": (Conv(), Reshape(), *END),
    "a kernel too large": (MaxPool(size=9), Conv(kernel_size=5), Reshape(), *END),
    "a depthwise kernel too large": (
        MaxPool(size=9),
        DepthwiseConv(kernel_size=5),
        Reshape(),
        *END,
    ),
    "a window too large": (MaxPool(size=7), MaxPool(size=5), Reshape(), *END),
    "a mean too large": (MaxPool(size=7), AvgPool(size=5), Reshape(), *END),
    "a window of one value": (MaxPool(size=28), MaxPool(), Reshape(), *END),
    "a target shape of other maps": (Conv(depth=8), Reshape(target_shape=(3380,)), *END),
    "a target shape of maps": (
        *(Conv(depth=8), Reshape(target_shape=(5, 26, 26)), MaxPool(), Reshape()),
        *END,
    ),
    "a target shape of two axes": (Reshape(target_shape=(100, 1)), *END),
    "a target shape too early": (Reshape(target_shape=(3380,)), Conv(), *END),
    "an unknown block": (Reshape(), UNKNOWN, *END),
    "other units": (Reshape(), Dense(units=100), Sigmoid()),
    "maps at the end": (Conv(), ReLU()),
    "a value per class": (Conv(depth=2, kernel_size=28), Sigmoid()),
    "no activation": LOSS,
    "another activation": (*LOSS, Tanh()),
    "another loss": (*LOSS, Sigmoid()),
    "a Dropout behind the end": (*LOSS, Sigmoid(), Dropout()),
    "too many units": (Conv(depth=512), Sigmoid(), Reshape(), Dense(units=100_000), *END),
    "too many maps": (Conv(depth=16), Reshape(), Dense(units=40_000), *END),
    "too many blocks": (Reshape(), *(Dense(units=50_000),) * 4, *END),
    "too heavy": (Reshape(), *(Dense(units=15_300),) * 2, Reshape(target_shape=(153, 10, 10))),
    "nothing to add": (Conv(), ReLU(), Conv(padding="same"), Add(), Reshape(), *END),
    "smaller maps to add to": (
        *(Conv(), ReLU(), Conv(depth=8, padding="same", stride=2), Add(source=2), Reshape()),
        *END,
    ),
    "no borders to add to": (Conv(), ReLU(), Conv(), ReLU(), Conv(), Add(), Reshape(), *END),
    "a vector to add maps to": (Conv(), Reshape(), Add(source=1), *END),
    "groups that do not divide": (Conv(depth=6), GroupNorm(groups=4), Reshape(), *END),
    "groups of one value": (Reshape(), Dense(units=6), GroupNorm(groups=6), *END),
    "several problems": (Conv(), Dense(units=50), Reshape(target_shape=(7,)), Tanh()),
}
CHOSEN = {
    "no blocks": TEN,
    "other units": TEN,
    "several problems": TEN,
    "maps at the end": TEN.with_changes(loss="cross_entropy"),
    "another loss": TWO.with_changes(loss="cross_entropy"),
    "too heavy": TWO.with_changes(classes=tuple(range(256))),
}


def problem_of(stack: Stack, chosen: Settings) -> Problem | None:
    return stack.check(len(chosen.classes), chosen.loss).problem


def summaries(stack: Stack) -> list[str]:
    return [slot.block.summary() for slot in stack]


def written(repair: Repair, chosen: Settings) -> str:
    """Write what a button says, and what it leaves."""
    steps = "".join(f"\n      {step}" for step in repair.steps)
    left = problem_of(repair.stack, repair.settings)
    loss = "" if repair.settings.loss == chosen.loss else f" ({repair.settings.loss})"
    rest = "" if left is None else f"\n      left: {left.text}"
    return f"  {repair.label}{steps}\n    → {', '.join(summaries(repair.stack))}{loss}{rest}\n"


def test_what_is_offered_for_each_stack() -> None:
    text = ""
    for name, blocks in STACKS.items():
        shape = (30,) if "vectors" in name else IMAGES
        chosen = CHOSEN.get(name, TWO)
        slots = tuple(BlockSlot(i + 1, block) for i, block in enumerate(blocks))
        found = repairs_for(Stack(slots, shape), chosen)
        assert 0 < len({offer.label for offer in found}) == len(found) <= MOST
        text += f"{name}\n" + "".join(written(offer, chosen) for offer in found)
    assert_approved("repairs.txt", text)


@pytest.mark.parametrize("template", TEMPLATES)
def test_nothing_is_offered_for_what_fits(template: str) -> None:
    project = TEMPLATES[template]()
    fits = problem_of(project.stack, project.settings) is None
    assert (repairs_for(project.stack, project.settings) == ()) == fits


def test_a_new_block_never_takes_the_id_of_one_that_went() -> None:
    stack = Stack().appended(Reshape(), Dense(units=2), Tanh())
    replacing = repairs_for(stack, TWO)[0]
    assert replacing.label == "Replace Tanh by Sigmoid"
    assert [slot.id for slot in replacing.stack] == [1, 2, 4]
    chain = Stack((BlockSlot(1, Conv()), BlockSlot(2, UNKNOWN)))
    assert min(slot.id for slot in repairs_for(chain, TWO)[-1].stack.slots[1:]) == 3


def test_titles_and_ids_of_the_other_blocks_stay() -> None:
    stack = Stack().appended(Conv(), Dense(units=2), Sigmoid())
    stack = stack.replaced(replace(stack.slots[1], title="mine", locked=True))
    after = repairs_for(stack, TWO)[0].stack
    assert set(stack.slots) <= set(after.slots)


# --- any stack -----------------------------------------------------------------------------------


def values_of(field: Field) -> st.SearchStrategy[object]:
    if field.kind == "int":
        low, high = int(field.minimum or 0), int(field.maximum or 0)
        return st.integers(low, min(high, 12)) | st.sampled_from([low, high])
    if field.kind == "float":
        return st.floats(field.minimum, field.maximum)
    if field.kind == "ints":
        sizes = st.sampled_from([-1, 1, 2, 3, 4, 5, 13, 26, 28, 100, 784, 10_000_000])
        return st.lists(sizes, min_size=1, max_size=3)
    if field.kind == "block":
        return st.integers(0, 9)
    assert field.kind == "choice"
    return st.sampled_from(field.choices)


@st.composite
def blocks(draw: st.DrawFn) -> KnownBlock | UnknownBlock:
    kind = draw(st.sampled_from([*KINDS.values(), None]))
    if kind is None:
        return UNKNOWN
    raw = {field.name: draw(values_of(field)) for field in fields_of(kind)}
    try:
        return convert(kind, {"kind": kind.kind, **raw}, kind.name)
    except SettingsError:  # more than one -1 in a target shape
        return Reshape()


SHAPES = st.one_of(
    st.just((1, 28, 28)),
    st.tuples(st.integers(1, 5), st.integers(1, 40), st.integers(1, 40)),
    st.tuples(st.integers(1, 2000)),
    st.tuples(st.integers(1, 50), st.integers(1, 5)),
)
ANY_STACKS = st.builds(
    lambda slots, shape: Stack(tuple(BlockSlot(9 - i, b) for i, b in enumerate(slots)), shape),
    st.lists(blocks(), max_size=9),
    SHAPES,
)
SETTINGS = st.builds(
    lambda classes, loss: Settings(classes=tuple(range(classes)), loss=loss),
    st.sampled_from([2, 3, 10, 256]),
    st.sampled_from(["bce", "cross_entropy", "mse"]),
)


def must_help(before: Stack, chosen: Settings, repair: Repair) -> None:
    """The block fits or the problem is gone, and no block before it fails that did not."""
    report = before.check(len(chosen.classes), chosen.loss)
    after = repair.stack.check(len(repair.settings.classes), repair.settings.loss)
    problem = report.problem
    assert problem is not None
    assert repair.settings.with_changes(loss=chosen.loss) == chosen
    fails = [row.slot.id for row in report.rows if row.output_shape is None]
    sound = [row.slot.id for row in after.rows if row.output_shape is not None]
    for row in report.rows:
        if row.slot.id not in fails and row.slot.id in {slot.id for slot in repair.stack}:
            assert row.slot.id in sound, repair.label
    if problem.kind == "shape":
        assert problem.slot_id in sound or problem.slot_id not in {s.id for s in repair.stack}
    else:
        order = ["empty", "shape", "size", "output", "loss"]
        assert after.problem is None or order.index(after.problem.kind) > order.index(problem.kind)


def must_be_sound(repair: Repair) -> None:
    """What a repair leaves can be saved and read back."""
    ids = [slot.id for slot in repair.stack]
    assert len(set(ids)) == len(ids)
    assert repair.slot_id is None or repair.slot_id in ids
    for slot in repair.stack:
        if not isinstance(slot.block, UnknownBlock):
            assert convert(type(slot.block), encode_block(slot.block), "") == slot.block


@settings(max_examples=50, deadline=None)
@given(ANY_STACKS, SETTINGS, st.data())
def test_any_offers_in_a_row_lead_to_a_stack_that_fits(
    stack: Stack, chosen: Settings, data: st.DataObject
) -> None:
    for _ in range(len(stack) + 3):
        if problem_of(stack, chosen) is None:
            break
        repair = data.draw(st.sampled_from(repairs_for(stack, chosen)))
        must_help(stack, chosen, repair)
        must_be_sound(repair)
        stack, chosen = repair.stack, repair.settings
    assert problem_of(stack, chosen) is None


@settings(max_examples=30, deadline=None)
@given(ANY_STACKS, SETTINGS)
def test_the_first_offers_lead_there_and_so_does_the_one_for_everything(
    stack: Stack, chosen: Settings
) -> None:
    everything = repairs_for(stack, chosen)[-1:]
    steps = 0
    while problem_of(stack, chosen) is not None:
        found = repairs_for(stack, chosen)
        stack, chosen = found[0].stack, found[0].settings
        steps += 1
        assert steps <= 12
    if steps > 1:
        assert summaries(everything[0].stack) == summaries(stack)  # ids may differ
        assert everything[0].settings == chosen
        assert len(everything[0].steps) == steps
