"""What ends a run before its epochs are done, and the samples that are held out to watch it."""

import numpy as np
import pytest

from engine.data import Dataset
from engine.errors import DataError
from engine.model.settings import Settings
from engine.training.evaluation import evaluate
from engine.training.events import EpochDone, Event, Finished
from engine.training.samples import split
from tests.engine.training_runs import SETTINGS, training


def run(settings: Settings, samples: int = 50) -> tuple[list[EpochDone], Finished]:
    with training(settings, samples) as made:
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


@pytest.mark.parametrize(("percent", "name"), [(0.0, "test"), (40.0, "validation")])
@pytest.mark.parametrize("patience", [1, 4])
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
