"""Start, last, best, bookmarked epochs and powers of two are kept, each to go on from exactly."""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.weights import Weights
from engine.runs import Run, read_run
from engine.runs.checkpoint_files import epochs_to_keep
from engine.runs.run_folder import is_run_folder
from engine.runs.store import RunStore, change_description
from engine.training.best_epoch import LOWEST_KEY, RankingKey
from engine.training.events import EpochDone, Exploded
from tests.engine.runs.recordings import (
    PATIENCE,
    Recording,
    is_at,
    record,
    recording,
    untrained,
)
from tests.engine.training_runs import SETTINGS, same

ALL, NOTHING = 1e9, 1e-12  # as shares of the time
ADAM = SETTINGS.with_changes(epochs=20, optimizer="adam", learning_rate=0.01)


@given(
    st.sets(st.integers(1, 1_000), max_size=40),
    st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=41, max_size=41),
)
def test_of_the_kept_epochs_none_but_old_last_and_best_ones_go(
    epochs: set[int], accuracies: list[float]
) -> None:
    keys = {0: LOWEST_KEY}
    for epoch, accuracy in zip(sorted(epochs), accuracies, strict=False):
        keys[epoch] = RankingKey(True, False, accuracy, 0.0)
    best = max(keys.values())
    powers = {2**power for power in range(10)} & keys.keys()
    first_best = min(epoch for epoch in keys if keys[epoch] == best)
    assert epochs_to_keep(keys) == {0, max(keys), first_best, *powers}


def train(
    made: Recording, accuracies: Mapping[int, float], *, wait: bool = False
) -> dict[int, Weights]:
    """Train with made-up accuracies; return the weights after each epoch.

    If wished, wait after each epoch until it is in its run.
    """
    weights = {0: made.training.weights()}
    for event in made.epochs(accuracies):
        weights[event.epoch] = made.training.weights()
        while wait and event.epoch not in kept_in(made):
            assert made.heard.written.acquire(timeout=PATIENCE)
    return weights


def kept_in(made: Recording) -> tuple[int, ...]:
    folder = made.store.folder / made.run_id
    return made.kept.kept_epochs if is_run_folder(folder) else ()


def check_exact(run: Run, weights: Mapping[int, Weights]) -> None:
    for epoch in run.kept_epochs:
        assert same(run.project_after(epoch).weights, weights[epoch])
        assert run.project_after(epoch).state is not None
    assert len(list((run.folder / "states").iterdir())) == len(run.kept_epochs)


@pytest.mark.parametrize("each_is_written", [True, False], ids=["each is written", "most wait"])
def test_old_last_and_best_epochs_go_when_the_next_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, each_is_written: bool
) -> None:
    share = ALL if each_is_written else NOTHING
    monkeypatch.setattr("engine.runs.run_writer.STATE_SHARE", share)
    monkeypatch.setattr("engine.runs.run_writer.WRITE_SECONDS", 0.0)
    with recording(RunStore(tmp_path), untrained(ADAM)) as made:
        weights = train(made, {3: 0.2, 7: 0.9, 12: 0.9}, wait=each_is_written)
    found = made.kept
    assert found.best_epoch == 7
    assert found.kept_epochs == (0, 1, 2, 4, 7, 8, 16, 20)
    check_exact(found, weights)
    assert made.heard.said == []


def test_without_time_for_copies_powers_of_two_and_the_last_epoch_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runs.recorder.COPY_SHARE", NOTHING)
    with recording(RunStore(tmp_path), untrained(ADAM)) as made:
        weights = train(made, {7: 0.9})
    assert made.kept.kept_epochs == (0, 1, 2, 4, 8, 16, 20)
    check_exact(made.kept, weights)


def test_what_came_before_a_pause_is_written_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runs.run_writer.STATE_SHARE", 1.0)
    monkeypatch.setattr("engine.runs.run_writer.WRITE_SECONDS", 0.1)
    with recording(RunStore(tmp_path), untrained(ADAM)) as made:
        for _ in islice(made.epochs({3: 1.0}), 6):
            pass
        while not {0, 1, 2, 3, 4, 6} <= {*kept_in(made)}:
            assert made.heard.written.acquire(timeout=PATIENCE)
        found = made.kept
        assert (found.state, found.epochs, found.best_epoch) == ("training", 6, 3)


def test_a_bookmarked_epoch_stays_and_one_that_somebody_reads_where_it_must(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runs.run_writer.STATE_SHARE", ALL)
    monkeypatch.setattr("engine.runs.run_writer.WRITE_SECONDS", 0.0)
    unlink = Path.unlink

    def guarded(path: Path, missing_ok: bool = False) -> None:
        if path.name == "epoch-0006.safetensors":
            raise PermissionError(13, "used by another process")
        if path.name == "epoch-0003.safetensors":
            assert 3 in read_run(path.parent.parent).bookmarks
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", guarded)
    with recording(RunStore(tmp_path), untrained(ADAM)) as made:
        for event in made.epochs({1: 1.0}):
            while event.epoch not in kept_in(made):
                assert made.heard.written.acquire(timeout=PATIENCE)
            if event.epoch == 3:
                change_description(made.kept.folder, bookmarks=(3,))
    assert made.kept.kept_epochs == (0, 1, 2, 3, 4, 6, 8, 16, 20)
    assert made.kept.project_after(6).state is not None
    assert made.heard.said == []


@pytest.mark.parametrize("step", [1, 4], ids=["in its first step", "later"])
def test_the_last_good_epoch_before_an_explosion_is_kept(tmp_path: Path, step: int) -> None:
    with recording(RunStore(tmp_path), untrained(ADAM)) as made:
        made.state = "failed"
        for event in made.events({1: 1.0}):
            if isinstance(event, EpochDone):
                last = made.training.weights()
            if is_at(event, 7 + (step - 1) / 7):
                for array in made.training.network.arrays.values():
                    array[...] = np.nan
            if isinstance(event, Exploded):
                break
    found = made.kept
    assert (found.state, found.epochs) == ("failed", 7)
    assert found.kept_epochs == (0, 1, 2, 4, 7)
    assert same(found.project_after(7).weights, last)
    assert found.project_after(7).state is not None


def test_the_last_whole_epoch_of_a_run_that_was_stopped_in_its_midst_is_kept(
    tmp_path: Path,
) -> None:
    whole = record(tmp_path / "whole", untrained(ADAM), stop_after=6.0)
    run = record(tmp_path / "cut", untrained(ADAM), stop_after=6 + 3 / 7).kept
    assert run.kept_epochs[-1] == run.epochs == 6
    assert same(run.project_after(6).weights, whole.project.weights)
