"""Series: their runs are those that Train gives, one after the other, and each is kept."""

from collections.abc import Callable, Generator
from dataclasses import replace

import pytest

from engine.blocks import Dense, Reshape, Sigmoid
from engine.errors import SettingsError
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.model.weights import Weights
from engine.runs.recorder import RunRecorder
from engine.runs.series import (
    MOST_RUNS,
    RunEnded,
    Series,
    SeriesProgress,
    fields_to_try,
    repeated,
    suggested_values,
    train_series,
    tried,
)
from engine.training.events import EpochDone
from engine.training.run import Training
from engine.training.samples import load_samples
from tests.engine.training_runs import same

STACK = Stack().appended(Reshape(), Dense(units=3), Sigmoid(), Dense(units=2), Sigmoid())
PROJECT = Project(STACK, Settings(epochs=2, limit=4, batch_size=4, seed=5))


class Notes(RunRecorder):
    """What a series tells of one run."""

    def __init__(self, project: Project, training: Training) -> None:
        self.project, self.training = project, training
        self.epochs: list[int] = []
        self.ends: list[tuple[str, str]] = []
        self.weights: Weights = {}

    def after_epoch(self, event: EpochDone) -> None:
        self.epochs.append(event.epoch)

    def end(self, state: str, reason: str = "") -> None:
        self.ends.append((state, reason))
        self.weights = self.training.weights()


def run_all(series: Series, until: Callable[[object], bool] = lambda _: False) -> list[Notes]:
    kept: list[Notes] = []
    events = all_events(series, kept)
    for event in events:
        if until(event):
            break
    events.close()
    return kept


def all_events(
    series: Series, kept: list[Notes], kind: type[Notes] = Notes
) -> Generator[SeriesProgress | RunEnded]:
    """Train a series, whose notes are added to those kept."""

    def keep(project: Project, training: Training) -> Notes:
        kept.append(kind(project, training))
        return kept[-1]

    return train_series(series, keep, threads=1)


def trained_alone(settings: Settings) -> Weights:
    """Train as Train does after a reset."""
    project = Project(STACK, settings)
    training = Training(project.check(), settings, *load_samples(project), threads=1)
    for _ in training.run():
        pass
    training.close()
    return training.weights()


@pytest.mark.parametrize(
    "changes",
    [{"optimizer": "adam", "shift": 1.0}, {"validation_split": 25.0, "scaling": "standard"}],
    ids=["adam", "validated"],
)
def test_a_run_of_a_series_is_bit_for_bit_the_run_of_its_seed(changes: dict[str, object]) -> None:
    settings = PROJECT.settings.with_changes(**changes)
    kept = run_all(repeated(replace(PROJECT, settings=settings), 3))
    assert [notes.project.settings.seed for notes in kept] == [5, 6, 7]
    for notes in kept:
        assert same(
            notes.weights, trained_alone(settings.with_changes(seed=notes.training.settings.seed))
        )
        assert notes.epochs == [1, 2]
        assert notes.ends == [("finished", "")]
    assert not same(kept[0].weights, kept[1].weights)


def test_what_the_network_has_learned_does_not_count() -> None:
    learned = trained_alone(PROJECT.settings)
    before = {slot: {n: a.copy() for n, a in arrays.items()} for slot, arrays in learned.items()}
    kept = run_all(repeated(replace(PROJECT, weights=learned, trained_epochs=2), 1))
    assert same(kept[0].weights, before)
    assert same(learned, before)
    assert (kept[0].project.trained_epochs, kept[0].project.weights) == (0, {})


def test_values_are_tried_each_with_its_seeds() -> None:
    series = tried(PROJECT, "learning_rate", (0.01, 1.0), 2)
    assert series.name == "2 values of learning rate"
    kept = run_all(series)
    found = [(n.training.settings.learning_rate, n.training.settings.seed) for n in kept]
    assert found == [(0.01, 5), (0.01, 6), (1.0, 5), (1.0, 6)]
    assert all(same(notes.weights, trained_alone(notes.training.settings)) for notes in kept)


def test_runs_are_called_by_what_tells_them_apart() -> None:
    tries = tried(PROJECT, "optimizer", ("sgd", "adam"), 2)
    assert [tries.name_of(settings) for settings in tries.settings] == [
        *("optimizer SGD, seed 5", "optimizer SGD, seed 6"),
        *("optimizer Adam, seed 5", "optimizer Adam, seed 6"),
    ]
    for name, values, said in (
        ("learning_rate", (0.03, 0.1), ["learning rate 0.03", "learning rate 0.1"]),
        ("flip", (False, True), ["flip off", "flip on"]),
        ("limit", (0, 16), ["limit per class all", "limit per class 16"]),
    ):
        once = tried(PROJECT, name, values)
        assert [once.name_of(settings) for settings in once.settings] == said
    again = repeated(PROJECT, 2)
    assert [again.name_of(settings) for settings in again.settings] == ["seed 5", "seed 6"]


def test_a_series_that_is_given_up_leaves_what_is_done() -> None:
    kept = run_all(
        repeated(PROJECT, 4), lambda event: isinstance(event, SeriesProgress) and event.run == 1
    )
    assert [notes.ends for notes in kept] == [[("finished", "")], [("stopped", "")]]


def test_a_run_that_finds_no_memory_has_failed_and_says_so() -> None:
    class Full(Notes):
        def after_epoch(self, event: EpochDone) -> None:
            raise MemoryError("no room for 3 GB")

    kept: list[Notes] = []
    with pytest.raises(MemoryError):
        list(all_events(repeated(PROJECT, 2), kept, Full))
    assert [notes.ends for notes in kept] == [[("failed", "no room for 3 GB")]]


def test_a_run_that_explodes_is_told_and_the_next_begins() -> None:
    settings = PROJECT.settings.with_changes(loss="mse", initializer="normal")
    project = Project(Stack().appended(Reshape(), Dense(units=2)), settings)
    series = tried(project, "learning_rate", (1000.0, 0.01))
    kept: list[Notes] = []
    ended = [each for each in all_events(series, kept) if isinstance(each, RunEnded)]
    assert [notes.ends[0][0] for notes in kept] == ["failed", "finished"]
    assert "infinite or not a number" in ended[0].problem
    assert ended[1].problem == ""


def test_data_that_is_gone_ends_no_series() -> None:
    series = repeated(PROJECT, 2)
    gone = replace(
        series, settings=(series.settings[0].with_changes(dataset="/nowhere"), *series.settings[1:])
    )
    ended = [e for e in train_series(gone, Notes, threads=1) if isinstance(e, RunEnded)]
    assert "/nowhere" in ended[0].problem
    assert [bool(event.problem) for event in ended] == [True, False]


def test_progress_grows_up_to_the_end() -> None:
    events = train_series(repeated(PROJECT, 3), Notes, threads=1)
    shares = [event.fraction for event in events if isinstance(event, SeriesProgress)]
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] <= 1


@pytest.mark.parametrize(
    ("name", "values", "seeds", "expected"),
    [
        ("learning_rate", (0.1,), 1, "at least two values"),
        ("learning_rate", (0.1, 0.1), 1, "named twice"),
        ("learning_rate", (0.1, 2000.0), 1, "learning rate must be a number from 1e-08 to 1000"),
        ("learning_rate", (0.1, 0.2), MOST_RUNS, "1 to 100 runs, not 200"),
        ("loss", ("bce", "cross_entropy"), 1, "loss Categorical cross-entropy: "),
    ],
    ids=["one", "twice", "limits", "many", "unfit"],
)
def test_what_makes_no_series_is_refused(
    name: str, values: tuple[float | str, ...], seeds: int, expected: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        tried(PROJECT, name, values, seeds)
    assert expected in str(caught.value)


def test_seeds_beyond_the_last_are_refused() -> None:
    last = replace(PROJECT, settings=PROJECT.settings.with_changes(seed=2_147_483_647))
    with pytest.raises(SettingsError, match="seed must be"):
        repeated(last, 2)


def test_every_setting_of_the_form_can_be_tried_but_for_data_and_seed() -> None:
    names = {field.name for field in fields_to_try()}
    left_out = {"dataset", "classes", "seed", "drawings"}
    assert names == set(Settings.__struct_fields__) - left_out


# Suggested values: a few sensible ones of each setting, that in use among them.


NAMES = [field.name for field in fields_to_try()]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("learning_rate", (0.03, 0.1, 0.3)),
        ("batch_size", (1, 4)),
        ("epochs", (10, 20, 40)),
        ("momentum", (0.0, 0.5, 0.9)),
        ("weight_decay", (0.0, 0.0001, 0.001)),
        ("optimizer", ("sgd", "adam", "adamw")),
        ("flip", (False, True)),
        ("limit", (0, 10, 100)),
        ("step_factor", (0.1, 0.5, 1.0)),
    ],
)
def test_values_beside_the_defaults(name: str, expected: tuple[object, ...]) -> None:
    assert suggested_values(Settings(), name) == expected


@pytest.mark.parametrize(
    "changes",
    [
        *({name: getattr(Settings(), name)} for name in NAMES),
        {"learning_rate": 1000.0},
        {"learning_rate": 1e-8},
        {"epochs": 100_000},
        {"epochs": 1},
        {"test_split": 90.0},
        {"momentum": 0.7},
    ],
    ids=str,
)
def test_all_are_inside_the_limits_and_the_one_in_use_is_among_them(
    changes: dict[str, object],
) -> None:
    settings, ((name, value),) = Settings().with_changes(**changes), changes.items()
    found = suggested_values(settings, name)
    assert value in found
    assert 2 <= len(set(found)) == len(found)
    for each in found:
        settings.with_changes(**{name: each})
