"""What a training hands over is written soon, but weights only as there is time for them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.runs import read_run
from engine.runs.caps import Caps
from engine.runs.kept_epochs import epochs_to_keep
from engine.runs.recorder import RunRecorder
from engine.runs.run_folder import is_run_folder
from engine.runs.store import RunStore
from engine.training.events import EpochDone, Exploded
from tests.engine.runs.recordings import PATIENCE, Heard, is_at, record, untrained, weights_after
from tests.engine.training_runs import SETTINGS, same, training

PARTS = "weights", "states"


def test_what_came_before_a_pause_is_written_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runs.run_writer.MOMENT_SHARE", 1.0)
    monkeypatch.setattr("engine.runs.run_writer.WRITE_SECONDS", 0.1)
    monkeypatch.setattr("engine.runs.recorder.BEST_SHARE", 1e9)
    monkeypatch.setattr("engine.runs.recorder.BEST_SECONDS", 0.0)
    settings, heard = SETTINGS.with_changes(epochs=9, optimizer="adam", learning_rate=0.01), Heard()
    losses = {1: 9.0, 2: 8.0, 3: 1.0, 4: 7.0, 5: 5.0, 6: 6.0}
    with training(settings) as run:
        recorder = RunRecorder(
            RunStore(tmp_path), untrained(settings), run, listener=heard.listener()
        )
        for event in run.run():
            if isinstance(event, EpochDone):
                loss = losses[event.epoch]
                recorder.after_epoch(replace(event, test_loss=loss, test_accuracy=0.5))
                if event.epoch == len(losses):
                    break
        folder = tmp_path / recorder.run_id

        def has_all(folder: Path) -> bool:
            found = read_run(folder)
            return found.epochs == len(losses) and {1, 2, 3, 4} <= {*found.kept_epochs}

        while not is_run_folder(folder) or not has_all(folder):
            assert heard.written.acquire(timeout=PATIENCE)
        found = read_run(folder)
        assert (found.state, found.best_epoch) == ("training", 3)
        recorder.end("stopped")
        assert recorder.wait(PATIENCE)


def test_moments_of_short_epochs_wait_for_their_share_of_the_time_as_memory_has_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runs.run_writer.MOMENT_SHARE", 1e-12)
    monkeypatch.setattr("engine.runs.recorder.BEST_SHARE", 1e-12)
    settings, heard = SETTINGS.with_changes(epochs=9, optimizer="adam", learning_rate=0.01), Heard()
    with training(settings) as run:
        learned = sum(array.nbytes for each in run.weights().values() for array in each.values())
        monkeypatch.setattr("engine.runs.held_moments.MOST_HELD", 2 * 3 * learned)  # two of Adam's
        monkeypatch.setattr("engine.runs.held_moments.LEAST_SIZE", 0)
        recorder = RunRecorder(
            RunStore(tmp_path), untrained(settings), run, listener=heard.listener()
        )
        for event in run.run():
            if isinstance(event, EpochDone):
                worse = float(event.epoch)
                recorder.after_epoch(replace(event, test_loss=worse, test_accuracy=0.5))
                if event.epoch == 8:
                    break
        folder = tmp_path / recorder.run_id
        while not is_run_folder(folder) or read_run(folder).epochs < 8:
            assert heard.written.acquire(timeout=PATIENCE)
        came_early = {3}  # before it was known that memory has no room for it
        assert {*read_run(folder).kept_epochs} - came_early == {0, 4, 8}
        recorder.end("stopped")
        assert recorder.wait(PATIENCE)
    assert {*read_run(folder).kept_epochs} - came_early == {0, 1, 2, 4, 8}


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_all_epochs_are_kept_where_there_is_room_and_time_to_copy_them(
    tmp_path: Path, optimizer: str
) -> None:
    settings = SETTINGS.with_changes(epochs=100, optimizer=optimizer, learning_rate=0.01)
    recorded = record(tmp_path, untrained(settings))
    run = recorded.store.find(recorded.run_id)
    assert run.kept_epochs == tuple(range(101))
    assert same(weights_after(run, 100), recorded.project.weights)


def test_where_there_is_less_room_all_that_the_rule_keeps_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RunStore(tmp_path)
    store.set_caps(Caps(1_000_000))
    monkeypatch.setattr("engine.runs.run_writer._FOR_MOMENTS", 0.05)
    recorded = record(tmp_path, untrained(SETTINGS.with_changes(epochs=150)), store=store)
    run = store.find(recorded.run_id)
    sizes = [
        sum((run.folder / part / f"epoch-{epoch:04}.safetensors").stat().st_size for part in PARTS)
        for epoch in run.kept_epochs
    ]
    assert run.best_epoch is not None
    ruled = epochs_to_keep(range(151), 50_000 // max(sizes), best=run.best_epoch)
    assert 10 < len(ruled) < 40
    assert {*run.kept_epochs} >= ruled
    assert sum(sizes) <= 50_000


@pytest.mark.parametrize("step", [1, 4], ids=["in its first step", "later"])
def test_the_last_good_epoch_before_an_explosion_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr("engine.runs.held_moments.MOST_HELD", 0)  # powers of two alone
    monkeypatch.setattr("engine.runs.recorder.BEST_SHARE", 1e-12)
    settings = SETTINGS.with_changes(epochs=9, optimizer="adam")
    with training(settings) as run:
        recorder = RunRecorder(RunStore(tmp_path), untrained(settings), run)
        for event in run.run():
            if isinstance(event, EpochDone):
                first = event.epoch == 1  # the best
                share = 1.0 if first else 0.5
                recorder.after_epoch(replace(event, test_accuracy=share))
                last = run.weights()
            if is_at(event, 7 + (step - 1) / 7):
                for array in run.network.arrays.values():
                    array[...] = np.nan
            if isinstance(event, Exploded):
                break
        recorder.end("failed")
        assert recorder.wait(PATIENCE)
    found = read_run(tmp_path / recorder.run_id)
    assert (found.state, found.epochs) == ("failed", 7)
    assert found.kept_epochs == (0, 1, 2, 4, 7)
    assert same(weights_after(found, 7), last)
    assert found.project_after(7).state is not None


def test_the_last_whole_epoch_of_a_run_that_was_stopped_in_its_midst_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runs.held_moments.MOST_HELD", 0)
    monkeypatch.setattr("engine.runs.recorder.BEST_SHARE", 1e-12)
    settings = SETTINGS.with_changes(epochs=9, optimizer="adam", learning_rate=0.01)
    whole = record(tmp_path / "whole", untrained(settings), stop_after=6.0)
    cut = record(tmp_path / "cut", untrained(settings), stop_after=6 + 3 / 7)
    run = cut.store.find(cut.run_id)
    assert run.kept_epochs[-1] == run.epochs == 6
    assert same(weights_after(run, 6), whole.project.weights)


def test_of_a_large_network_with_short_epochs_few_are_copied_between_the_powers_of_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runs.recorder.KEPT_SHARE", 1e-12)
    monkeypatch.setattr("engine.runs.recorder.BEST_SHARE", 1e-12)
    settings = SETTINGS.with_changes(epochs=150)
    recorded = record(tmp_path, untrained(settings))
    run = recorded.store.find(recorded.run_id)
    always = {0, *(2**power for power in range(8)), 150, run.best_epoch}
    assert always <= {*run.kept_epochs}
    assert len(run.kept_epochs) < len(always) + 10  # of 151 for which there is room
