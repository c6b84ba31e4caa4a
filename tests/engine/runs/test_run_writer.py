"""What a training hands over is written soon, but weights only as there is time for them."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.runs import read_run
from engine.runs.recorder import RunRecorder
from engine.runs.run_folder import is_run_folder
from engine.runs.store import RunStore
from engine.training.run import EpochDone
from tests.engine.runs.recordings import PATIENCE, Heard, untrained
from tests.engine.training_runs import SETTINGS, training


def test_what_came_before_a_pause_is_written_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runs.run_writer.MOMENT_SHARE", 1.0)
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
                recorder.after_epoch(replace(event, test_loss=losses[event.epoch]))
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
    settings, heard = SETTINGS.with_changes(epochs=9, optimizer="adam", learning_rate=0.01), Heard()
    with training(settings) as run:
        learned = sum(array.nbytes for each in run.weights().values() for array in each.values())
        monkeypatch.setattr("engine.runs.run_writer.MOST_HELD", 2 * 3 * learned)  # two of Adam's
        recorder = RunRecorder(
            RunStore(tmp_path), untrained(settings), run, listener=heard.listener()
        )
        for event in run.run():
            if isinstance(event, EpochDone):
                recorder.after_epoch(replace(event, test_loss=float(event.epoch)))
                if event.epoch == 8:
                    break
        folder = tmp_path / recorder.run_id
        while not is_run_folder(folder) or read_run(folder).epochs < 8:
            assert heard.written.acquire(timeout=PATIENCE)
        assert read_run(folder).kept_epochs == (0, 4, 8)
        recorder.end("stopped")
        assert recorder.wait(PATIENCE)
    assert read_run(folder).kept_epochs == (0, 1, 2, 4, 8)
