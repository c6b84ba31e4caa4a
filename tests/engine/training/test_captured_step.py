"""Captured steps: a run that replays its steps gives the bits of one that does each as ever."""

from itertools import islice

import numpy as np
import pytest

from benchmarks.stacks import RandomStack, make_random_training, random_stack
from engine.array_types import Array
from engine.compute.numerics import numerics
from engine.model.settings import Settings
from engine.training import executor
from engine.training.dataset_batch import Augmentation, DatasetBatch
from engine.training.events import BatchDone
from engine.training.executor import Executor
from engine.training.run import Training
from tests.engine import networks
from tests.engine.marks import needs_the_compiler

pytestmark = needs_the_compiler

STEPS = 5


def run_of(drawn: RandomStack, batch_size: int, threads: int) -> Training:
    """Make a run that learns fast enough for all weights to change."""
    faster = RandomStack(drawn.name, drawn.stack, drawn.settings.with_changes(learning_rate=0.01))
    return make_random_training(faster, batch_size, threads)


def after_some_steps(training: Training) -> tuple[list[float], list[Array]]:
    """Return the losses of some steps, and then all arrays of the network."""
    steps = (event for event in training.events() if isinstance(event, BatchDone))
    losses = [event.loss for event in islice(steps, STEPS)]
    arrays = [array.copy() for array in training.network.arrays.values()]
    training.close()
    return losses, arrays


def check_a_random_stack(number: int, patch: pytest.MonkeyPatch) -> None:
    drawn = random_stack(17, number, most_side=20, most_multiply_adds=500_000)
    batch_size, threads = ((1, 1), (3, 2), (16, 2), (21, 3))[number % 4]
    training = run_of(drawn, batch_size, threads)
    losses, arrays = after_some_steps(training)
    assert training.executor._last is not None, "the last step was not replayed"
    patch.setattr(executor, "may_replay", lambda *_: False)
    plain = run_of(drawn, batch_size, threads)
    expected_losses, expected = after_some_steps(plain)
    assert plain.executor._last is None
    assert losses == expected_losses, drawn.words
    for found, right in zip(arrays, expected, strict=True):
        np.testing.assert_array_equal(found, right, err_msg=drawn.words)


@pytest.mark.parametrize("number", range(8))
def test_a_run_of_a_random_stack_has_the_same_bits(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_a_random_stack(number, monkeypatch)


@pytest.mark.soak
def test_runs_of_many_random_stacks_have_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8, 500):
        with monkeypatch.context() as patch:
            check_a_random_stack(number, patch)


def test_this_twin_captures() -> None:
    pool = numerics().thread_pool(1)
    assert numerics().capture(pool) is not None
    pool.close()


def test_batches_of_several_data_sets_and_augmentations_may_take_turns() -> None:
    """A captured step reads the images of one source where they lie."""
    sets = networks.dataset(9, 1), networks.dataset(9, 2)
    change = Augmentation.of(Settings(shift=2.0), 1)
    places = np.array([4, 0, 7, 7, 1, 8, 3, 2])
    batches = [
        DatasetBatch(data, np.roll(places, turn), augmentation)
        for turn in range(4)
        for data in sets
        for augmentation in (None, change)
    ]
    net = networks.network(networks.fitting(), np.float32)
    replaying = Executor(net, "bce", threads=2)
    for each in batches:
        found, fresh = replaying.gradients(each), Executor(net, "bce", threads=2)
        assert found.loss_sum == fresh.gradients(each).loss_sum
        fresh.close()
    replaying.close()
