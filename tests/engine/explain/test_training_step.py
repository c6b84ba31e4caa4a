"""One training step: against readable loops, and against what training does."""

from collections.abc import Sequence

import numpy as np
import pytest

from engine.array_types import Array
from engine.blocks import Conv, Dense, Dropout, KnownBlock, MaxPool, Reshape, Sigmoid
from engine.compute.pass_context import PassContext
from engine.errors import TrainingError
from engine.explain.by_block import explain_output
from engine.explain.training_step import take_step, trace_front
from engine.model.network import ParameterKey
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.training.executor import Executor
from tests.engine.closeness import relative_error
from tests.engine.explain.steps import LABEL, STACKS, locked, one_hot, prepared, settings_for, taken
from tests.engine.marks import deaf_to_openblas
from tests.engine.networks import (
    BLOCKS,
    MODERN,
    ArrayBatch,
    batch,
    fitting,
    network,
    summed,
)
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
    assert np.array_equal(step.loss.gradient, step.blocks[-1].gradient.ravel())


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
    for number in (1, 2):
        run = PassContext(seed=7, counters=np.array([2, number]))
        step = take_step(report, weights, settings_for("bce"), image, LABEL, run=run)
        dropped = step.blocks[1]
        mask = dropped.measured["mask"]
        assert set(mask.tolist()) == {0.0, 2.0}
        assert dropped.outputs == pytest.approx(image.ravel() * mask)
        gradient = step.blocks[2].parameter("weight").gradient
        assert np.array_equal((gradient == 0).all(axis=0), mask == 0)
        executor = Executor(network(report), "bce", threads=1)
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
    step = take_step(
        report, weights, settings, image, LABEL, learning_rate=2.0, names=("a", "b", "c")
    )
    assert [row.name for row in step.loss.rows] == ["a", "b", "c"]
    changed = step.blocks[0].parameter("weight")
    assert changed.after == pytest.approx(changed.before - 2.0 * changed.gradient)


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
