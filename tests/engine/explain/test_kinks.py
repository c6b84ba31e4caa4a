"""Gradient checks where a slope has two answers, at and near the kinks of ReLU and MaxPool."""

from collections.abc import Sequence

import numpy as np
import pytest

from engine.blocks import Conv, Dense, KnownBlock, LeakyReLU, MaxPool, ReLU, Reshape, Sigmoid
from engine.explain.gradient_check import ArrayCheck
from engine.model.stack import Stack
from tests.engine.explain.checks import check, let_a_slope_be_wrong
from tests.engine.marks import deaf_to_openblas
from tests.engine.networks import batch, network

pytestmark = deaf_to_openblas


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
    assert np.isnan(found.heat[0, 0, 0])
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
