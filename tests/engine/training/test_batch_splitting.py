"""How a batch is split: into shards that cover it, none larger than a chunk."""

import math

import numpy as np
import pytest

from engine import blocks as kinds
from engine.training import executor
from engine.training.executor import (
    VALUE_WORK,
    cut_rounds,
    layers_in_place,
    least_samples,
    may_replay,
    passing_layers,
    sharded_layers,
)
from tests.engine.conftest import LAYER_WORK
from tests.engine.networks import fitting, network

HEAD = (kinds.Reshape(), kinds.Dense(units=3), kinds.Sigmoid())


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("least", [1, 8])
@pytest.mark.parametrize("chunk", [1, 7, 256])
@pytest.mark.parametrize("samples", [1, 8, 65, 600])
def test_the_shards_cover_the_batch_in_order_and_none_exceeds_the_chunk(
    samples: int, chunk: int, least: int, threads: int
) -> None:
    rounds = cut_rounds(samples, chunk, threads, least)
    covered = [i for shards in rounds for shard in shards for i in range(shard.start, shard.stop)]
    assert covered == list(range(samples))
    for shards in rounds:
        assert len(shards) <= threads
        assert all(1 <= shard.stop - shard.start <= chunk for shard in shards)


def test_all_threads_work_where_a_chunk_is_one_large_sample() -> None:
    assert cut_rounds(16, 1, 8) == [
        [slice(i, i + 1) for i in range(8)],
        [slice(i, i + 1) for i in range(8, 16)],
    ]


def test_a_few_small_samples_stay_with_one_thread() -> None:
    assert cut_rounds(15, 256, 8, least=8) == [[slice(0, 15)]]
    assert len(cut_rounds(16, 256, 8, least=8)[0]) == 2


def test_a_thread_of_its_own_takes_work_in_each_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "LAYER_WORK", LAYER_WORK)
    stacks = (kinds.Conv(depth=depth, kernel_size=3) for depth in (1, 100))
    light, heavy = (network(fitting((conv, kinds.ReLU(), *HEAD))) for conv in stacks)
    products, values = 9 * 16, 16  # of a map, and of what the ReLU makes of it
    work = products + VALUE_WORK * values + VALUE_WORK * values
    assert (least_samples(light, 3) - 1) * work < 2 * LAYER_WORK <= least_samples(light, 3) * work
    assert least_samples(heavy, 1) == math.ceil(LAYER_WORK / 30_400)


def test_the_tail_begins_at_the_first_dense_with_many_inputs_for_the_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(executor, "INPUTS_A_SAMPLE", 10)
    monkeypatch.setattr(executor, "FEW_UNITS", 0)
    dense = (kinds.Dense(units=50), kinds.ReLU(), kinds.Dense(units=3))  # of 32 and 50 inputs
    stack = (kinds.Conv(depth=2, kernel_size=3), kinds.Reshape(), *dense, kinds.Sigmoid())
    net = network(fitting(stack))
    assert [sharded_layers(net, samples).length for samples in (1, 3, 4, 5)] == [2, 2, 4, 6]
    assert sharded_layers(net, 3).output_shape == (32,)
    assert sharded_layers(net, 3).writer == 0  # Reshape is a view
    monkeypatch.setattr(executor, "SHARDED_WEIGHTS", 32 * 50 - 1)
    assert sharded_layers(net, 5).length == 2


@pytest.mark.parametrize(("units", "weights", "length"), [(3, 96, 4), (2, 96, 2), (3, 95, 2)])
def test_a_dense_of_few_units_is_sharded_whatever_its_inputs(
    units: int, weights: int, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "INPUTS_A_SAMPLE", 10)
    monkeypatch.setattr(executor, "FEW_UNITS", units)
    monkeypatch.setattr(executor, "WEIGHTS_OF_FEW", weights)
    conv, vector = kinds.Conv(depth=2, kernel_size=3), kinds.Reshape()
    net = network(fitting((conv, vector, kinds.Dense(units=3), kinds.Sigmoid())))  # of 32 inputs
    assert sharded_layers(net, 1).length == length


@pytest.mark.parametrize(
    ("sizes", "threads", "right"),
    [
        ([[1]], 1, True),
        ([[2]], 1, False),
        ([[2]], 8, False),  # one of eight threads runs the first layers, however many there are
        ([[1, 1]], 2, True),
        ([[1, 2]], 2, False),
        ([[1], [1]], 1, False),  # gradients of two rounds are added up by numpy
    ],
)
def test_steps_are_replayed_that_are_over_before_stop_must_be_looked_at(
    sizes: list[list[int]], threads: int, right: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = network(fitting((kinds.Conv(depth=8, kernel_size=3), *HEAD)), np.float32)
    maps = 8 * 16  # values
    first, others = maps * (9 + VALUE_WORK), maps * (VALUE_WORK + 3) + 3 * VALUE_WORK * 2
    monkeypatch.setattr(executor, "REPLAYED_WORK", 3 * (first + others))
    rounds = [[slice(10, 10 + size) for size in each] for each in sizes]
    assert may_replay(net, rounds, 1, threads) == right
    assert not may_replay(network(fitting((*HEAD,))), [[slice(0, 1)]], 0, 1), "numpy is in float64"


def test_gradients_are_passed_on_up_to_the_first_dense() -> None:
    conv, vector = kinds.Conv(depth=2, kernel_size=3), kinds.Reshape()
    again = kinds.Dense(units=9), kinds.Reshape(target_shape=(1, 3, 3))
    end = kinds.Dense(units=3), kinds.Sigmoid()
    for blocks, passing in (
        ((conv, kinds.ReLU(), vector, *end), 3),
        ((vector, *again, conv, vector, *end), 1),
        ((conv, kinds.GlobalAvgPool(), kinds.Dense(units=3), kinds.Sigmoid()), 2),
    ):
        assert passing_layers(network(fitting(blocks))) == passing


def test_activations_write_over_what_nobody_needs() -> None:
    conv, vector = kinds.Conv(depth=2, kernel_size=3), kinds.Reshape()
    end = vector, kinds.Dense(units=3), kinds.Sigmoid()
    for blocks, positions in (
        ((conv, kinds.ReLU(), kinds.Tanh(), *end), [1, 5]),
        ((conv, kinds.BatchNorm(), kinds.LeakyReLU(), *end), [2, 5]),
        ((kinds.Tanh(), kinds.MaxPool(), kinds.ReLU(), kinds.Dropout(), *end), [2, 6]),
        ((kinds.Tanh(), kinds.Dropout(rate=0.0), kinds.ReLU(), *end), [5]),
    ):
        assert layers_in_place(network(fitting(blocks))) == positions
