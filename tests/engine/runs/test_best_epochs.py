"""The best epoch of a run is kept, though epochs may be shorter than a copy of it allows."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.compute import numerics
from engine.compute.plain_numerics import PlainNumerics
from engine.runs import read_run
from engine.runs.recorder import RunRecorder
from engine.runs.store import RunStore
from engine.training.events import EpochDone
from tests.engine.runs.recordings import PATIENCE, Heard, untrained, weights_after
from tests.engine.training_runs import SETTINGS, same, training

ALL = 1e9  # as a share of the time: nothing is put off
ADAM = SETTINGS.with_changes(optimizer="adam", learning_rate=0.01)


def test_the_best_epoch_is_copied_where_there_is_no_time_for_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runs.run_writer.MOMENT_SHARE", 1e-12)
    monkeypatch.setattr("engine.runs.held_moments.MOST_HELD", 0)  # powers of two alone
    monkeypatch.setattr("engine.runs.recorder.BEST_SHARE", ALL)
    monkeypatch.setattr("engine.runs.recorder.BEST_SECONDS", 0.0)
    settings = ADAM.with_changes(epochs=7)
    losses, shares = (9, 8, 5, 7, 6, 3, 1), (0.2, 0.5, 0.9, 0.8, 0.9, 0.7, 0.8)
    best = {}
    with training(settings) as run:
        recorder = RunRecorder(RunStore(tmp_path), untrained(settings), run)
        for event in run.run():
            if isinstance(event, EpochDone):
                loss, share = losses[event.epoch - 1], shares[event.epoch - 1]
                recorder.after_epoch(replace(event, test_loss=loss, test_accuracy=share))
                best[event.epoch] = run.weights()
        recorder.end("finished")
        assert recorder.wait(PATIENCE)
    found = read_run(tmp_path / recorder.run_id)
    assert found.best_epoch == 3
    assert found.kept_epochs == (0, 1, 2, 3, 4, 7)
    assert same(weights_after(found, 3), best[3])
    assert all(found.project_after(epoch).state is not None for epoch in found.kept_epochs)


@pytest.mark.parametrize("changed", ["nothing", "the rate by hand", "the twin of new networks"])
def test_a_best_epoch_that_there_was_no_time_to_copy_is_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    usual = numerics.best_numerics()
    if changed == "the twin of new networks":
        monkeypatch.setattr(numerics, "best_numerics", lambda: PlainNumerics)
    monkeypatch.setattr("engine.runs.run_writer.MOMENT_SHARE", 1e-12)
    monkeypatch.setattr("engine.runs.held_moments.MOST_HELD", 0)  # powers of two alone
    monkeypatch.setattr("engine.runs.recorder.BEST_SHARE", 1e-12)
    settings = ADAM.with_changes(epochs=7)
    best, state, heard = {}, None, Heard()
    with training(settings) as run:
        recorder = RunRecorder(
            RunStore(tmp_path), untrained(settings), run, listener=heard.listener()
        )
        for event in run.run():
            if isinstance(event, EpochDone):
                share = 1.0 if event.epoch == 6 else 0.5
                recorder.after_epoch(replace(event, test_accuracy=share))
                if event.epoch == 6:
                    best, state = run.weights(), run.state()
                elif event.epoch == 5 and changed == "the rate by hand":
                    run.learning_rate = 0.02
        monkeypatch.setattr(numerics, "best_numerics", lambda: usual)
        recorder.end("finished")
        assert recorder.wait(PATIENCE)
    found = read_run(tmp_path / recorder.run_id)
    exact = changed != "the rate by hand"
    assert (found.best_epoch, found.state, heard.said) == (6, "finished", [])
    assert found.kept_epochs == ((0, 1, 2, 4, 6, 7) if exact else (0, 1, 2, 4, 7))
    if exact:
        assert same(weights_after(found, 6), best)
        again = found.project_after(6).state
        assert state is not None
        assert again is not None
        assert (again.updates, again.epochs_done) == (state.updates, 6)
        assert again.numerics == state.numerics
        for key, memory in state.memories.items():
            np.testing.assert_array_equal(again.memories[key], memory)
