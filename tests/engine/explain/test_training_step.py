"""A training step, of random stacks too: against readable loops and what training does."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.stacks import RandomStack, random_stack
from engine.array_types import Array
from engine.blocks import Conv, Dense, Dropout, KnownBlock, MaxPool, Reshape, Sigmoid
from engine.compute.pass_context import PassContext
from engine.errors import TrainingError
from engine.explain.by_block import (
    explain_input_gradient,
    explain_output,
    explain_parameter_gradient,
)
from engine.explain.gradient_check import ArrayCheck, check_gradients
from engine.explain.training_step import TrainingStep, take_step, trace_front
from engine.model.network import ParameterKey
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import ShapeReport, Stack
from engine.model.weights import Weights, initial_weights
from engine.training.executor import Executor
from engine.training.optimizers import Optimizer, make_rule
from tests.engine.closeness import relative_error
from tests.engine.explain.stacks import CLASSES, SHAPE, stacks
from tests.engine.explain.steps import LABEL, STACKS, locked, one_hot, prepared, settings_for, taken
from tests.engine.marks import deaf_to_openblas, when_there_is_time
from tests.engine.networks import BLOCKS, MODERN, ArrayBatch, batch, fitting, network, summed
from tests.engine.training_runs import same

pytestmark = deaf_to_openblas


@pytest.mark.parametrize(("name", "blocks", "loss"), STACKS)
def test_blocks_hand_their_values_on(name: str, blocks: Sequence[KnownBlock], loss: str) -> None:
    step = taken(blocks, loss)
    assert [block.slot.block for block in step.blocks] == list(blocks)
    assert np.array_equal(step.blocks[0].inputs, step.image)
    for block, following in zip(step.blocks, step.blocks[1:], strict=False):
        assert np.array_equal(block.outputs, following.inputs)
        assert np.array_equal(block.gradient, following.input_gradient)
    slopes = [row.gradient for row in step.loss.rows]
    assert np.array_equal(slopes, step.blocks[-1].gradient.ravel())


def test_outputs_that_stand_for_classes_are_called_by_their_names() -> None:
    stack = Stack(input_shape=(1, 4, 4)).appended(
        Conv(depth=2), Reshape(), Dense(units=3), Sigmoid()
    )
    settings = Settings(classes=(0, 1, 2))
    step = take_step(
        stack.check(3, "bce"), {}, settings, np.ones((1, 4, 4)), 1, names=("a", "b", "c")
    )
    assert [block.class_names for block in step.blocks] == [(), (), *[("a", "b", "c")] * 2]
    assert explain_output(step.blocks[2], (1,)).title == "Dense 3: unit 2, class b"
    assert explain_output(step.blocks[3], (2,)).title.endswith(", class c")
    assert "class" not in explain_output(step.blocks[1], (0,)).title


def test_the_pictures_come_in_the_order_of_a_step() -> None:
    step = taken(BLOCKS)
    shown = [(frame.phase, frame.position) for frame in step.frames]
    learning = [i for i, block in enumerate(BLOCKS) if isinstance(block, Conv | Dense)]
    assert shown == [
        *(("forward", i) for i in range(len(BLOCKS))),
        ("loss", None),
        *(("backward", i) for i in reversed(range(len(BLOCKS)))),
        *(("update", i) for i in learning),
        ("again", None),
    ]
    assert step.frames[0].title == "Forward: Conv 3, 2×2"
    assert step.frames[0].text == "Takes 1×6×6, gives 3×5×5."
    first = next(f for f in step.frames if (f.phase, f.position) == ("backward", 0))
    assert "3×5×5 outputs" in first.text
    assert "∂E/∂K of the kernels and ∂E/∂B of the biases wait for the update" in first.text
    assert "η = 0.1, for 87 values" in step.frames[2 * len(BLOCKS) + 1].text  # 3·2·2 + 3·5·5
    assert f"{step.loss.value:.6g}" in step.frames[len(BLOCKS)].text


def test_nothing_that_was_given_is_changed() -> None:
    report, weights = prepared(MODERN, "cross_entropy")
    before = {slot: {n: a.copy() for n, a in arrays.items()} for slot, arrays in weights.items()}
    image = batch(1).samples[0]
    step = take_step(report, weights, settings_for("cross_entropy"), image, LABEL)
    assert same(weights, before)
    assert not any(
        array.flags.writeable
        for block in step.blocks
        for array in (block.inputs, block.outputs, block.gradient, block.input_gradient)
    )


def test_dropout_leaves_out_what_training_leaves_out() -> None:
    blocks = (Reshape(), Dropout(rate=0.5), Dense(units=3), Sigmoid())
    report, weights = prepared(blocks)
    image = batch(1).samples[0] + 0.5  # nowhere 0
    masks = []
    for seed in (1, 2):
        step = take_step(report, weights, settings_for("bce", seed=seed), image, LABEL)
        dropped = step.blocks[1]
        mask = dropped.measured["mask"]
        assert set(mask.tolist()) == {0.0, 2.0}
        assert dropped.outputs == pytest.approx(image.ravel() * mask)
        gradient = step.blocks[2].parameter("weight").gradient
        assert np.array_equal((gradient == 0).all(axis=0), mask == 0)
        executor = Executor(network(report), "bce", threads=1)
        run = PassContext(seed=seed, counters=np.array([1, 1]))
        result = summed(executor.gradients(ArrayBatch(image[None], one_hot()[None]), run))
        executor.close()
        assert gradient == pytest.approx(result[ParameterKey(report.rows[2].slot.id, "weight")])
        masks.append(mask)
    assert not np.array_equal(masks[0], masks[1])


def test_what_is_locked_stays() -> None:
    step = locked(locked=True)
    assert [np.array_equal(p.before, p.after) for p in step.blocks[0].parameters] == [True, True]
    assert step.blocks[0].parameter("weight").gradient.any()
    assert step.frames[-3].text.endswith("change nothing: the block is locked.")
    assert [frame.position for frame in step.frames if frame.phase == "update"] == [3]
    step = locked(locked_kernels=(1,))
    for parameter in step.blocks[0].parameters:
        same = (parameter.before == parameter.after).reshape(2, -1).all(axis=1)
        assert same.tolist() == [False, True]


def test_a_saturated_output_has_the_gradient_of_both_in_one() -> None:
    blocks = (Reshape(), Dense(units=3), Sigmoid())
    report, weights = prepared(blocks)
    weights[report.rows[1].slot.id]["bias"][...] = [60.0, -60.0, 0.0]
    step = take_step(report, weights, settings_for("bce"), batch(1).samples[0], LABEL)
    last = step.blocks[-1]
    assert last.fused
    assert last.outputs[0] == 1.0  # 1 - y is 0, and E and its slope are clamped
    assert last.input_gradient == pytest.approx((last.outputs - one_hot()) / 3)
    assert not any(block.fused for block in step.blocks[:-1])
    assert not taken(BLOCKS, "mse").blocks[-1].fused


def test_what_the_learning_rate_and_the_names_are() -> None:
    report, weights = prepared()
    settings, image = settings_for("bce", learning_rate=0.25), batch(1).samples[0]
    step = take_step(report, weights, settings, image, LABEL)
    assert step.learning_rate == 0.25
    assert [row.name for row in step.loss.rows] == ["3", "5", "8"]
    changed = step.blocks[0].parameter("weight")
    assert changed.after == pytest.approx(changed.before - 0.25 * changed.gradient)
    step = take_step(report, weights, settings, image, LABEL, names=("a", "b", "c"))
    assert [row.name for row in step.loss.rows] == ["a", "b", "c"]


def test_progress_is_reported_before_each_block_there_and_back() -> None:
    """Twice there and back, since the loss is looked at again, and once for the update."""
    report, weights = prepared()
    settings, image = settings_for("bce"), batch(1).samples[0]
    seen: list[float] = []
    take_step(report, weights, settings, image, LABEL, report_progress=seen.append)
    assert len(seen) == 4 * len(report.rows) + 1
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert seen[-1] == pytest.approx(1 - 1 / len(seen))


@pytest.mark.parametrize("checkpoint", [0, 9, 20])
def test_what_the_report_raises_ends_the_step(checkpoint: int) -> None:
    report, weights = prepared()
    seen: list[float] = []

    def give_up(fraction: float) -> None:
        seen.append(fraction)
        if len(seen) > checkpoint:
            raise StopIteration

    with pytest.raises(StopIteration):
        take_step(
            report,
            weights,
            settings_for("bce"),
            batch(1).samples[0],
            LABEL,
            report_progress=give_up,
        )
    assert len(seen) == checkpoint + 1


def test_values_that_explode_are_shown_as_they_are() -> None:
    report, weights = prepared()
    weights[report.rows[0].slot.id]["weight"][...] = np.inf
    step = take_step(report, weights, settings_for("bce"), batch(1).samples[0], LABEL)
    assert not np.isfinite(step.blocks[0].outputs).all()


def test_a_network_in_float32_is_taken_as_it_is() -> None:
    report = fitting()
    weights = network(report, np.float32).copy_weights()
    step = take_step(report, weights, settings_for("bce"), batch(1).samples[0], LABEL)
    right = network(report, np.float32).activations(step.image[None])
    for block, outputs in zip(step.blocks, right, strict=True):
        assert relative_error(outputs[0], block.outputs) < 1e-5


# The blocks that fit, forward only: what they compute, though a later block does not fit.


RNG = np.random.default_rng(2)
IMAGE = RNG.random((1, 8, 8))


def test_they_compute_what_they_compute_in_a_network_that_fits() -> None:
    """The broken block comes behind them; in the other network there is none."""
    fitting = (Conv(depth=2, kernel_size=3), Sigmoid(), MaxPool())
    broken = Stack(input_shape=(1, 8, 8)).appended(*fitting, Conv(depth=2, kernel_size=9))
    whole = Stack(input_shape=(1, 8, 8)).appended(*fitting, Reshape(), Dense(units=2), Sigmoid())
    assert broken.check(2, "bce").problem is not None
    blocks = trace_front(broken.check(2, "bce"), {}, Settings(), IMAGE)
    found = Project(whole, Settings()).network().activations(IMAGE[None].astype(np.float32))
    assert [block.position for block in blocks] == [0, 1, 2]
    before: Array = IMAGE
    for block, right in zip(blocks, found, strict=False):
        np.testing.assert_array_equal(block.inputs, before)
        np.testing.assert_allclose(block.outputs, right[0], rtol=1e-5, atol=1e-6)
        assert not block.gradient.any()
        before = block.outputs


def test_without_a_block_that_fits_there_is_nothing() -> None:
    broken = Stack(input_shape=(1, 8, 8)).appended(Conv(depth=2, kernel_size=9))
    with pytest.raises(TrainingError):
        trace_front(broken.check(2, "bce"), {}, Settings(), IMAGE)


seeds = st.integers(0, 2**20)
many = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def digit(seed: int) -> Array:
    """An image of 256 shades, part of it blank."""
    rng = np.random.default_rng(seed)
    image: Array = rng.integers(0, 256, SHAPE) / 255
    image[:, :, : rng.integers(0, 4)] = 0.0
    return image


def step_of(made: tuple[ShapeReport, str], seed: int, **changes: Any) -> TrainingStep:
    report, loss = made
    weights = network(report, seed=seed).copy_weights()
    return take_step(report, weights, settings_for(loss, **changes), digit(seed), seed % CLASSES)


OPTIMIZERS: list[dict[str, Any]] = [
    {},
    {"weight_decay": 0.1},
    {"momentum": 0.9},
    {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    {"optimizer": "adam", "weight_decay": 0.1},
    {"optimizer": "adamw", "weight_decay": 0.1},
]


@given(stacks(), seeds, st.sampled_from(OPTIMIZERS))
@many
def test_the_step_is_the_executors(
    made: tuple[ShapeReport, str], seed: int, optimizer: dict[str, Any]
) -> None:
    step, (report, loss) = step_of(made, seed, **optimizer), made
    one = ArrayBatch(step.image[None], np.array([[row.target for row in step.loss.rows]]))
    run = PassContext(seed=step.settings.seed, counters=np.array([1, 1]))
    right = network(report, seed=seed)
    executor = Executor(right, loss, threads=1)
    result = executor.gradients(one, run)
    gradients = summed(result)
    Optimizer(make_rule(step.settings), right.parameters).update(
        result.gradients, step.learning_rate
    )
    after = executor.gradients(one, run).loss_sum
    executor.close()
    assert step.loss.value == pytest.approx(result.loss_sum, rel=1e-12)
    assert step.loss_after.value == pytest.approx(after, rel=1e-9)
    # A bias right before a norm has no gradient, only what rounding leaves of others that cancel.
    rounding = 1e-14 * max(float(np.abs(each).max()) for each in gradients.values())
    for block in step.blocks:
        for parameter in block.parameters:
            key = ParameterKey(block.slot.id, parameter.name)
            most = 1e-9 * np.abs(gradients[key]).max() + rounding
            assert np.abs(parameter.gradient - gradients[key]).max() <= most
            assert relative_error(parameter.after, right.parameters[key]) <= 1e-9


@given(stacks(), seeds, st.data())
@many
def test_every_explanation_gives_the_number_that_it_explains(
    made: tuple[ShapeReport, str], seed: int, data: st.DataObject
) -> None:
    for block in step_of(made, seed).blocks:
        # What comes in may cancel out: before a mean, the parts of BatchNorm's gradient do.
        rounding = 1e-4 * float(np.abs(block.gradient).max())
        scale = max(float(np.abs(block.input_gradient).max()), rounding, 1e-30)
        place = data.draw(st.sampled_from(list(np.ndindex(block.outputs.shape))))
        found = explain_output(block, place).result.value
        assert found == pytest.approx(block.outputs[place], rel=1e-9, abs=1e-9)
        place = data.draw(st.sampled_from(list(np.ndindex(block.inputs.shape))))
        found = explain_input_gradient(block, place).result.value
        assert abs(found - block.input_gradient[place]) <= 1e-9 * scale
        for parameter in block.parameters:
            scale = max(float(np.abs(parameter.gradient).max()), rounding, 1e-12)
            place = data.draw(st.sampled_from(list(np.ndindex(parameter.before.shape))))
            found = explain_parameter_gradient(block, parameter.name, place).result.value
            assert abs(found - parameter.gradient[place]) <= 1e-9 * scale


# The gradients of random stacks over all kinds of blocks are those of the difference quotients.


# Two BatchNorms in a row over a dead unit bend the loss so much that no step is small enough.
TOLERANCE = 1e-4


@pytest.mark.parametrize("seed", [*range(8), *when_there_is_time(range(8, 500))])
def test_gradients_are_right(seed: int) -> None:
    """Some gradients of each array; larger stacks where there is time."""
    side, work = (16, 1_000_000) if seed < 8 else (24, 3_000_000)
    drawn = random_stack(1, seed, most_side=side, most_multiply_adds=work)
    dice = np.random.default_rng(seed)
    images: Array = dice.integers(0, 256, (3, *drawn.stack.input_shape)) / 255
    weights, checked = with_biases(drawn, seed), 0
    for event in check_gradients(
        drawn.report, weights, drawn.settings, images, [0, 3, 9], limit=5, seed=seed
    ):
        if isinstance(event, ArrayCheck):
            checked += 1
            error = event.max_relative_error
            assert error <= TOLERANCE, (drawn.words, event.full_name, event.verdict)
    assert checked >= len(drawn.stack.slots)


def with_biases(drawn: RandomStack, seed: int) -> Weights:
    """Draw initial weights, with biases off 0."""
    dice = np.random.default_rng(seed)
    weights = initial_weights(drawn.report, seed, "lecun", dtype=np.float64)
    for arrays in weights.values():
        if "bias" in arrays:
            arrays["bias"][...] = dice.normal(0, 0.3, arrays["bias"].shape)
    return weights
