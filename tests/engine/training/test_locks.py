"""Locks: what is locked stays bit for bit, and the rest learns as if it were put back by hand."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from engine.array_types import Array
from engine.blocks import BatchNorm, Conv, Dense, DepthwiseConv, KnownBlock
from engine.model.losses import LOSSES
from engine.model.network import ParameterKey
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, Stack
from engine.model.weights import Weights
from engine.training.events import BatchDone, EpochDone, Exploded
from engine.training.executor import Executor
from engine.training.run import Training
from tests.engine import networks
from tests.engine.networks import MODERN, batch, fitting, locking, network
from tests.engine.networks import summed as formed
from tests.engine.training_runs import SETTINGS, same, training

RULES: list[dict[str, object]] = [
    {},
    {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    {"optimizer": "adam", "learning_rate": 0.01, "weight_decay": 0.1},
    {"optimizer": "adamw", "learning_rate": 0.01, "weight_decay": 0.1},
]
each_rule = pytest.mark.parametrize(
    ("rule", "threads"), list(zip(RULES, (1, 2, 1, 2), strict=True)), ids=str
)
both_threads = pytest.mark.parametrize("threads", [1, 2])
KERNELS: dict[int, tuple[int, ...]] = {3: (0,)}  # of BLOCKS: the first kernel of its second Conv


def with_settings(**changes: object) -> Settings:
    return SETTINGS.with_changes(epochs=2, **changes)


def ended(run: Training) -> Weights:
    for event in run.run():
        assert not isinstance(event, Exploded)
    return run.weights()


def put_back_by_hand(run: Training, first: Weights) -> Weights:
    """Train without locks; put the first Conv and one kernel back after each batch."""
    for event in run.run():
        if isinstance(event, BatchDone | EpochDone):
            kept = run.weights()
            kept[1] = first[1]
            for name in ("weight", "bias"):
                kept[3][name][0] = first[3][name][0]
            run.network.set_weights(kept)
    return run.weights()


@each_rule
def test_a_locked_block_and_a_locked_kernel_stay_bit_for_bit_and_the_others_learn(
    rule: dict[str, object], threads: int
) -> None:
    settings, report = with_settings(**rule), fitting()
    with training(
        settings, report=locking(report, (1,), KERNELS), threads=threads, samples=40
    ) as run:
        before, after = run.weights(), ended(run)
    assert same({1: after[1]}, {1: before[1]})
    for name in ("weight", "bias"):
        assert np.array_equal(after[3][name][0], before[3][name][0])
        assert not np.array_equal(after[3][name][1], before[3][name][1])
    for slot_id in (6, 8):
        for name in ("weight", "bias"):
            assert not np.array_equal(after[slot_id][name], before[slot_id][name])
    with training(settings, report=report, threads=threads, samples=40) as run:
        expected = put_back_by_hand(run, before)
    assert same(after, expected)


@each_rule
def test_a_locked_kernel_of_an_add_stays_bit_for_bit_and_its_others_learn(
    rule: dict[str, object], threads: int
) -> None:
    settings = with_settings(**{"learning_rate": 0.01, **rule}, loss="cross_entropy")
    # The ninth block adds through four 1×1 kernels.
    report = locking(fitting(networks.RESIDUAL, loss="cross_entropy"), kernels={9: (0, 2)})
    with training(settings, report=report, threads=threads) as run:
        before, after = run.weights(), ended(run)
    for name, array in after[9].items():
        for kernel, first in enumerate(before[9][name]):
            assert np.array_equal(array[kernel], first) == (kernel in (0, 2)), (name, kernel)


@each_rule
def test_locked_blocks_of_the_other_kinds_stay_with_all_that_they_remember(
    rule: dict[str, object], threads: int
) -> None:
    locked = (2, 5, 10, 13)  # a BatchNorm over maps, a strided Conv, a Dense, the last Dense
    settings = with_settings(loss="cross_entropy", **rule)
    report = locking(fitting(MODERN, loss="cross_entropy"), locked)
    with training(settings, report=report, threads=threads) as run:
        before, after = run.weights(), ended(run)
    assert same({i: after[i] for i in locked}, {i: before[i] for i in locked})
    for slot_id in (1, 11):
        for name, array in after[slot_id].items():
            assert not np.array_equal(array, before[slot_id][name]), (slot_id, name)


def test_locks_are_set_and_taken_off_between_two_steps() -> None:
    report = fitting()
    slots, locked = ([row.slot for row in each.rows] for each in (report, locking(report, (1, 6))))
    with training(with_settings(momentum=0.9), report=report) as run:
        events = run.run()
        found = [run.weights()]
        for locks in (slots, locked, slots):
            run.lock(locks)
            list(islice(events, 2))
            found.append(run.weights())
    first, second, third, fourth = found
    for slot_id in (1, 6):
        assert not same({1: second[slot_id]}, {1: first[slot_id]})
        assert same({1: third[slot_id]}, {1: second[slot_id]})
        assert not same({1: fourth[slot_id]}, {1: third[slot_id]})
    assert not same({8: third[8]}, {8: second[8]})


@both_threads
def test_gradients_beside_a_locked_batch_norm_are_those_of_its_remembered_statistics(
    threads: int,
) -> None:
    blocks: tuple[KnownBlock, ...] = tuple(
        block for block in MODERN if block.kind not in ("dropout", "relu", "max_pool", "leaky_relu")
    )
    report = fitting(blocks, loss="cross_entropy")
    net, drawn = network(report), batch(20)
    executor = Executor(net, "cross_entropy", threads=threads)
    norms = [slot.id for slot in (row.slot for row in report.rows) if slot.block == BatchNorm()]
    executor.lock(norms)
    gradients = formed(executor.gradients(drawn))
    assert not {key for key in gradients if key.slot_id in norms}

    def loss() -> float:
        outputs = executor.outputs(drawn)  # as when it is tested
        return float(LOSSES["cross_entropy"].values(outputs, drawn.wanted).mean())

    rng = np.random.default_rng(6)
    for key, gradient in gradients.items():
        array: Array = net.arrays[ParameterKey(*key)]
        for place in rng.choice(array.size, min(4, array.size), replace=False):
            value = array.flat[place]
            losses = []
            for step in (1e-5, -1e-5):
                array.flat[place] = value + step
                losses.append(loss())
            array.flat[place] = value
            slope = (losses[0] - losses[1]) / 2e-5
            assert gradient.flat[place] == pytest.approx(slope, rel=1e-5, abs=1e-8)
    executor.close()


def edited(weights: Weights) -> Weights:
    kernel = weights[1]["weight"].copy()
    kernel[0, 0] = 0.25
    return {**weights, 1: {**weights[1], "weight": kernel}}


def test_training_goes_on_from_an_edited_kernel() -> None:
    with training(with_settings()) as run:
        for event in run.run():
            if isinstance(event, EpochDone) and event.epoch == 1:
                after_one = run.weights()
                run.replace_weights(edited(after_one))
                assert same(run.weights(), edited(after_one))
        found = run.weights()
    with training(
        with_settings().with_changes(epochs=1), kept=edited(after_one), first_epoch=1
    ) as run:
        assert same(ended(run), found)
    assert not same(found, after_one)


def test_after_an_explosion_the_edited_kernel_is_back() -> None:
    with training() as run:
        events = run.run()
        next(events)
        wanted = edited(run.weights())
        run.replace_weights(wanted)
        run.learning_rate = float("inf")
        assert isinstance(list(events)[-1], Exploded)
        assert same(run.weights(), wanted)


# The slots


def test_locked_kernels_are_kept_in_order_and_only_as_far_as_there_are_kernels() -> None:
    slot = BlockSlot(1, Conv(depth=4), locked_kernels=(3, 0, 3, 4, -1))
    assert slot.locked_kernels == (0, 3)
    assert replace(slot, block=Conv(depth=3)).locked_kernels == (0,)
    assert replace(slot, block=Conv(depth=9, kernel_size=5)).locked_kernels == (0, 3)
    assert replace(slot, block=Dense()).locked_kernels == ()
    depthwise = replace(slot, block=DepthwiseConv())
    for maps, locked in ((4, (0, 3)), (3, (0,))):
        (row,) = Stack((depthwise,), (maps, 5, 5)).rows()
        assert (row.slot.locked_kernels, row.kernel_count) == (locked, maps)
