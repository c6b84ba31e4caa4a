"""Unit health: counts, dead and saturated units, against plain loops over the same digits."""

import itertools
import math

import numpy as np
import pytest

from engine.array_types import Array
from engine.blocks import Conv, Dense, KnownBlock, MaxPool, ReLU, Reshape, Sigmoid, Tanh
from engine.inspection.unit_health import SAMPLES, check_health, health_samples
from engine.model.network import Network, ParameterKey
from engine.model.stack import Stack
from tests.engine.networks import BLOCKS, CLASSES, MODERN, dataset, fitting, network


def made(*blocks: KnownBlock) -> Network:
    return network(fitting([*blocks, Reshape(), Dense(units=CLASSES), Sigmoid()]))


def digits(made: Network, samples: int = 30) -> Array:
    return health_samples(dataset(samples), made)


def test_every_block_is_counted() -> None:
    net = network(fitting(BLOCKS))
    health = check_health(net, digits(net), 2.5)
    assert (health.position, health.samples) == (2.5, 30)
    assert [b.number for b in health.blocks] == list(range(1, len(BLOCKS) + 1))
    values = net.activations(digits(net))
    for block, outputs, layer in zip(health.blocks, values, net.layers, strict=True):
        bins = len(block.activations.counts)
        assert bins == min(40, math.ceil(2 * outputs.size ** (1 / 3) - 1e-9))
        counts, edges = np.histogram(outputs.astype(np.float64), bins=bins)
        assert block.activations.counts.sum() == outputs.size
        assert np.abs(block.activations.counts - counts).sum() <= 4, "but for values on an edge"
        ends = block.activations.low, block.activations.high
        np.testing.assert_allclose(ends, edges[[0, -1]])
        assert block.activations.mean == pytest.approx(outputs.mean())
        assert block.activations.deviation == pytest.approx(outputs.std())
        assert (block.weights is not None) == ("weight" in layer.layer.parameters)


def test_a_relu_map_that_is_never_above_zero_is_dead() -> None:
    net = made(Conv(depth=4, kernel_size=3, bias="channel"), ReLU())
    net.parameters[next(iter(net.parameters))][...] = 0.1
    bias = list(net.parameters.values())[1]
    bias[:] = (0.5, -100.0, 0.5, -100.0)
    health = check_health(net, digits(net), 0.0)
    assert health.blocks[1].dead is not None
    assert health.blocks[1].dead.tolist() == [False, True, False, True]
    assert health.blocks[1].saturated is None
    assert health.blocks[1].stuck == 0.5


def test_a_map_that_differs_by_place_but_not_by_digit_is_dead() -> None:
    net = made(Conv(depth=2, kernel_size=3), Tanh())
    kernels, bias, *_ = net.parameters.values()
    kernels[1] = 0.0
    bias[1] = np.linspace(-0.5, 0.5, 16).reshape(4, 4)
    health = check_health(net, digits(net), 0.0)
    assert health.blocks[1].dead is not None
    assert health.blocks[1].dead.tolist() == [False, True]


@pytest.mark.parametrize("block", [Sigmoid(), Tanh()])
def test_saturated_is_nearly_always_at_an_end(block: Sigmoid | Tanh) -> None:
    net = made(Conv(depth=5, kernel_size=3), block)
    kernels, bias, *_ = net.parameters.values()
    kernels *= 0.5
    bias[...] = 0.0
    bias[1], bias[2] = 50.0, -50.0
    bias[3, :2], bias[3, 2:] = 50.0, -50.0
    bias[4, :2] = 50.0  # only half of its places
    health = check_health(net, digits(net), 0.0)
    found = health.blocks[1]
    assert found.saturated is not None
    assert found.saturated.tolist() == [False, True, True, True, False]
    assert found.dead is not None
    assert not found.dead.any(), "what is saturated is not called dead too"
    outputs = net.activations(digits(net))[1]
    low, high = (0.01, 0.99) if isinstance(block, Sigmoid) else (-0.98, 0.98)
    for unit in range(5):
        cells = [
            outputs[n, unit, y, x] for n, y, x in itertools.product(range(30), range(4), range(4))
        ]
        share = sum(value < low or value > high for value in cells) / len(cells)
        assert found.saturated[unit] == (share >= 0.95)


def test_the_maps_of_a_conv_are_judged_behind_its_activation() -> None:
    net = network(fitting(MODERN))
    health = check_health(net, digits(net), 0.0)
    slots = [layer.slot.id for layer in net.layers]
    behind = [health.behind(slots[0]), health.behind(slots[4])]
    assert [b.number for b in behind if b is not None] == [3, 6]
    net = made(Conv(depth=2, kernel_size=3), MaxPool())
    health = check_health(net, digits(net), 0.0)
    own = health.behind(net.layers[0].slot.id)
    assert own is not None
    assert own.number == 1


def test_the_digits_are_spread_over_the_samples_and_few_for_a_large_network() -> None:
    samples = dataset(1000)
    small = made(Conv(depth=2, kernel_size=3), Sigmoid())
    inputs = health_samples(samples, small)
    assert inputs.shape == (SAMPLES, 1, 6, 6)
    np.testing.assert_array_equal(
        inputs[-1], samples.batch_inputs(slice(999, 1000), inputs.dtype)[0]
    )
    large = made(Conv(depth=400, kernel_size=5, padding="same"), ReLU(), Conv(depth=512))
    assert 2 <= len(health_samples(samples, large)) < SAMPLES


def test_in_the_front_of_a_network_no_block_gives_the_answers() -> None:
    stack = Stack(input_shape=(1, 6, 6)).appended(Conv(depth=2), Sigmoid(), Dense(units=3))
    net = network(stack.check(CLASSES, "bce").front())
    net.arrays[ParameterKey(1, "weight")][...] = 0.0
    net.arrays[ParameterKey(1, "bias")][...] = 80.0
    health = check_health(net, digits(net), 0.0)
    assert [block.number for block in health.blocks] == [1, 2]
    assert health.blocks[-1].saturated is not None
    assert health.blocks[-1].saturated.all()
