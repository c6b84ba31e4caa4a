"""The gradient check: it is quiet about right gradients and loud about wrong ones."""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from engine.array_types import Array
from engine.blocks import (
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    KnownBlock,
    LeakyReLU,
    MaxPool,
    ReLU,
    Reshape,
    Sigmoid,
    Softmax,
    Tanh,
)
from engine.blocks.base import Backward, Gradient
from engine.blocks.batch_norm import BatchNormLayer
from engine.blocks.conv import ConvLayer
from engine.blocks.dense import DenseLayer
from engine.blocks.dropout import DropoutLayer
from engine.blocks.max_pool import MaxPoolLayer
from engine.compute.pass_context import PassContext
from engine.compute.workspace import Workspace
from engine.errors import TrainingError
from engine.explain.gradient_check import ArrayCheck, CheckProgress, LossFrom, check_gradients
from engine.model.losses import Loss
from engine.model.stack import Stack
from engine.training.executor import Executor
from tests.engine import oracles
from tests.engine.blocks.cases import formed
from tests.engine.explain.checks import check, let_a_slope_be_wrong
from tests.engine.explain.steps import STACKS, prepared, settings_for
from tests.engine.marks import deaf_to_openblas
from tests.engine.networks import BLOCKS, MODERN, ArrayBatch, batch, fitting, network
from tests.engine.training_runs import same

pytestmark = deaf_to_openblas

LEARNING = "conv", "dense", "batch_norm"


@pytest.mark.parametrize(("name", "blocks", "loss"), STACKS[1:3])
def test_right_gradients_are_right(name: str, blocks: Sequence[KnownBlock], loss: str) -> None:
    found = check(blocks, loss)
    assert len(found) == sum(1 + 2 * (block.kind in LEARNING) for block in blocks)
    for each in found.values():
        assert each.max_relative_error < 1e-6, each.full_name
        assert each.agrees
        assert each.counted == f"all {each.size:,}"


def test_both_numbers_are_those_of_the_readable_loops() -> None:
    report, weights = prepared(BLOCKS, "bce")
    data = batch(3)
    found = check(BLOCKS, "bce")
    arrays = [dict(weights.get(row.slot.id, {})) for row in report.rows]
    right = oracles.differentiate(BLOCKS, arrays, data.samples, data.wanted, "bce")
    for position, gradients in enumerate(right.gradients):
        for parameter, gradient in gradients.items():
            each = found[f"{position}.{BLOCKS[position].kind}.{parameter}"]
            assert each.shape == gradient.shape
            assert each.backward == pytest.approx(gradient.ravel(), rel=1e-9, abs=1e-14)
            assert each.numeric == pytest.approx(gradient.ravel(), rel=1e-5, abs=1e-9)

    def loss(step: float) -> float:
        moved = [{n: a.copy() for n, a in own.items()} for own in arrays]
        moved[5]["weight"][2, 7] += step
        return oracles.differentiate(BLOCKS, moved, data.samples, data.wanted, "bce").loss

    value = found["5.dense.weight"].value((2, 7))
    assert value is not None
    assert value.numeric == pytest.approx((loss(1e-5) - loss(-1e-5)) / 2e-5, rel=1e-6)
    checked = found["5.dense.weight"]
    place = np.ravel_multi_index((2, 7), checked.shape)
    assert value.error == checked.errors[np.searchsorted(checked.numbers, place)]


def twice(backward: Callable[..., Backward], *, parameters: bool) -> Callable[..., Backward]:
    """A backward pass with a mistake: twice the gradients of the inputs, or of the parameters."""

    def wrong(self: Any, gradient: Array, workspace: Workspace, *, wants_inputs: bool) -> Backward:
        right = backward(self, gradient, workspace, wants_inputs=wants_inputs)
        if parameters:
            found: dict[str, Gradient] = {n: 2 * formed(g) for n, g in right.parameters.items()}
            return Backward(right.inputs, found)
        return Backward(None if right.inputs is None else 2 * right.inputs, right.parameters)

    return wrong


# A layer whose gradient is doubled, or another function in place of the slope of an activation.
MISTAKES: list[tuple[str, Sequence[KnownBlock], Any]] = [
    ("conv", BLOCKS, ConvLayer),
    ("dense", BLOCKS, DenseLayer),
    ("batch_norm", MODERN, BatchNormLayer),
    ("dropout", MODERN, DropoutLayer),
    ("max_pool", MODERN, MaxPoolLayer),
    ("sigmoid", BLOCKS, lambda g, y: g * y),  # the notebook's: activation_prime = activation
    ("relu", MODERN, lambda g, y: g * y),
    ("softmax", MODERN, lambda g, y: g * y),
]


@pytest.mark.parametrize(("kind", "blocks", "mistake"), MISTAKES)
def test_a_wrong_input_gradient_is_found_in_its_block(
    kind: str, blocks: Sequence[KnownBlock], mistake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_layer = isinstance(mistake, type)
    if is_layer:
        monkeypatch.setattr(mistake, "backward", twice(mistake.backward, parameters=False))
    else:
        let_a_slope_be_wrong(monkeypatch, kind, mistake)
    position = max(i for i, block in enumerate(blocks) if block.kind == kind)
    loss = "mse" if blocks is BLOCKS else "bce"  # fused with no end
    found = check(blocks, loss, limit=6)  # of what is wrong, each takes long
    wrong = found[f"{position}.{kind}.input"]
    assert not wrong.agrees
    assert wrong.verdict.startswith("Wrong: at ")
    assert not is_layer or wrong.max_relative_error == pytest.approx(0.5, abs=1e-3)
    assert all(each.agrees for each in found.values() if each.position > position)


@pytest.mark.parametrize(
    ("kind", "blocks", "layer"), [mistake for mistake in MISTAKES if mistake[0] in LEARNING]
)
def test_a_wrong_parameter_gradient_is_found_there_alone(
    kind: str, blocks: Sequence[KnownBlock], layer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layer, "backward", twice(layer.backward, parameters=True))
    found = check(blocks, "bce", limit=4)
    for each in found.values():
        wrong = each.slot.block.kind == kind and each.name != "input"
        if wrong and not each.backward.any():
            continue  # twice nothing is nothing
        assert each.agrees != wrong or float(np.abs(each.backward).max()) < 1e-12


@pytest.mark.parametrize(
    ("loss", "method"),
    [("bce", "fused_gradient"), ("cross_entropy", "fused_gradient"), ("mse", "gradient")],
)
def test_a_wrong_loss_makes_everything_wrong(
    loss: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = getattr(Loss, method)
    monkeypatch.setattr(Loss, method, lambda self, y, t, numerics: 3 * right(self, y, t, numerics))
    found = check(MODERN if loss == "cross_entropy" else BLOCKS, loss, limit=3)
    assert not any(each.agrees for each in found.values() if np.abs(each.backward).max() > 1e-9)


def test_one_wrong_value_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    right = ConvLayer.backward

    def wrong(self: Any, *given: Any, **options: Any) -> Backward:
        back = right(self, *given, **options)
        kernels = back.parameters["weight"]
        assert isinstance(kernels, np.ndarray)
        kernels[-1, -1, 0, 1] += 1e-3 * np.abs(kernels).max()
        return back

    monkeypatch.setattr(ConvLayer, "backward", wrong)
    found = check(BLOCKS, "bce")["2.conv.weight"]
    assert not found.agrees
    assert found.worst.index == (1, 2, 0, 1)
    assert (found.errors > ArrayCheck.TOLERANCE).sum() == 1


def test_of_large_arrays_a_drawn_part_is_checked() -> None:
    found = check(BLOCKS, "bce", limit=20)
    part, again = found["0.conv.bias"], check(BLOCKS, "bce", limit=20)["0.conv.bias"]
    assert part.counted == "20 of 75"
    assert len(set(part.numbers.tolist())) == 20
    assert np.array_equal(part.numbers, again.numbers)
    assert np.array_equal(part.numeric, again.numeric)  # bit for bit
    whole = check(BLOCKS, "bce")["0.conv.bias"]
    assert part.numeric == pytest.approx(whole.numeric[part.numbers], abs=1e-9)
    assert len(part.numbers) == part.size - 55
    inside = set(part.numbers.tolist())
    for number, place in enumerate(np.ndindex(part.shape)):
        assert (part.value(place) is not None) == (number in inside)
    other = check(BLOCKS, "bce", limit=20, seed=0)["2.conv.input"]
    assert not np.array_equal(other.numbers, part.numbers)


def test_progress_rises_to_the_end_and_the_check_can_be_left() -> None:
    report, weights = prepared()
    data = batch(2)
    before = {slot: {n: a.copy() for n, a in arrays.items()} for slot, arrays in weights.items()}

    def events() -> Any:
        return check_gradients(report, weights, settings_for("bce"), data.samples, [0, 1])

    shown = [event for event in events() if isinstance(event, CheckProgress)]
    done = [event.done for event in shown]
    assert done == sorted(done)
    assert done[0] == 0
    assert done[-1] == shown[-1].total
    assert {event.total for event in shown} == {done[-1]}
    assert len({event.name for event in shown}) == 17
    left = events()
    for _ in range(5):
        next(left)
    left.close()
    assert same(weights, before)


def test_values_that_are_not_finite_are_refused_in_words() -> None:
    report, weights = prepared()
    weights[report.rows[2].slot.id]["weight"][...] = np.nan
    with pytest.raises(TrainingError, match=r"the weight of block 3 .* not all finite"):
        check(BLOCKS, "bce", weights=weights)
    with pytest.raises(TrainingError, match="takes a vector"):
        list(
            check_gradients(
                Stack(input_shape=(1, 6, 6)).appended(Conv(), Dense(units=3)).check(3, "mse"),
                {},
                settings_for("mse"),
                batch(1).samples,
                [0],
            )
        )


def test_where_the_loss_bends_much_a_smaller_step_is_taken() -> None:
    # A unit that is almost the same for all samples: BatchNorm divides by little more than √ε.
    blocks = (Reshape(), Dense(units=3), BatchNorm(), Tanh(), Dense(units=3), Sigmoid())
    report, weights = prepared(blocks)
    weights[report.rows[1].slot.id]["weight"][...] *= 1e-3
    found = check(blocks, "bce", weights=weights)
    assert all(each.max_relative_error < 1e-5 for each in found.values())
    assert not any(each.kinks.any() for each in found.values())


def test_a_locked_batch_norm_is_checked_with_its_running_statistics() -> None:
    stack = Stack(input_shape=(1, 6, 6)).appended(
        Conv(depth=2), BatchNorm(), Tanh(), Reshape(), Dense(units=3), Sigmoid()
    )
    slot = dataclasses.replace(stack.slots[1], locked=True)
    report = stack.replaced(slot).check(3, "bce")
    weights, data = network(report).copy_weights(), batch(3)
    events = check_gradients(report, weights, settings_for("bce"), data.samples, [0, 1, 2])
    found = {event.full_name: event for event in events if isinstance(event, ArrayCheck)}
    assert all(each.agrees for each in found.values())
    back = found["1.batch_norm.input"].backward.reshape(2, -1)
    after = found["2.tanh.input"].backward.reshape(2, -1)
    a, _ = oracles.tested(weights[slot.id])
    assert back == pytest.approx(a[:, None] * after)


# Gradient checks where a slope has two answers, at and near the kinks of ReLU and MaxPool.


def on_blank_paper(blocks: Sequence[KnownBlock]) -> dict[str, ArrayCheck]:
    """A check on images that are half blank, with biases of 0: many values are exactly 0."""
    report = Stack(input_shape=(1, 6, 6)).appended(*blocks).check(3, "bce")
    weights = network(report).copy_weights()
    for arrays in weights.values():
        arrays["bias"][...] = 0.0
    inputs = batch(3).samples
    inputs[:, :, :, 3:] = 0.0
    return check(blocks, "bce", weights=weights, inputs=inputs)


@pytest.mark.parametrize("activation", [ReLU(), LeakyReLU(slope=0.2)])
def test_a_value_on_a_kink_is_compared_with_the_side_that_backward_takes(
    activation: KnownBlock,
) -> None:
    blocks = (Conv(depth=2, bias="channel"), activation, Reshape(), Dense(units=3), Sigmoid())
    found = on_blank_paper(blocks)
    bias = found["0.conv.bias"]
    assert bias.kinks.all()  # where the paper is blank, x is exactly the bias
    assert bias.left_out == 0
    assert bias.max_relative_error < 1e-6
    assert bias.verdict.startswith("Backward pass")
    assert "2 values stand at a kink" in bias.verdict
    kernel = found["0.conv.weight"]
    assert not kernel.kinks.any()
    assert all(each.agrees for each in found.values())


def test_ties_of_a_max_pool_are_kinks_too() -> None:
    blocks = (MaxPool(), Reshape(), Dense(units=3), Sigmoid())
    found = on_blank_paper(blocks)["0.max_pool.input"]
    assert found.agrees
    kinks = found.kinks.reshape(6, 6)
    assert kinks[:, 4:].all()  # whole windows of equal values
    assert not kinks[:, :2].any()
    first = found.value((0, 0, 4))  # the first of a blank window, which takes the gradient
    other = found.value((0, 1, 5))
    assert first is not None
    assert other is not None
    assert first.backward != 0
    assert other.backward == 0
    assert first.numeric == pytest.approx(first.backward, rel=1e-6)
    assert other.numeric == pytest.approx(0, abs=1e-9)


def test_a_kink_nearby_is_stepped_over() -> None:
    blocks = (Reshape(), ReLU(), Dense(units=3), Sigmoid())
    inputs = batch(3).samples - 0.5
    inputs[0, 0, 2, 3], inputs[0, 0, 4, 4] = 3e-6, -3e-6  # nearer to 0 than ε
    found = check(blocks, "bce", inputs=inputs)["0.reshape.input"]
    assert found.agrees
    assert np.argwhere(found.kinks.reshape(6, 6)).tolist() == [[2, 3], [4, 4]]
    assert found.left_out == 0


def test_a_value_with_kinks_on_both_sides_is_left_out() -> None:
    # Four equal pixels, of which one map takes the largest and the other, turned, the smallest.
    blocks = (
        Conv(depth=2, kernel_size=1, bias="channel"),
        MaxPool(),
        Reshape(),
        Dense(units=3),
        Sigmoid(),
    )
    report = Stack(input_shape=(1, 6, 6)).appended(*blocks).check(3, "bce")
    weights = network(report).copy_weights()
    weights[report.rows[0].slot.id]["weight"][:, 0, 0, 0] = [1.0, -1.0]
    inputs = batch(3).samples
    inputs[0, 0, :2, :2] = 0.25
    found = check(blocks, "bce", weights=weights, inputs=inputs)["0.conv.input"]
    # Up, the second map takes another of the four; down, the first does.
    kinks = np.argwhere(found.kinks.reshape(6, 6)).tolist()
    assert kinks == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert found.left_out >= 1
    assert found.agrees
    assert "left out" in found.verdict
    assert np.isnan(found.errors[np.searchsorted(found.numbers, 0)])
    value = found.value((0, 0, 0))
    assert value is not None
    assert value.is_kink
    assert np.isnan(value.numeric)


def test_a_wrong_gradient_is_not_excused_by_a_kink_nearby(monkeypatch: pytest.MonkeyPatch) -> None:
    let_a_slope_be_wrong(monkeypatch, "relu", lambda g, y: g * 2.0 * (y > 0.0))
    blocks = (Conv(depth=2, bias="channel"), ReLU(), Reshape(), Dense(units=3), Sigmoid())
    found = on_blank_paper(blocks)
    assert not found["0.conv.bias"].agrees
    assert not found["0.conv.weight"].agrees
    assert found["3.dense.weight"].agrees


# The loss of many variants at a time, against the loss of each, one at a time.


RUN = PassContext(training=True, seed=3, counters=np.array([1, 1]), samples=4)
SOCIAL = (Reshape(), BatchNorm(), Dropout(rate=0.5), Dense(units=3), Tanh(), Dense(units=3))


@pytest.mark.parametrize(
    ("blocks", "loss"),
    [
        (BLOCKS, "bce"),
        (BLOCKS, "mse"),
        ((*SOCIAL, Softmax()), "cross_entropy"),
        ((*SOCIAL, Softmax()), "bce"),
        ((*SOCIAL, Sigmoid()), "bce"),
    ],
)
def test_each_variant_has_the_loss_that_training_gives_it(
    blocks: Sequence[KnownBlock], loss: str
) -> None:
    made = network(fitting(blocks, loss=loss))
    wanted = batch(4).wanted
    variants = np.random.default_rng(0).uniform(0, 1, (5, 4, 1, 6, 6))
    found = LossFrom(made, loss, wanted, RUN).losses(0, variants)
    executor = Executor(made, loss, threads=1)
    right = [executor.gradients(ArrayBatch(one, wanted), RUN).loss_sum / 4 for one in variants]
    executor.close()
    assert found == pytest.approx(right, rel=1e-12)


@pytest.mark.parametrize("x", [-700.0, -40.0, -1.0, 0.5, 40.0, 700.0])
def test_outputs_near_their_ends_keep_their_digits(x: float) -> None:
    wanted = np.array([[1.0, 0.0, 0.0]])
    blocks = (Reshape(), Dense(units=3), Sigmoid())
    tail = LossFrom(network(fitting(blocks)), "bce", wanted, PassContext(training=True))
    found = tail.losses(tail.end, np.array([[[x, x, -x]]]))
    # -log σ(x) = log(1 + e⁻ˣ), and -log(1 - σ(x)) = -log σ(-x)
    cost = [max(-v, 0.0) + math.log1p(math.exp(-abs(v))) for v in (x, -x, x)]
    assert found == pytest.approx([math.fsum(cost) / 3], rel=1e-14)
    report = fitting((Reshape(), Dense(units=3), Softmax()), loss="cross_entropy")
    made = network(report)
    tail = LossFrom(made, "cross_entropy", wanted, PassContext(training=True))
    found = tail.losses(tail.end, np.array([[[x, 0.0, 1.0]]]))
    if abs(x) < 100:
        right = -math.log(oracles.softmax(np.array([x, 0.0, 1.0]))[0])
    else:
        right = 0.0 if x > 0 else 1.0 + math.log1p(math.exp(-1.0)) - x
    assert found == pytest.approx([right], rel=1e-12, abs=1e-15)
