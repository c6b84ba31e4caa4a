"""Training as a run of events: the same every time, and right after every stop and failure."""

import itertools
import math
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from msgspec import structs

from engine.array_types import Array
from engine.blocks import Dense, KnownBlock, Reshape, Sigmoid, Tanh
from engine.data import Dataset, load
from engine.errors import DataError, TrainingError
from engine.model.network import ParameterKey
from engine.model.settings import Settings
from engine.model.stack import ShapeReport, Stack
from engine.model.templates import digits
from engine.model.weights import Weights, initial_weights
from engine.training.evaluation import Evaluation, evaluate
from engine.training.events import BatchDone, EpochDone, Event, Exploded, Finished, Interrupted
from engine.training.executor import Executor
from engine.training.run import Training
from engine.training.samples import split
from engine.training.warm_up import warm_up
from tests.engine import oracles
from tests.engine.closeness import relative_error
from tests.engine.marks import needs_the_compiler
from tests.engine.networks import BLOCKS, CLASSES, MODERN, dataset, fitting, predict
from tests.engine.training_runs import SETTINGS, StopAfter, all_finite, same, trained, training
from tests.failing import failing

# The events


def test_the_events_of_a_run_tell_its_whole_story() -> None:
    with training(samples=20) as run:
        events = list(run.run())
    kinds = [type(event) for event in events]
    assert kinds == ([BatchDone] * 3 + [EpochDone]) * 3 + [Finished]
    batches = [event for event in events if isinstance(event, BatchDone)]
    assert [(b.epoch, b.step, b.steps, b.samples) for b in batches[:4]] == [
        (1, 1, 3, 8),
        (1, 2, 3, 8),
        (1, 3, 3, 4),
        (2, 1, 3, 8),
    ]
    assert [b.position for b in batches] == pytest.approx([k / 3 for k in range(1, 10)])
    epochs = [event for event in events if isinstance(event, EpochDone)]
    assert [(e.epoch, e.epochs) for e in epochs] == [(1, 3), (2, 3), (3, 3)]
    for k, epoch in enumerate(epochs):
        own = batches[3 * k : 3 * k + 3]
        assert epoch.loss == pytest.approx(sum(b.loss * b.samples for b in own) / 20)
        assert 0 <= epoch.accuracy <= 1
        assert epoch.seconds > 0
        assert epoch.samples_per_second == pytest.approx(20 / epoch.seconds)
        assert epoch.test.samples == 20
        assert (epoch.test_loss, epoch.test_accuracy) == (epoch.test.loss, epoch.test.accuracy)
    assert events[-1] == Finished(3)


def test_the_test_of_an_epoch_counts_what_the_network_says() -> None:
    with training() as run:
        last = [event for event in run.run() if isinstance(event, EpochDone)][-1]
        data = run.test
        outputs = predict(run.network, data.batch_inputs(slice(None)))
        targets = data.batch_targets(slice(None))
        again = evaluate(run.executor, data)
    right = [int(y.argmax()) == label for y, label in zip(outputs, data.labels, strict=True)]
    assert last.test_accuracy == sum(right) / 20
    losses = [
        oracles.bce(y.astype(np.float64), t.astype(np.float64))
        for y, t in zip(outputs, targets, strict=True)
    ]
    assert last.test_loss == pytest.approx(sum(losses) / 20, rel=1e-5)
    assert last.test.confusion.counts.sum() == 20
    for true, taken in itertools.product(range(CLASSES), repeat=2):
        count = sum(
            label == true and int(y.argmax()) == taken
            for y, label in zip(outputs, data.labels, strict=True)
        )
        assert last.test.confusion.counts[true, taken] == count
    assert np.array_equal(again.outputs, last.test.outputs)
    with pytest.raises(ValueError, match="read-only"):
        last.test.outputs[0, 0] = 1


def test_a_file_that_names_other_numerics_is_quoted_in_one_line() -> None:
    with training() as run:
        state = run.state()
    assert state is not None
    with training(state=structs.replace(state, numerics="a\n\n\x1b[2Jb")) as run:
        assert run.note.startswith(
            "So far this network was trained in a\ufffd\ufffd\ufffd[2Jb, from"
        )


def test_every_sample_is_seen_once_an_epoch_in_another_order_each_time() -> None:
    """With next to no learning rate, each sample gives itself away by its loss."""
    settings = SETTINGS.with_changes(batch_size=1, learning_rate=1e-8)
    with training(settings, threads=1) as run:
        outputs = predict(run.network, run.train.batch_inputs(slice(None)))
        targets = run.train.batch_targets(slice(None))
        losses = [event.loss for event in run.run() if isinstance(event, BatchDone)]
    own = [
        oracles.bce(y.astype(np.float64), t.astype(np.float64))
        for y, t in zip(outputs, targets, strict=True)
    ]
    epochs = [losses[start : start + 50] for start in (0, 50, 100)]
    for epoch in epochs:
        assert sorted(epoch) == pytest.approx(sorted(own), rel=1e-5)
        assert epoch != pytest.approx(own, rel=1e-5), "shuffled"
    for one, other in itertools.combinations(epochs, 2):
        assert one != pytest.approx(other, rel=1e-5)


# The same again


MODERN_SETTINGS = SETTINGS.with_changes(
    loss="cross_entropy", optimizer="adam", learning_rate=0.01, batch_size=20, schedule="cosine"
)


@pytest.mark.parametrize(
    ("blocks", "settings", "threads"),
    [
        (BLOCKS, SETTINGS.with_changes(batch_size=1), 3),
        (MODERN, MODERN_SETTINGS.with_changes(epochs=2), 1),
        (MODERN, MODERN_SETTINGS.with_changes(epochs=2), 3),
    ],
    ids=["notebook, 3", "modern, 1", "modern, 3"],
)
def test_the_same_seed_gives_the_same_bits(
    blocks: tuple[KnownBlock, ...], settings: Settings, threads: int
) -> None:
    report = fitting(blocks, loss=settings.loss)
    first, again, other = (
        trained(settings.with_changes(seed=seed), report=report, threads=threads)
        for seed in (4, 4, 5)
    )
    assert same(first, again)
    assert not same(first, other)
    drawn = initial_weights(report, 4, "lecun")
    for slot, arrays in drawn.items():
        for name, array in arrays.items():
            assert not np.array_equal(first[slot][name], array), (slot, name)


@pytest.mark.parametrize(("threads", "asked"), [(1, 16), (1, 150), (2, 1), (2, 50)])
def test_an_interruption_leaves_no_trace_in_what_is_remembered(threads: int, asked: int) -> None:
    report = fitting(MODERN, loss="cross_entropy")
    right = trained(MODERN_SETTINGS, report=report, threads=threads)
    stop = StopAfter(asked)
    with training(MODERN_SETTINGS, report=report, threads=threads, interrupted=stop) as run:
        before = run.weights()
        for event in run.run():
            if isinstance(event, Interrupted):
                assert same(run.weights(), before)
            before = run.weights()
        assert stop.left < 0
        assert isinstance(event, Finished)
        assert same(run.weights(), right)


@pytest.mark.parametrize("batch_size", [1, 16])
def test_looking_while_it_learns_changes_nothing(batch_size: int) -> None:
    settings = SETTINGS.with_changes(batch_size=batch_size, epochs=5)
    right = trained(settings, threads=2)
    with training(settings, threads=2) as run:
        inputs = run.test.batch_inputs(slice(None))
        done, looks = threading.Event(), []

        def look() -> None:
            while not done.is_set():
                maps = run.network.activations(inputs[:1])
                predict(run.network, inputs)
                run.weights()
                looks.append(len(maps))

        looker = threading.Thread(target=look)
        looker.start()
        try:
            events = list(run.run())
        finally:
            done.set()
            looker.join()
        assert isinstance(events[-1], Finished)
        assert len(looks) > 1
        assert same(run.weights(), right)


# By hand


@pytest.mark.parametrize(
    ("changes", "factors"),
    [
        ({"schedule": "constant"}, [1, 1, 1, 1]),
        ({"schedule": "step", "step_epochs": 2, "step_factor": 0.1}, [1, 1, 0.1, 0.1]),
        ({"schedule": "cosine"}, [1, 0.8535534, 0.5, 0.1464466]),  # (1 + cos(k π/4)) / 2
    ],
)
def test_the_schedule_counts_from_the_start_of_the_run(
    changes: dict[str, object], factors: list[float]
) -> None:
    """With all samples in one batch, the step is known up to its length: the gradient's own."""
    settings = SETTINGS.with_changes(batch_size=100, epochs=4, **changes)
    with training(settings, samples=30, threads=1, first_epoch=7) as run:
        events, found = run.run(), []
        for _ in factors:
            before = doubles(run.weights())
            gradients = differentiate(before, run.train, tuple(range(30)), "bce").gradients
            while not isinstance(next(events), EpochDone):
                pass
            after = doubles(run.weights())
            step, slope = (
                np.concatenate([a.ravel() for one in arrays for a in one.values()])
                for arrays in (
                    [{n: a[n] - b[n] for n in a} for a, b in zip(before, after, strict=True)],
                    gradients,
                )
            )
            found.append(float(step @ slope / (slope @ slope)))
    assert found == pytest.approx([0.5 * factor for factor in factors], rel=1e-3)


@pytest.mark.parametrize(
    ("loss", "rates"), [("bce", [0.7, 0.7]), ("mse", [0.7, 0.7]), ("bce", [0.5, 0.03])]
)
def test_each_step_is_the_one_that_the_loops_do_at_the_rate_that_was_set_before_it(
    loss: str, rates: list[float]
) -> None:
    """The steps of one epoch over 4 samples, of which the loss of each step tells the two."""
    settings = SETTINGS.with_changes(loss=loss, batch_size=2, epochs=1)
    with training(settings, samples=4, threads=1) as run:
        expected, events = doubles(run.weights()), run.run()
        left = set(range(4))
        for rate in rates:
            run.learning_rate = rate
            event = next(events)
            assert isinstance(event, BatchDone)
            pair = pair_of_loss(expected, run.train, left, settings.loss, event.loss)
            left -= set(pair)
            descend(expected, run.train, pair, settings.loss, rate)
            check_weights(run.weights(), expected)
        assert not left


def pair_of_loss(
    parameters: list[dict[str, Array]], data: Dataset, left: set[int], loss: str, value: float
) -> tuple[int, int]:
    """Find the two samples whose mean loss this is."""
    found = [
        pair
        for pair in itertools.combinations(sorted(left), 2)
        if differentiate(parameters, data, pair, loss).loss == pytest.approx(value, rel=1e-5)
    ]
    assert len(found) == 1
    return found[0]


def doubles(weights: Weights) -> list[dict[str, Array]]:
    """The weights in float64, one entry a block of BLOCKS."""
    return [
        {name: array.astype(np.float64) for name, array in weights.get(slot, {}).items()}
        for slot in range(1, len(BLOCKS) + 1)
    ]


def differentiate(
    parameters: list[dict[str, Array]], data: Dataset, indices: tuple[int, ...], loss: str
) -> oracles.Differentiated:
    """Run some samples through the loops."""
    inputs = data.images[list(indices)].astype(np.float64) / 255
    targets = np.array([[float(c == data.labels[i]) for c in range(CLASSES)] for i in indices])
    return oracles.differentiate(BLOCKS, parameters, inputs, targets, loss)


def descend(
    parameters: list[dict[str, Array]],
    data: Dataset,
    indices: tuple[int, ...],
    loss: str,
    learning_rate: float,
) -> None:
    """Do one step W ← W - η ∂E/∂W by the loops."""
    found = differentiate(parameters, data, indices, loss)
    for own, gradients in zip(parameters, found.gradients, strict=True):
        for name in own:
            own[name] -= learning_rate * gradients[name]


def check_weights(weights: Weights, expected: list[dict[str, Array]]) -> None:
    for slot, own in enumerate(expected, start=1):
        for name, array in own.items():
            assert relative_error(weights[slot][name], array) <= 1e-5, (slot, name)


# Stopped and gone on


def test_a_wish_that_lasts_is_answered_again_and_again() -> None:
    stop = threading.Event()
    with training(interrupted=stop.is_set) as run:
        events = run.run()
        assert isinstance(next(events), BatchDone)
        stop.set()
        assert [next(events) for _ in range(3)] == [Interrupted()] * 3
        stop.clear()
        following = next(events)
        assert isinstance(following, BatchDone)
        assert following.step == 2


@pytest.mark.parametrize("pulled", [3, 7, 8])
def test_closing_the_events_keeps_the_weights(pulled: int) -> None:
    with training() as run:
        events = run.run()
        for _ in range(pulled):
            next(events)
        kept = run.weights()
        events.close()  # type: ignore[attr-defined]
        assert same(run.weights(), kept)
        assert all_finite(kept)
        assert run.epochs_done == pulled // 8, "7 steps and the test of the epoch"
        remaining = [event for event in run.run() if isinstance(event, EpochDone)]
        assert remaining[-1].epoch == 3


# An epoch tells the learning rates that its steps were made with.


def test_an_epoch_tells_the_rates_that_its_steps_were_made_with() -> None:
    rates = iter([1.0, 2.0, 2.0, 2.0, 0.3, 0.2, 7.0, 7.0, 7.0])  # one for each step, set before it
    found = []
    with training(samples=20) as run:
        run.learning_rate = next(rates)
        for event in run.run():
            if isinstance(event, EpochDone):
                found.append((event.learning_rate, event.lowest_rate))
            elif isinstance(event, BatchDone):
                run.learning_rate = next(rates, 9.0)
    assert found == [(2.0, 1.0), (2.0, 0.2), (7.0, 7.0)], "none of the test, nor of the next epoch"


def test_an_epoch_that_was_stopped_within_tells_the_rates_of_before_too() -> None:
    with training(samples=20) as run:
        next(run.run())
        weights, state = run.weights(), run.state()
    settings = SETTINGS.with_changes(learning_rate=9.0)
    with training(settings, samples=20, kept=weights, state=state) as run:
        done = [event for event in run.run() if isinstance(event, EpochDone)]
    assert [(each.learning_rate, each.lowest_rate) for each in done] == [
        (9.0, SETTINGS.learning_rate),
        *[(9.0, 9.0)] * 2,
    ]


def explosion(events: Iterator[Event]) -> Exploded:
    found = list(events)
    assert isinstance(found[-1], Exploded), found[-1]
    return found[-1]


@pytest.mark.parametrize(("bad", "threads"), [(np.inf, 1), (np.nan, 2)])
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


@pytest.mark.parametrize(("batch_size", "threads"), [(1, 1), (40, 2)])
def test_a_learning_rate_far_too_high_stops_the_training(
    monkeypatch: pytest.MonkeyPatch, batch_size: int, threads: int
) -> None:
    # Else, after a step that is held up for long, weights that are nearly infinite are copied.
    monkeypatch.setattr("engine.training.run.CHECKPOINT_SECONDS", math.inf)
    settings = SETTINGS.with_changes(loss="mse", batch_size=batch_size, epochs=20)
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


def test_the_digits_template_learns_from_the_first_click() -> None:
    project = digits()
    settings = project.settings.with_changes(epochs=1, limit=300)
    train, test = load("mnist", settings.classes, settings.limit)
    test = test.take(np.arange(0, len(test), 4))
    with closing(Training(project.check(), settings, train, test)) as run:
        (epoch,) = [event for event in run.run() if isinstance(event, EpochDone)]
    assert epoch.test_accuracy >= 0.6, "of 3,000 of the 10,000 images"


def run(settings: Settings, samples: int = 50) -> tuple[list[EpochDone], Finished]:
    with training(settings, samples, threads=1) as made:
        events: list[Event] = list(made.run())
        last = events[-1]
        assert isinstance(last, Finished)
        assert made.epochs_done == last.epochs
    return [event for event in events if isinstance(event, EpochDone)], last


# The validation split


def numbered(samples: int) -> Dataset:
    """A data set whose images tell their place in it."""
    images = np.repeat(np.arange(samples, dtype=np.uint8), 36).reshape(samples, 6, 6)
    return Dataset.from_numbers(images, np.arange(samples, dtype=np.uint8) % 3, "numbered")


def places(data: Dataset) -> list[int]:
    found: list[int] = data.images[:, 0, 0, 0].tolist()
    return found


@pytest.mark.parametrize(
    ("percent", "kept"), [(10.0, 20), (33.3, 67), (0.5, 1), (90.0, 180), (25.0, 50)]
)
def test_a_split_keeps_its_share_apart_and_loses_no_sample(percent: float, kept: int) -> None:
    whole = numbered(200)
    train, validation = split(whole, SETTINGS.with_changes(validation_split=percent))
    assert validation is not None
    assert (len(train), len(validation)) == (200 - kept, kept)
    assert sorted(places(train) + places(validation)) == list(range(200))
    for part in (train, validation):
        assert part.classes == whole.classes
        assert part.labels.tolist() == [place % 3 for place in places(part)]


def test_without_a_split_all_samples_are_trained_on() -> None:
    whole = numbered(9)
    assert split(whole, SETTINGS) == (whole, None)
    with training() as made:
        assert made.validation is None
    assert all(epoch.validation is None for epoch in run(SETTINGS)[0])


@pytest.mark.parametrize(("samples", "percent"), [(3, 1.0), (1, 50.0), (2, 90.0), (40, 1.0)])
def test_a_split_that_leaves_nothing_is_refused(samples: int, percent: float) -> None:
    with pytest.raises(DataError) as caught:
        split(numbered(samples), SETTINGS.with_changes(validation_split=percent))
    assert f"{percent:g} %" in str(caught.value)
    assert f"{samples} training samples" in str(caught.value)


def test_an_epoch_counts_only_what_it_trained_on_and_watches_the_rest() -> None:
    with training(SETTINGS.with_changes(validation_split=20.0)) as made:
        last = [event for event in made.run() if isinstance(event, EpochDone)][-1]
        assert made.validation is not None
        again = evaluate(made.executor, made.validation)
        assert last.validation is not None
        assert last.watched is last.validation
        assert last.validation.samples == 10
        assert last.samples_per_second == pytest.approx(40 / last.seconds)
        assert (last.validation.loss, last.validation.accuracy) == (again.loss, again.accuracy)
        assert last.validation.loss != last.test_loss


# Early ends


def test_a_run_that_ends_in_time_has_no_reason() -> None:
    assert run(SETTINGS)[1] == Finished(3, "")
    patient = SETTINGS.with_changes(early_stopping=50, target_accuracy=100.0, epochs=2)
    epochs, last = run(patient.with_changes(learning_rate=0.001))
    assert (last, len(epochs)) == (Finished(2, ""), 2)


@pytest.mark.parametrize(("percent", "name"), [(0.0, "test"), (40.0, "validation")])
def test_a_reached_target_ends_the_run(percent: float, name: str) -> None:
    settings = SETTINGS.with_changes(
        epochs=200, learning_rate=2.0, target_accuracy=90.0, validation_split=percent
    )
    epochs, last = run(settings)
    accuracies = [epoch.watched.accuracy for epoch in epochs]
    assert [accuracy >= 0.9 for accuracy in accuracies] == [False] * (len(epochs) - 1) + [True]
    assert 1 < last.epochs == len(epochs) < 200
    assert last.reason == (
        f"The {name} accuracy of {100 * accuracies[-1]:.2f} % reached the target in epoch "
        f"{len(epochs)}."
    )


@pytest.mark.parametrize(
    ("percent", "name", "patience"), [(0.0, "test", 4), (40.0, "validation", 1)]
)
def test_a_loss_that_falls_no_more_ends_the_run(percent: float, name: str, patience: int) -> None:
    settings = SETTINGS.with_changes(
        epochs=500, learning_rate=8.0, early_stopping=patience, validation_split=percent
    )
    epochs, last = run(settings)
    losses = [epoch.watched.loss for epoch in epochs]
    best = min(range(len(losses)), key=losses.__getitem__) + 1
    assert last.epochs == len(epochs) == best + patience < 500
    assert last.reason == (
        f"The {name} loss was lowest in epoch {best} ({min(losses):.4g}) and not lower in the "
        f"{patience} epochs since."
    )
    # It would have ended sooner, had the loss rested so long before.
    lowest = np.minimum.accumulate(losses[:best])
    rests = [epoch for epoch in range(patience, best) if lowest[epoch] == lowest[epoch - patience]]
    assert rests == []


def test_a_run_that_ended_early_may_go_on() -> None:
    settings = SETTINGS.with_changes(target_accuracy=1.0)
    with training(settings) as made:
        events = list(made.run())
        assert isinstance(events[-1], Finished)
        done = made.epochs_done
        assert done < 3
        following = list(made.run())
        assert isinstance(following[-1], Finished)
        assert made.epochs_done > done


def test_the_log_says_finished_though_no_event_is_asked_for_after_the_last(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    with training(SETTINGS, 50) as made:
        events = made.run()
        while not isinstance(next(events), Finished):
            pass
        events.close()  # type: ignore[attr-defined]
    assert caplog.messages[-1].endswith(": finished")
