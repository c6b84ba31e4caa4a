"""Captured steps: a run that replays its steps gives the bits of one that does each as ever."""

from contextlib import suppress
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from benchmarks.stacks import RandomStack, make_random_training, random_stack
from engine.array_types import Array
from engine.errors import InterruptedWorkError
from engine.model.settings import Settings
from engine.training import executor
from engine.training.dataset_batch import Augmentation, DatasetBatch
from engine.training.events import BatchDone, EpochDone
from engine.training.executor import Executor
from engine.training.run import Training
from tests.engine import networks
from tests.engine.marks import needs_the_compiler, when_there_is_time
from tests.engine.networks import MODERN, batch, fitting, network, summed
from tests.engine.training_runs import StopAfter, training

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


@pytest.mark.parametrize("number", [*range(4), *when_there_is_time(range(4, 500))])
def test_a_run_of_a_random_stack_has_the_same_bits(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = random_stack(17, number, most_side=20, most_multiply_adds=500_000)
    batch_size, threads = ((1, 1), (3, 2), (16, 2), (21, 3))[number % 4]
    training = run_of(drawn, batch_size, threads)
    losses, arrays = after_some_steps(training)
    assert training.executor._last is not None, "the last step was not replayed"
    monkeypatch.setattr(executor, "may_replay", lambda *_: False)
    plain = run_of(drawn, batch_size, threads)
    expected_losses, expected = after_some_steps(plain)
    assert plain.executor._last is None
    assert losses == expected_losses, drawn.words
    for found, right in zip(arrays, expected, strict=True):
        np.testing.assert_array_equal(found, right, err_msg=drawn.words)


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


# Runs whose steps are replayed, with all that comes between two steps.


SETTINGS = Settings(
    optimizer="adam",
    loss="cross_entropy",
    learning_rate=0.01,
    batch_size=16,
    epochs=6,
    classes=(0, 1, 2),
    limit=0,
)


def change(run: Training, events: int) -> None:
    """Lock blocks and take the locks off, write other weights, and watch a step."""
    slots = [layer.slot for layer in run.network.layers]
    if events == 7:
        run.lock(replace(slot, locked=place in (0, 1, 10)) for place, slot in enumerate(slots))
    elif events == 13:
        run.lock(slots)
    elif events == 15:
        weights = run.weights()
        weights[slots[0].id]["weight"][:] *= 0.5
        run.replace_weights(weights)
        run.learning_rate = 0.02
    elif events == 17:
        run.observe()


def told(threads: int) -> tuple[list[object], list[Array], int]:
    """Train over epochs whose last batch is smaller; return what was told and learned.

    And how many steps were replayed, or recorded for that.
    """
    heard: list[object] = []
    replayed = 0
    with training(SETTINGS, 40, fitting(MODERN, loss=SETTINGS.loss), threads=threads) as run:
        for number, event in enumerate(run.events(), 1):
            if isinstance(event, BatchDone):
                norms = event.statistics and [b.norms for b in event.statistics.blocks]
                heard.append((event.step, event.loss, norms))
                replayed += run.executor._last is not None
            elif isinstance(event, EpochDone):
                heard.append((event.loss, event.test_loss, event.test.outputs.tolist()))
            change(run, number)
        state = run.state()
        assert state is not None
        return heard, [*run.network.arrays.values(), *state.memories.values()], replayed


@pytest.mark.parametrize("threads", [1, 3])
def test_a_run_that_is_changed_while_it_goes_on_has_the_same_bits(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, found, replayed = told(threads)
    assert replayed == 6 * 3 - 3 * 2  # after each lock a step of each size is done anew
    monkeypatch.setattr(executor, "may_replay", lambda *_: False)
    expected_words, expected, none = told(threads)
    assert (heard, none) == (expected_words, 0)
    for array, right in zip(found, expected, strict=True):
        np.testing.assert_array_equal(array, right)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_step_that_is_interrupted_while_it_is_recorded_is_recorded_again(threads: int) -> None:
    net, drawn = network(fitting(MODERN, loss="cross_entropy"), np.float32), batch(4)
    whole = Executor(net, "cross_entropy", threads=threads)
    right = summed(whole.gradients(drawn))
    whole.close()
    stop = StopAfter(10**9)
    executor = Executor(net, "cross_entropy", threads=threads, interrupted=stop)
    executor.gradients(batch(4, seed=5))
    asked, found = 0, None
    while found is None:
        stop.left = asked = asked + 1
        with suppress(InterruptedWorkError):
            found = executor.gradients(drawn)
    stop.left = 0  # and never again
    assert asked > 2 * len(MODERN) - 3, "it was asked before each layer, forward and back"
    for _ in range(3):  # the step that was recorded, and then replayed ones
        for key, gradient in summed(found).items():
            assert np.array_equal(gradient, right[key])
        executor.gradients(batch(4, seed=6))
        found = executor.gradients(drawn)
    executor.close()
