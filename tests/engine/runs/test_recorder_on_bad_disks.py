"""Training goes on where a run cannot be recorded, or no longer, and it is said why."""

import errno
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from engine.errors import RunError
from engine.model.project import CheckpointRef
from engine.runs import read_run, run_writer
from engine.runs.prediction_files import PredictionsWriter, read_predictions
from engine.runs.recorder import RunRecorder
from engine.runs.run_writer import THREAD
from engine.runs.store import RunStore
from engine.training.events import EpochDone
from tests.engine.runs.recordings import PATIENCE, Heard, SlowStore, record, untrained
from tests.engine.training_runs import SETTINGS, same, trained, training

ALL = 1e9  # as a share of the time: nothing is put off


def test_where_no_folder_can_be_made_training_goes_on_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("in the way")
    recorded = record(tmp_path / "runs" / "below", untrained())
    (said,) = recorded.heard.said
    assert said.startswith("This training is not kept as a run.")
    assert "no folder" in said
    assert recorded.run_id == ""
    assert recorded.project.origin is None
    assert same(recorded.project.weights, trained())


def test_where_the_disk_does_not_answer_training_goes_on_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runs.recorder.DISK_SECONDS", 0.01)
    store = SlowStore(tmp_path)
    recorded = record(tmp_path, untrained(), store=store)
    (said,) = recorded.heard.said
    assert said.startswith("This training is not kept as a run. ")
    assert f"The disk of {tmp_path} does not answer" in said
    assert (recorded.run_id, recorded.project.origin) == ("", None)
    assert same(recorded.project.weights, trained())
    store.answers.set()
    (writing,) = [each for each in threading.enumerate() if each.name == THREAD]
    writing.join(PATIENCE)
    assert list(tmp_path.iterdir()) == []  # what came too late is taken away
    assert len(recorded.heard.said) == 1


def test_a_disk_that_answers_late_gets_all(tmp_path: Path) -> None:
    store = SlowStore(tmp_path)
    with training() as run:
        recorder = RunRecorder(store, untrained(), run)
        for event in run.run():
            if isinstance(event, EpochDone):
                recorder.after_epoch(event)
        recorder.end("finished")
        assert store.asked.wait(PATIENCE)
        assert list(tmp_path.iterdir()) == []
        store.answers.set()
        assert recorder.wait(PATIENCE)
        assert recorder.checkpoint == CheckpointRef(recorder.run_id, 3)
    found = read_run(tmp_path / recorder.run_id)
    assert (found.state, found.epochs, found.kept_epochs) == ("finished", 3, (0, 1, 2, 3))


@pytest.mark.parametrize(
    ("writer", "method", "calls", "epochs"),
    [(run_writer, "write_checkpoint", 2, 2), (PredictionsWriter, "append", 1, 1)],
    ids=["weights", "metrics"],
)
def test_a_disk_that_is_full_from_some_moment_on_ends_the_recording_alone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    writer: object,
    method: str,
    calls: int,
    epochs: int,
) -> None:
    write, left = getattr(writer, method), iter(range(calls))

    def full(*what: object) -> None:
        if next(left, None) is None:
            raise OSError(28, "No space left on device")
        write(*what)

    monkeypatch.setattr(writer, method, full)
    monkeypatch.setattr("engine.runs.run_writer.STATE_SHARE", ALL)
    monkeypatch.setattr("engine.runs.run_writer.WRITE_SECONDS", 0.0)
    heard = Heard()
    with training() as run:
        recorder = RunRecorder(RunStore(tmp_path), untrained(), run, listener=heard.listener())
        for event in run.run():
            if isinstance(event, EpochDone):
                if event.epoch == 2:
                    assert heard.written.acquire(timeout=PATIENCE)
                    assert heard.written.acquire(timeout=PATIENCE)
                recorder.after_epoch(event)
        recorder.end("finished")
        assert recorder.wait(PATIENCE)
        assert same(run.weights(), trained())
    (said,) = heard.said
    found = read_run(tmp_path / recorder.run_id)
    assert epochs <= found.epochs <= 3, "the line of the last epoch may have come before the fault"
    assert said.startswith(f"The run of this training is kept up to epoch {found.epochs} only;")
    assert "the disk is full" in said
    assert (found.state, found.kept_epochs) == ("stopped", (0, 1))
    assert recorder.checkpoint == CheckpointRef(recorder.run_id, found.epochs)


@pytest.mark.skipif(os.name == "nt", reason="of Unix")
def test_a_run_is_kept_where_the_disk_has_no_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    recorded = record(tmp_path, untrained())
    assert recorded.heard.said == []
    found = RunStore(tmp_path).edit(read_run(tmp_path / recorded.run_id), name="kept")
    assert (found.state, found.epochs, found.title) == ("finished", SETTINGS.epochs, "kept")


def test_a_folder_that_vanishes_ends_the_recording_alone(tmp_path: Path) -> None:
    heard = Heard()
    with training() as run:
        recorder = RunRecorder(RunStore(tmp_path), untrained(), run, listener=heard.listener())
        assert heard.written.acquire(timeout=PATIENCE)
        shutil.rmtree(tmp_path)
        for event in run.run():
            if isinstance(event, EpochDone):
                recorder.after_epoch(event)
        recorder.end("finished")
        assert recorder.wait(PATIENCE)
        assert same(run.weights(), trained())
    assert len(heard.said) == 1
    assert recorder.checkpoint is None


def test_of_epochs_that_wait_for_a_slow_disk_the_outputs_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()

    class Slow(RunStore):
        def next_number(self) -> int:
            assert answers.wait(PATIENCE)
            return super().next_number()

    size = 20 * 3 * 4  # of the outputs of an epoch
    monkeypatch.setattr("engine.runs.run_writer.MOST_WAITING", 4 * size)
    settings, said = SETTINGS.with_changes(epochs=9), []
    with training(settings) as run:
        recorder = RunRecorder(Slow(tmp_path), untrained(settings), run)
        for event in run.run():
            if isinstance(event, EpochDone):
                recorder.after_epoch(event)
                said.append(event.test.outputs.argmax(axis=1))
                assert event.test.outputs.nbytes == size
        answers.set()
        recorder.end("finished")
        assert recorder.wait(PATIENCE)
    found = read_run(tmp_path / recorder.run_id)
    assert [line.epoch for line in found.metrics] == list(range(1, 10))
    predictions = read_predictions(found.folder)
    assert predictions is not None
    assert predictions.epochs.tolist() == [1, 2, 3, 9]  # the last one tells how it ended
    np.testing.assert_array_equal(predictions.said[-1], said[-1])


def test_an_end_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path, **changes: object) -> None:
        raise RunError("Another program is changing it.")

    monkeypatch.setattr("engine.runs.run_writer.change_description", refuse)
    recorded = record(tmp_path, untrained())
    assert recorded.heard.said == [
        "The run of this training is kept up to epoch 3 only; what it learns is not lost. Another "
        "program is changing it."
    ]
    assert recorded.store.find(recorded.run_id).state == "interrupted"
