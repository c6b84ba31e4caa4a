"""Training that cannot start or go on: it says why, and never leaves a broken weight."""

import math
import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from engine.blocks import Dense, Reshape, Sigmoid, Tanh
from engine.data import Dataset
from engine.errors import DataError, TrainingError
from engine.model.network import ParameterKey
from engine.model.stack import ShapeReport, Stack
from engine.model.weights import initial_weights
from engine.training.evaluation import Evaluation, evaluate
from engine.training.events import BatchDone, EpochDone, Event, Exploded, Finished
from engine.training.executor import Executor
from engine.training.run import Training
from engine.training.warm_up import warm_up
from tests.engine.marks import needs_the_compiler
from tests.engine.networks import CLASSES, dataset, fitting
from tests.engine.training_runs import SETTINGS, all_finite, same, training
from tests.failing import failing


def explosion(events: Iterator[Event]) -> Exploded:
    found = list(events)
    assert isinstance(found[-1], Exploded), found[-1]
    return found[-1]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_weights_that_are_not_finite_stop_the_training(bad: float, threads: int) -> None:
    settings = SETTINGS.with_changes(batch_size=32)
    with training(settings, threads=threads) as run:
        before = run.weights()
        run.network.parameters[ParameterKey(3, "weight")][...] = bad
        event = explosion(run.run())
        assert (event.epoch, event.step) == (1, 1)
        assert "epoch 1, batch 1" in event.fault
        assert "the weight of block 3 (Conv 2, 3×3)" in event.fault
        assert "learning rate" in event.fault
        assert same(run.weights(), before), "the last finite weights"


def test_an_explosion_goes_back_to_the_last_checkpoint_that_was_asked_for() -> None:
    weight = ParameterKey(3, "weight")
    with training() as run:
        events = run.run()
        next(events)
        kept = run.checkpoint()
        assert kept is not None
        assert same(kept, run.weights())
        next(events)
        run.network.parameters[weight][0] = np.nan
        assert run.checkpoint() is None
        explosion(events)
        assert same(run.weights(), kept)
        assert run.position == 1 / 7, "the kept ones are those after one step of seven"


@pytest.mark.parametrize("part", ["test", "validation"])
def test_an_epoch_with_a_loss_that_is_not_finite_is_an_explosion(
    monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    with training(SETTINGS.with_changes(validation_split=20.0)) as run:

        def spoilt(executor: Executor, samples: Dataset) -> Evaluation:
            found = evaluate(executor, samples)
            return replace(found, loss=math.inf) if samples is getattr(run, part) else found

        monkeypatch.setattr("engine.training.run.evaluate", spoilt)
        assert "the loss became infinite" in explosion(run.run()).fault


def straight(loss: str = "mse") -> ShapeReport:
    """A network that nothing holds back: no squeezing anywhere."""
    return fitting([Reshape(), Dense(units=8), Dense(units=CLASSES)], loss=loss)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("batch_size", [1, 40])
def test_a_learning_rate_far_too_high_stops_the_training(
    monkeypatch: pytest.MonkeyPatch, batch_size: int, threads: int
) -> None:
    # Else, after a step that is held up for long, weights that are nearly infinite are copied.
    monkeypatch.setattr("engine.training.run.CHECKPOINT_SECONDS", math.inf)
    settings = SETTINGS.with_changes(loss="mse", batch_size=batch_size, epochs=40)
    with training(settings, report=straight(), threads=threads) as run:
        run.learning_rate = 1e8
        events = list(run.run())
        event = explosion(iter(events))
        for done in events:
            if isinstance(done, EpochDone):
                assert math.isfinite(done.test_loss), "never drawn as if nothing had happened"
            if isinstance(done, BatchDone):
                assert math.isfinite(done.loss)
        assert f"epoch {event.epoch}, batch {event.step}" in event.fault
        assert "of block" in event.fault or "the loss" in event.fault
        assert "1e+08" in event.fault
        assert all_finite(run.weights())
        run.learning_rate = 0.01
        following = list(run.run())
        assert isinstance(following[-1], Finished), "one may train on"


def test_what_cannot_be_trained_is_refused() -> None:
    nine, two, report = dataset(9), dataset(9).select([0, 1]), fitting()
    kept = initial_weights(report, 0, "lecun")
    kept[6]["bias"][0] = np.nan  # from which no finite ones come
    tanh = Stack(input_shape=(1, 6, 6)).appended(Reshape(), Dense(units=3), Tanh())
    huge = Stack(input_shape=(1_000_000,)).appended(Dense(units=100_000), Sigmoid())
    large = fitting([Reshape(), Dense(units=3), Sigmoid()], (1, 28, 28))
    for stack, training_data, test, weights, words in (
        (report, nine, nine, kept, r"the bias of block 6 \(Dense 5\)"),
        (tanh.check(3, "bce"), nine, nine, None, r"Block 3 \(Tanh\)"),
        (huge.check(100_000, "bce"), nine, nine, None, "parameters"),
        (large, nine, nine, None, r"1×28×28.*1×6×6"),
        (report, two, nine, None, r"3 classes.*2"),
        (report, nine, two, None, r"3 classes.*2"),
    ):
        with pytest.raises((TrainingError, DataError), match=words):
            Training(stack, SETTINGS, training_data, test, weights)


@pytest.mark.parametrize("step", ["engine.training.run.Optimizer", "engine.training.run.Locks"])
def test_a_training_that_finds_no_memory_leaves_no_thread(
    monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = threading.active_count()
    monkeypatch.setattr(step, failing(MemoryError()))
    with pytest.raises(MemoryError), training(threads=3):
        pass
    assert threading.active_count() == before


def test_in_plain_numpy_nothing_is_warmed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.training.warm_up.compiles", lambda: False)
    monkeypatch.setattr("engine.training.warm_up.Network", lambda *_: pytest.fail("it trains"))
    warm_up.__wrapped__()


@needs_the_compiler
def test_a_warm_up_that_fails_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    before = threading.active_count()
    monkeypatch.setattr("engine.training.warm_up.Optimizer", failing(MemoryError()))
    with pytest.raises(MemoryError):
        warm_up.__wrapped__()
    assert threading.active_count() == before
