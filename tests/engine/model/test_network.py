"""Networks as they predict, show their activations and hand out their weights."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from engine import blocks as kinds
from engine.array_types import Array
from engine.errors import TrainingError
from engine.model.network import NO_ANSWER, Network, ParameterKey, answers
from engine.model.stack import Stack
from engine.model.weights import initial_weights
from engine.training.executor import Executor
from tests.engine.networks import BLOCKS, MODERN, batch, fitting, network, predict, summed


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


Weights = Mapping[int, Mapping[str, Any]]


def moved(maps: Any, size: int, stride: int) -> list[tuple[int, int, Any]]:
    """Return what stands under each cell of a window that moves over maps (n, channels, H, W)."""
    height, width = (size_of - size + 1 for size_of in maps.shape[2:])
    return [
        (row, column, maps[:, :, row : row + height : stride, column : column + width : stride])
        for row in range(size)
        for column in range(size)
    ]


def bordered(maps: Any, block: kinds.Conv) -> Any:
    """Put the zeros of "same" around: what is missing for ⌈H / stride⌉ places, less in front."""
    if block.padding == "valid":
        return maps
    missing = [
        max(0, (-(-size // block.stride) - 1) * block.stride + block.kernel_size - size)
        for size in maps.shape[2:]
    ]
    return anp.pad(maps, [(0, 0), (0, 0), *((m // 2, m - m // 2) for m in missing)], "constant")


def autograd_forward(block: kinds.KnownBlock, own: Mapping[str, Any], value: Any) -> Any:
    """What a block makes of a batch while training, written for autograd."""
    match block:
        case kinds.Conv():
            kernels, bias = own["weight"], own["bias"]
            cells = moved(bordered(value, block), block.kernel_size, block.stride)
            total = sum(
                anp.einsum("nchw,dc->ndhw", part, kernels[:, :, a, b]) for a, b, part in cells
            )
            return total + (bias if bias.ndim == 3 else bias.reshape(-1, 1, 1))
        case kinds.MaxPool() | kinds.AvgPool():
            cells = moved(value, block.size, block.stride or block.size)
            stacked = anp.stack([part for _, _, part in cells])
            return (
                anp.max(stacked, axis=0)
                if isinstance(block, kinds.MaxPool)
                else anp.mean(stacked, 0)
            )
        case kinds.GlobalAvgPool():
            return anp.mean(value, axis=(2, 3))
        case kinds.Dense():
            return value.reshape(len(value), -1) @ own["weight"].T + own["bias"]
        case kinds.BatchNorm():
            axes = (0, *range(2, value.ndim))
            wide = (1, -1, *(1,) * (value.ndim - 2))
            centred = value - anp.mean(value, axis=axes, keepdims=True)
            deviation = anp.sqrt(anp.mean(centred**2, axis=axes, keepdims=True) + 1e-5)
            return own["weight"].reshape(wide) * centred / deviation + own["bias"].reshape(wide)
        case kinds.Sigmoid():
            return 1 / (1 + anp.exp(-value))
        case kinds.Tanh():
            return anp.tanh(value)
        case kinds.ReLU():
            return anp.maximum(value, 0)
        case kinds.LeakyReLU():
            return anp.where(value > 0, value, block.slope * value)
        case kinds.Softmax():
            powers = anp.exp(value)
            return powers / anp.sum(powers, axis=1, keepdims=True)
        case kinds.Reshape():
            return value.reshape(len(value), *block.target_shape)
    raise NotImplementedError(block)


def autograd_loss(
    blocks: Sequence[kinds.KnownBlock], weights: Weights, inputs: Array, targets: Array, loss: str
) -> Any:
    """The mean loss of a batch, slots numbered from 1."""
    value: Any = inputs
    for slot, block in enumerate(blocks, start=1):
        value = autograd_forward(block, weights.get(slot, {}), value)
    y = value.reshape(len(inputs), -1)
    if loss == "mse":
        return anp.mean((y - targets) ** 2)
    if loss == "cross_entropy":
        return -anp.mean(anp.sum(targets * anp.log(y), axis=1))
    return -anp.mean(targets * anp.log(y) + (1 - targets) * anp.log(1 - y))


# Dropout has tests of its own: its mask is no function of the network.
POOLED: tuple[kinds.KnownBlock, ...] = (
    kinds.Conv(depth=4, kernel_size=3),
    kinds.GlobalAvgPool(),
    kinds.Dense(units=3),
    kinds.Sigmoid(),
)
SMOOTH = [block for block in MODERN if not isinstance(block, kinds.Dropout)]


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(
    ("blocks", "loss"),
    [
        (BLOCKS, "bce"),
        (BLOCKS, "mse"),
        (SMOOTH, "cross_entropy"),
        (SMOOTH, "bce"),
        (SMOOTH, "mse"),
        (POOLED, "bce"),
    ],
)
def test_the_gradients_of_a_whole_network_are_those_of_autograd(
    blocks: Sequence[kinds.KnownBlock], loss: str, threads: int
) -> None:
    net, samples = network(fitting(blocks, loss=loss)), batch(27)
    executor = Executor(net, loss, threads=threads)
    result = executor.gradients(samples)
    executor.close()
    weights = net.copy_weights()

    def error(values: Weights) -> Any:
        return autograd_loss(blocks, values, samples.samples, samples.wanted, loss)

    assert result.loss_sum / 27 == pytest.approx(error(weights), rel=1e-12)
    differentiate: Callable[[Callable[[Weights], Any]], Callable[[Weights], Any]] = autograd.grad
    right = differentiate(error)(weights)
    found = summed(result)
    assert found.keys() == net.parameters.keys()
    largest = max(float(np.abs(gradient).max()) for gradient in found.values())
    for key, gradient in found.items():
        wanted = right[key.slot_id][key.name]
        # In front of a BatchNorm, all that is left of a bias's gradient is rounding.
        scale = max(float(np.abs(wanted).max()), 1e-3 * largest)
        assert float(np.abs(gradient - wanted).max()) <= 1e-9 * scale, key


# What a network answers, with outputs that are numbers and that are not.


def test_the_largest_is_the_answer_and_without_a_finite_one_there_is_none() -> None:
    nan, inf = math.nan, math.inf
    outputs = [[0.1, 0.9], [3.0, 2.0], [nan, nan], [0.5, nan], [inf, 0.0], [-inf, -inf], [-inf, 1]]
    said = [1, 0, NO_ANSWER, NO_ANSWER, NO_ANSWER, NO_ANSWER, 1]
    assert answers(np.array(outputs)).tolist() == said
    assert answers(np.array([outputs, outputs[::-1]])).tolist() == [said, said[::-1]]
    assert [int(answers(np.array(row))) for row in outputs] == said
