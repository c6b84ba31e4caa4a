"""Repairs: what is offered for each kind of problem, and that following offers always ends well."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.advice.repairs import MOST, Repair, repairs_for
from engine.array_types import Shape
from engine.blocks import (
    KINDS,
    AvgPool,
    Conv,
    Dense,
    Dropout,
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

TWO = Settings()
TEN = Settings(classes=tuple(range(10)))
UNKNOWN = UnknownBlock({"kind": "attention"}, "its kind, 'attention', is not known")


def problem_of(stack: Stack, chosen: Settings) -> Problem | None:
    return stack.check(len(chosen.classes), chosen.loss).problem


def summaries(stack: Stack) -> list[str]:
    return [slot.block.summary() for slot in stack]


def offers(
    *blocks: KnownBlock | UnknownBlock, chosen: Settings = TWO, shape: Shape = (1, 28, 28)
) -> dict[str, Repair]:
    slots = tuple(BlockSlot(i + 1, block) for i, block in enumerate(blocks))
    found = repairs_for(Stack(slots, shape), chosen)
    labels = {offer.label: offer for offer in found}
    assert 0 < len(labels) == len(found) <= MOST
    return labels


def first(found: dict[str, Repair]) -> tuple[str, list[str]]:
    """Return the label of the first offer, and the fitting stack that it leaves."""
    label, repair = next(iter(found.items()))
    assert problem_of(repair.stack, repair.settings) is None
    return label, summaries(repair.stack)


@pytest.mark.parametrize("template", TEMPLATES)
def test_nothing_is_offered_for_what_fits(template: str) -> None:
    project = TEMPLATES[template]()
    fits = problem_of(project.stack, project.settings) is None
    assert (repairs_for(project.stack, project.settings) == ()) == fits


# --- each kind of problem ------------------------------------------------------------------------


def test_the_missing_reshape_is_put_in() -> None:
    label, after = first(
        offers(Conv(), Sigmoid(), Dense(units=100), Sigmoid(), Dense(units=2), Sigmoid())
    )
    assert label == "Insert a Reshape before block 3"
    assert after[1:4] == ["Sigmoid", "Reshape to vector", "Dense 100"]


def test_a_reshape_just_behind_is_moved_instead() -> None:
    found = offers(Conv(), Dense(units=2), Reshape(), Sigmoid())
    assert first(found) == (
        "Move block 2 after block 3",
        ["Conv 5, 3×3", "Reshape to vector", "Dense 2", "Sigmoid"],
    )


def test_a_block_of_maps_is_moved_before_the_one_that_flattens() -> None:
    found = offers(Conv(), Reshape(), MaxPool(), Dense(units=2), Sigmoid())
    label, after = first(found)
    assert label == "Move block 3 before block 2"
    assert after[:3] == ["Conv 5, 3×3", "MaxPool 2×2", "Reshape to vector"]
    assert "Insert a Reshape to 5×26×26 before block 3" in found
    assert list(found)[2] == "Remove block 3"


def test_a_vector_that_never_was_maps_becomes_the_squarest_ones() -> None:
    found = offers(Reshape(), Dense(units=50), Conv(), Reshape(), Dense(units=2), Sigmoid())
    assert "Insert a Reshape to 2×5×5 before block 3" in found
    found = offers(Conv(), Reshape(), Dense(units=2), Sigmoid(), shape=(30,))
    assert first(found)[0] == "Insert a Reshape to 1×5×6 before block 1"


def test_a_kernel_that_is_too_large_shrinks_or_is_padded() -> None:
    found = offers(MaxPool(size=9), Conv(kernel_size=5), Reshape(), Dense(units=2), Sigmoid())
    assert first(found) == (
        "Shrink the kernel to 3×3",
        ["MaxPool 9×9", "Conv 5, 3×3", "Reshape to vector", "Dense 2", "Sigmoid"],
    )
    assert summaries(found["Use same padding"].stack)[1] == "Conv 5, 5×5, same"
    assert "Move block 2 before block 1" in found
    assert "Remove block 2" in found


@pytest.mark.parametrize("pool", [MaxPool, AvgPool])
def test_a_window_that_is_too_large_shrinks_but_not_to_nothing(
    pool: type[MaxPool] | type[AvgPool],
) -> None:
    end = (Reshape(), Dense(units=2), Sigmoid())
    assert "Shrink the window to 4×4" in offers(MaxPool(size=7), pool(size=5), *end)
    assert not any("window" in label for label in offers(MaxPool(size=28), pool(size=2), *end))


def test_a_target_shape_follows_what_comes() -> None:
    end = (Dense(units=2), Sigmoid())
    found = offers(Conv(depth=8), Reshape(target_shape=(3380,)), *end)
    assert first(found)[0] == "Set the target shape to -1"
    pooled = Conv(depth=8), Reshape(target_shape=(5, 26, 26)), MaxPool(), Reshape(), *end
    assert first(offers(*pooled))[0] == "Set the target shape to 8×26×26"
    column = Reshape(target_shape=(100, 1))
    assert first(offers(column, *end))[0] == "Set the target shape to -1×1"
    early = Reshape(target_shape=(3380,)), Conv(), *end
    assert first(offers(*early))[0] == "Move block 1 after block 2"


def test_an_unknown_block_can_only_be_removed() -> None:
    found = offers(Reshape(), UNKNOWN, Dense(units=2), Sigmoid())
    assert list(found) == ["Remove block 2"]
    assert first(found)[1] == ["Reshape to vector", "Dense 2", "Sigmoid"]


def test_the_last_units_are_set_to_the_number_of_classes() -> None:
    found = offers(Reshape(), Dense(units=100), Sigmoid(), chosen=TEN)
    assert first(found)[0] == "Set the units of block 2 to 10"
    after = found["Append Dense 10 and Sigmoid"]
    assert summaries(after.stack)[2:] == ["Sigmoid", "Dense 10", "Sigmoid"]


def test_maps_at_the_end_get_the_blocks_that_are_missing() -> None:
    found = offers(Conv(), ReLU(), chosen=TEN.with_changes(loss="cross_entropy"))
    label, after = first(found)
    assert label == "Append Reshape, Dense 10 and Softmax"
    assert after[1:] == ["ReLU", "Reshape to vector", "Dense 10", "Softmax"]


def test_maps_of_one_value_per_class_are_only_flattened() -> None:
    found = offers(Conv(depth=2, kernel_size=28), Sigmoid())
    assert first(found)[0] == "Append a Reshape to a vector"


def test_the_loss_gets_its_activation_or_another_loss() -> None:
    bare = Reshape(), Dense(units=2)
    assert list(offers(*bare)) == [
        "Append a Sigmoid",
        "Append a Softmax",
        "Use mean squared error",
    ]
    categorical = TWO.with_changes(loss="cross_entropy")
    assert list(offers(*bare, Sigmoid(), chosen=categorical)) == [
        "Replace Sigmoid by Softmax",
        "Append a Softmax",
        "Use binary cross-entropy",
        "Use mean squared error",
    ]
    changed = offers(*bare, Tanh())["Use mean squared error"]
    assert changed.settings == TWO.with_changes(loss="mse")
    assert summaries(changed.stack)[-1] == "Tanh"


def test_a_dropout_behind_the_end_may_go() -> None:
    found = offers(Reshape(), Dense(units=2), Sigmoid(), Dropout())
    assert summaries(found["Remove block 4"].stack)[-1] == "Sigmoid"


def test_too_many_parameters_become_fewer() -> None:
    found = offers(
        Conv(depth=512), Sigmoid(), Reshape(), Dense(units=100_000), Dense(units=2), Sigmoid()
    )
    label, after = first(found)
    assert label == "Set the units of block 4 to 500"  # 346,112 inputs: 722 would be the most
    assert after[3] == "Dense 500"
    assert "Limit all units and depths to 200" not in found
    pooled = Conv(depth=16), Reshape(), Dense(units=40_000), Dense(units=2), Sigmoid()
    assert "Insert a MaxPool 2×2 before block 2" in offers(*pooled)
    two = Reshape(), *(Dense(units=50_000),) * 4, Dense(units=2), Sigmoid()
    assert first(offers(*two))[0] == "Limit all units and depths to 5,000"


def test_an_empty_network_gets_a_beginning() -> None:
    assert first(offers(chosen=TEN)) == (
        "Add Reshape, Dense 10 and Sigmoid",
        ["Reshape to vector", "Dense 10", "Sigmoid"],
    )
    assert first(offers(shape=(30,)))[0] == "Add Dense 2 and Sigmoid"


def test_what_cannot_be_mended_otherwise_gets_a_new_end() -> None:
    most = tuple(range(256))
    heavy = Reshape(), *(Dense(units=15_300),) * 2, Reshape(target_shape=(153, 10, 10))
    found = offers(*heavy, chosen=TWO.with_changes(classes=most))
    label, after = first(found)
    assert label == "Remove block 3 and all after it, add Dense 256 and Sigmoid"
    assert after == ["Reshape to vector", "Dense 15300", "Dense 256", "Sigmoid"]


def test_several_problems_are_mended_together_in_one_edit() -> None:
    found = offers(Conv(), Dense(units=50), Reshape(target_shape=(7,)), Tanh(), chosen=TEN)
    label, repair = list(found.items())[-1]
    assert label == "Repair everything in 3 steps"
    assert len(repair.steps) == 3
    assert repair.steps[0] == next(iter(found))
    assert problem_of(repair.stack, repair.settings) is None


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
STACKS = st.builds(
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


@settings(max_examples=300, deadline=None)
@given(STACKS, SETTINGS, st.data())
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


@settings(max_examples=200, deadline=None)
@given(STACKS, SETTINGS)
def test_the_first_offers_lead_there_and_so_does_the_one_for_everything(
    stack: Stack, chosen: Settings
) -> None:
    everything = repairs_for(stack, chosen)[-1:]
    steps = 0
    while found := repairs_for(stack, chosen):
        stack, chosen = found[0].stack, found[0].settings
        steps += 1
        assert steps <= 12
    assert problem_of(stack, chosen) is None
    if steps > 1:
        assert summaries(everything[0].stack) == summaries(stack)  # ids may differ
        assert everything[0].settings == chosen
        assert len(everything[0].steps) == steps
