"""Networks as they predict, show their activations and hand out their weights."""

from collections.abc import Callable, Mapping
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from engine.arrays import Array
from engine.blocks import Conv, Dense, KnownBlock, Reshape, Sigmoid, Tanh
from engine.errors import TrainingError
from engine.execution import Executor
from engine.network import Network, ParameterKey
from engine.stack import Stack
from engine.weights import initial_weights
from tests.engine import oracles
from tests.engine.closeness import relative_error
from tests.engine.networks import BLOCKS, CLASSES, INPUT_SHAPE, batch, fitting, network, summed


def test_a_stack_that_does_not_fit_is_refused_with_its_problem() -> None:
    report = Stack().appended(Dense(units=2), Sigmoid()).check(2, "bce")
    with pytest.raises(TrainingError, match=r"^Block 1 \(Dense 2\) takes a vector"):
        Network(report, initial_weights(report, 0, "lecun"))


def test_predictions_and_activations_are_those_of_the_loops() -> None:
    net, inputs = network(fitting()), batch(4).samples
    found = net.activations(inputs)
    assert [a.shape[1:] for a in found] == [layer.output_shape for layer in net.layers]
    parameters = [dict(layer.layer.parameters) for layer in net.layers]
    for sample in range(4):
        value = inputs[sample]
        for block, own, array in zip(BLOCKS, parameters, found, strict=True):
            value = oracles.forward(block, own, value)
            assert relative_error(array[sample].ravel(), value.ravel()) <= 1e-12, block
    assert np.array_equal(net.predict(inputs), found[-1].reshape(4, CLASSES))


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
    before = net.predict(inputs)
    copies = net.copy_weights()
    weights[1]["weight"] += 1.0  # the arrays are the network's own
    assert not np.array_equal(net.predict(inputs), before)
    assert not np.array_equal(copies[1]["weight"], weights[1]["weight"])
    net.set_weights(copies)
    assert np.array_equal(net.predict(inputs), before)
    assert np.array_equal(weights[1]["weight"], copies[1]["weight"])


def test_parameters_are_listed_in_the_order_of_the_stack() -> None:
    keys = list(network(fitting()).parameters)
    assert keys == [
        ParameterKey(slot, name) for slot in (1, 3, 6, 8) for name in ("weight", "bias")
    ]


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


Weights = Mapping[int, Mapping[str, Any]]


def autograd_loss(
    blocks: tuple[KnownBlock, ...], weights: Weights, inputs: Array, targets: Array, loss: str
) -> Any:
    """The mean loss of a batch, written for autograd, slots numbered from 1."""
    value: Any = inputs
    for slot, block in enumerate(blocks, start=1):
        match block:
            case Conv(kernel_size=k):
                kernels, bias = weights[slot]["weight"], weights[slot]["bias"]
                height, width = value.shape[2] - k + 1, value.shape[3] - k + 1
                value = sum(
                    anp.einsum(
                        "nchw,dc->ndhw",
                        value[:, :, a : a + height, b : b + width],
                        kernels[:, :, a, b],
                    )
                    for a in range(k)
                    for b in range(k)
                ) + (bias if bias.ndim == 3 else bias.reshape(-1, 1, 1))
            case Dense():
                flat = value.reshape(len(inputs), -1)
                value = flat @ weights[slot]["weight"].T + weights[slot]["bias"]
            case Sigmoid():
                value = 1 / (1 + anp.exp(-value))
            case Tanh():
                value = anp.tanh(value)
            case Reshape():
                value = value.reshape(len(inputs), *block.target_shape)
    y = value.reshape(len(inputs), -1)
    if loss == "mse":
        return anp.mean((y - targets) ** 2)
    return -anp.mean(targets * anp.log(y) + (1 - targets) * anp.log(1 - y))


@pytest.mark.parametrize("loss", ["bce", "mse"])
def test_the_gradients_of_a_whole_network_are_those_of_autograd(loss: str) -> None:
    net, samples = network(fitting(loss=loss)), batch(11)
    executor = Executor(net, loss, threads=1)
    result = executor.gradients(samples)
    executor.close()
    weights = net.copy_weights()

    def error(values: Weights) -> Any:
        return autograd_loss(BLOCKS, values, samples.samples, samples.wanted, loss)

    assert result.loss_sum / 11 == pytest.approx(error(weights), rel=1e-12)
    differentiate: Callable[[Callable[[Weights], Any]], Callable[[Weights], Any]] = autograd.grad
    right = differentiate(error)(weights)
    found = summed(result)
    assert found.keys() == net.parameters.keys()
    for key, gradient in found.items():
        assert relative_error(gradient, right[key.slot_id][key.name]) <= 1e-9, key


def test_the_input_shape_is_that_of_the_stack() -> None:
    assert network(fitting()).report.rows[0].input_shape == INPUT_SHAPE
