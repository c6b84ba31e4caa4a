"""Runs whose steps are replayed, with all that comes between two steps."""

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest

from engine.array_types import Array
from engine.errors import InterruptedWorkError
from engine.model.settings import Settings
from engine.training.events import BatchDone, EpochDone
from engine.training.executor import Executor
from engine.training.run import Training
from tests.engine.marks import needs_the_compiler
from tests.engine.networks import MODERN, batch, fitting, network, summed
from tests.engine.training_runs import StopAfter, training

pytestmark = needs_the_compiler

SETTINGS = Settings(
    optimizer="adam",
    loss="cross_entropy",
    learning_rate=0.01,
    batch_size=16,
    epochs=8,
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
    assert replayed == 8 * 3 - 3 * 2  # after each lock a step of each size is done anew
    monkeypatch.setattr("engine.training.executor.may_replay", lambda *_: False)
    expected_words, expected, none = told(threads)
    assert (heard, none) == (expected_words, 0)
    for array, right in zip(found, expected, strict=True):
        np.testing.assert_array_equal(array, right)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_step_that_is_interrupted_while_it_is_recorded_is_recorded_again(threads: int) -> None:
    net, drawn = network(fitting(MODERN, loss="cross_entropy"), np.float32), batch(20)
    whole = Executor(net, "cross_entropy", threads=threads)
    right = summed(whole.gradients(drawn))
    whole.close()
    stop = StopAfter(10**9)
    executor = Executor(net, "cross_entropy", threads=threads, interrupted=stop)
    executor.gradients(batch(20, seed=5))
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
        executor.gradients(batch(20, seed=6))
        found = executor.gradients(drawn)
    executor.close()
