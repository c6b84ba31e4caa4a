"""What the shape check says of stacks, sound and broken."""

import pytest

from engine.array_types import Shape
from engine.blocks import (
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    KnownBlock,
    MaxPool,
    Reshape,
    Sigmoid,
    Softmax,
    Tanh,
    UnknownBlock,
)
from engine.model.stack import MAX_PARAMETERS, BlockSlot, ShapeReport, Stack
from engine.model.templates import notebook


def check(
    *blocks: KnownBlock,
    input_shape: Shape = (1, 28, 28),
    classes: int = 2,
    loss: str = "bce",
) -> ShapeReport:
    return Stack(input_shape=input_shape).appended(*blocks).check(classes, loss)


def problem(report: ShapeReport) -> str:
    assert report.problem is not None
    return report.problem.text


def test_the_notebook_network_fits_with_its_known_sizes() -> None:
    report = notebook().check()
    assert report.problem is None
    assert [row.output_shape for row in report.rows] == [
        (5, 26, 26),
        (5, 26, 26),
        (3380,),
        (100,),
        (100,),
        (2,),
        (2,),
    ]
    assert [row.parameters for row in report.rows] == [3425, 0, 0, 338_100, 0, 202, 0]
    assert report.parameters == 341_727
    assert report.multiply_adds == 5 * 26 * 26 * 9 + 338_000 + 200
    assert [row.input_shape for row in report.rows[1:]] == [
        row.output_shape for row in report.rows[:-1]
    ]


def test_a_kernel_larger_than_its_maps() -> None:
    report = check(Conv(depth=4, kernel_size=27), Conv(depth=2, kernel_size=3), Sigmoid())
    assert problem(report) == (
        "Block 2 (Conv 2, 3×3) needs maps of at least 3×3 for its kernel, but block 1 "
        "(Conv 4, 27×27) gives 4×2×2 = 16 values as maps. Make the kernel 2×2 or smaller."
    )


def test_the_first_block_speaks_of_the_input() -> None:
    text = problem(check(Dense(units=2), Sigmoid()))
    assert text.startswith("Block 1 (Dense 2) takes a vector, but the input gives 1×28×28 = 784")
    assert "Reshape" in text


def test_maps_are_wanted_but_a_vector_comes() -> None:
    text = problem(check(Reshape(), Conv(depth=3)))
    assert "Block 2 (Conv 3, 3×3) takes maps" in text
    assert "block 1 (Reshape to vector) gives a vector of 784" in text


def test_a_row_is_called_by_its_title_where_it_has_one() -> None:
    stack = Stack((BlockSlot(1, Dense(units=2), title="My layer"),))
    assert problem(stack.check(2, "mse")).startswith("Block 1 (My layer) takes a vector")


def test_a_problem_can_be_told_where_the_block_is_named_already() -> None:
    stack = Stack().inserted(0, BlockSlot(7, Dense(units=2), "A (title) needs, but"))
    found = stack.check(2, "mse").problem
    assert found is not None
    assert found.text.startswith("Block 1 (A (title) needs, but) takes a vector, but the input")
    assert found.predicate == (
        "Takes a vector, but the input gives 1×28×28 = 784 values as maps. Put a Reshape between "
        "them."
    )
    empty = check().problem
    assert empty is not None
    assert empty.predicate == empty.text


def test_only_the_first_block_that_does_not_fit_has_a_problem() -> None:
    report = check(Conv(depth=2), Dense(units=3), Conv(depth=1), Dense(units=2))
    assert [row.problem is not None for row in report.rows] == [False, True, False, False]
    assert report.problem == report.rows[1].problem
    assert report.problem is not None
    assert report.problem.slot_id == report.rows[1].slot.id
    assert report.rows[0].output_shape == (2, 26, 26)
    assert report.rows[1].input_shape == (2, 26, 26)
    for row in report.rows[2:]:
        assert (row.input_shape, row.output_shape, row.parameters) == (None, None, None)
    assert report.parameters == report.rows[0].parameters


@pytest.mark.parametrize(
    ("target", "shape"),
    [
        ((-1,), (784,)),
        ((784,), (784,)),
        ((784, 1), (784, 1)),
        ((-1, 1), (784, 1)),
        ((4, 14, -1), (4, 14, 14)),
        ((4, 14, 14), (4, 14, 14)),
    ],
)
def test_reshape_takes_what_is_left_or_what_is_said(target: Shape, shape: Shape) -> None:
    report = check(Reshape(target_shape=target))
    assert report.rows[0].output_shape == shape
    assert report.rows[0].parameters == 0


def test_outputs_that_are_not_one_per_class() -> None:
    report = check(Reshape(), Dense(units=3), Sigmoid())
    text = problem(report)
    assert "Block 3 (Sigmoid) gives a vector of 3" in text
    assert "2 classes need a vector of 2" in text
    assert report.rows[-1].problem == report.problem
    assert check(Reshape(), Dense(units=3), Sigmoid(), classes=3).problem is None
    assert "5×26×26" in problem(check(Conv(depth=5), Sigmoid()))


@pytest.mark.parametrize(
    ("tail", "named"),
    [
        ([Tanh()], "Block 3 (Tanh)"),
        ([], "Block 2 (Dense 2)"),
        ([Reshape()], "Block 3 (Reshape to vector)"),
        ([Sigmoid(), Dense(units=2)], "Block 4 (Dense 2)"),
        ([Sigmoid(), Tanh(), Reshape()], "Block 5 (Reshape to vector)"),
    ],
)
def test_cross_entropy_behind_something_that_leaves_0_to_1(
    tail: list[KnownBlock], named: str
) -> None:
    blocks: list[KnownBlock] = [Reshape(), Dense(units=2), *tail]
    text = problem(check(*blocks))
    assert text.startswith(named)
    assert "values between 0 and 1" in text
    assert "binary cross-entropy" in text
    assert "Sigmoid" in text
    assert "mean squared error" in text
    assert check(*blocks, loss="mse").problem is None


def test_categorical_cross_entropy_wants_a_softmax() -> None:
    head: list[KnownBlock] = [Reshape(), Dense(units=2)]
    tails: list[tuple[list[KnownBlock], str, str]] = [
        ([], "Block 2 (Dense 2)", "values of any size"),
        ([Sigmoid()], "Block 3 (Sigmoid)", "values between 0 and 1"),
        ([Softmax(), Dropout()], "Block 4 (Dropout 25 %)", "values of any size"),
    ]
    for tail, named, gives in tails:
        assert problem(check(*head, *tail, loss="cross_entropy")) == (
            f"{named} gives {gives}, but categorical cross-entropy takes probabilities that add "
            "up to 1. Add a Softmax at the end, or choose another loss."
        )
    assert check(*head, Softmax(), loss="cross_entropy").problem is None
    column: list[KnownBlock] = [Reshape(target_shape=(-1, 1)), Dense(units=2), Softmax(), Reshape()]
    assert check(*column, loss="cross_entropy").problem is None


def test_a_mean_keeps_the_range_of_the_pixels_and_a_norm_does_not() -> None:
    pooled = AvgPool(size=14)
    assert check(pooled, MaxPool(), Reshape(), classes=1).problem is None
    text = problem(check(pooled, BatchNorm(), MaxPool(), Reshape(), classes=1))
    assert "Block 4 (Reshape to vector) gives values of any size" in text


def test_what_is_remembered_is_no_parameter() -> None:
    report = check(Conv(depth=4), BatchNorm(), Dropout(), MaxPool(), Reshape(), BatchNorm())
    assert report.rows[1].array_shapes == {
        "weight": (4,),
        "bias": (4,),
        "running_mean": (4,),
        "running_variance": (4,),
    }
    assert [row.parameters for row in report.rows[1:]] == [8, 0, 0, 0, 2 * 4 * 13 * 13]
    assert report.rows[3].output_shape == (4, 13, 13)
    assert report.rows[2].array_shapes == {}


def test_an_empty_stack_says_what_to_do() -> None:
    report = check()
    assert report.rows == ()
    assert report.problem is not None
    assert report.problem.slot_id is None
    assert "no blocks yet" in report.problem.text


def test_too_many_parameters_name_the_largest_block() -> None:
    blocks: list[KnownBlock] = [
        Reshape(),
        Dense(units=300),
        Sigmoid(),
        Dense(units=100_000),
        Dense(units=10_000),
    ]
    report = check(*blocks)
    count = 100_000 * 10_000 + 10_000
    assert count > MAX_PARAMETERS
    text = problem(report)
    assert text.startswith("Block 5 (Dense 10000)")
    assert f"{count:,} parameters" in text
    assert f"{MAX_PARAMETERS:,}" in text
    assert report.rows[4].problem == report.problem


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_the_front_ends_before_the_first_block_that_does_not_fit(place: int) -> None:
    blocks: list[KnownBlock] = [Conv(depth=2), Sigmoid(), MaxPool(), Tanh()]
    blocks[place - 1] = Dense(units=2)  # takes no maps
    report = check(*blocks)
    front = report.front()
    assert report.place == place
    assert front.rows == report.rows[: place - 1]
    assert front.problem == (report.problem if place == 1 else None)
    assert not report.predicts
    assert not front.predicts, "what block the front ends with, its values are no classes"


def test_blocks_that_run_are_of_the_front_even_if_their_outputs_are_not_those_wanted() -> None:
    for blocks, loss, predicts in (
        ((Reshape(), Dense(units=3), Sigmoid()), "bce", False),
        ((Reshape(), Dense(units=2)), "bce", True),
    ):
        report = check(*blocks, loss=loss)
        front = report.front()
        assert report.place == len(blocks)
        assert [row.slot for row in front.rows] == [row.slot for row in report.rows]
        assert front.problem is None
        assert all(row.problem is None for row in front.rows)
        assert front.predicts == report.predicts == predicts


def test_the_front_ends_before_there_are_too_many_parameters() -> None:
    large = (Reshape(), Dense(units=100_000), Dense(units=2_000), Dense(units=2_000))
    report = check(*large, Conv())
    assert [row.parameters for row in report.rows[1:3]] == [78_500_000, 200_002_000]
    assert report.place == 5, "which is found first"
    assert len(report.front().rows) == 2
    assert report.front().parameters <= MAX_PARAMETERS


def test_an_unknown_block_does_not_fit_and_says_why() -> None:
    unknown = UnknownBlock({"kind": "attention", "heads": 4}, "its kind is not known")
    stack = Stack((BlockSlot(1, Conv()), BlockSlot(2, unknown), BlockSlot(3, Sigmoid())))
    report = stack.check(2, "bce")
    text = problem(report)
    assert "Block 2 (Unknown block attention)" in text
    assert "its kind is not known" in text
    assert "5×26×26" in text
    assert [row.problem is not None for row in report.rows] == [False, True, False]


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
