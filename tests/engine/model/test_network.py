"""Networks as they predict, show their activations and hand out their weights."""

import math

import numpy as np
import pytest

from engine import blocks as kinds
from engine.errors import TrainingError
from engine.model.network import NO_ANSWER, Network, ParameterKey, answers
from engine.model.stack import Stack
from engine.model.weights import initial_weights
from tests.engine.networks import BLOCKS, batch, fitting, network, predict


def test_a_stack_that_does_not_fit_is_refused_with_its_problem() -> None:
    report = Stack().appended(kinds.Dense(units=2), kinds.Sigmoid()).check(2, "bce")
    with pytest.raises(TrainingError, match=r"^Block 1 \(Dense 2\) takes a vector"):
        Network(report, initial_weights(report, 0, "lecun"))


def test_activations_belong_to_the_caller() -> None:
    net, inputs = network(fitting()), batch(2).samples
    first = net.activations(inputs)
    copies = [array.copy() for array in first]
    net.activations(batch(2, seed=9).samples)
    assert all(np.array_equal(a, b) for a, b in zip(first, copies, strict=True))


def test_weights_are_shared_copied_and_put_back() -> None:
    report = fitting()
    weights = initial_weights(report, 0, "normal", dtype=np.float64)
    net = Network(report, weights)
    inputs = batch(3).samples
    before = predict(net, inputs)
    copies = net.copy_weights()
    weights[1]["weight"] += 1.0  # the arrays are the network's own
    assert not np.array_equal(predict(net, inputs), before)
    assert not np.array_equal(copies[1]["weight"], weights[1]["weight"])
    net.set_weights(copies)
    assert np.array_equal(predict(net, inputs), before)
    assert np.array_equal(weights[1]["weight"], copies[1]["weight"])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_named(bad: float) -> None:
    net, inputs = network(fitting()), batch(2).samples
    assert net.find_non_finite(inputs) is None
    net.parameters[ParameterKey(8, "bias")][1] = bad
    assert net.find_non_finite(inputs) == "the bias of block 8 (Dense 3)"
    net.parameters[ParameterKey(3, "weight")][0, 0, 0, 0] = bad
    assert net.find_non_finite(inputs) == "the weight of block 3 (Conv 2, 3×3)"
    fresh = network(fitting(loss="mse", blocks=BLOCKS[:-1]), np.float32)
    fresh.parameters[ParameterKey(8, "weight")][...] = 3e38
    assert fresh.find_non_finite(inputs) == "the outputs of block 8 (Dense 3)"


# What a network answers, with outputs that are numbers and that are not.


def test_the_largest_is_the_answer_and_without_a_finite_one_there_is_none() -> None:
    nan, inf = math.nan, math.inf
    outputs = [[0.1, 0.9], [3.0, 2.0], [nan, nan], [0.5, nan], [inf, 0.0], [-inf, -inf], [-inf, 1]]
    said = [1, 0, NO_ANSWER, NO_ANSWER, NO_ANSWER, NO_ANSWER, 1]
    assert answers(np.array(outputs)).tolist() == said
    assert answers(np.array([outputs, outputs[::-1]])).tolist() == [said, said[::-1]]
    assert [int(answers(np.array(row))) for row in outputs] == said
