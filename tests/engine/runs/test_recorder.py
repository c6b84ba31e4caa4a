"""A training that is recorded leaves a run folder, and is not disturbed, whatever happens to it."""

import errno
import json
import os
import random
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.compute.numerics import numerics_in_words
from engine.data.dataset import fingerprint
from engine.errors import RunError
from engine.files import open_project, save_project
from engine.inputs.drawings import Drawing
from engine.machine.file_lock import is_locked
from engine.model.project import CheckpointRef, Project
from engine.runs import open_run, read_run, run_writer
from engine.runs.checkpoint_files import STATES, epoch_file
from engine.runs.prediction_files import PredictionsWriter, read_predictions
from engine.runs.recorder import UNNAMED, RunNames
from engine.runs.run_folder import RECORDING, Run
from engine.runs.run_writer import THREAD
from engine.runs.store import RunStore
from engine.training.events import BatchDone
from tests.engine.files.mutants import damage
from tests.engine.networks import BLOCKS, MODERN, dataset, fitting
from tests.engine.runs.folders import write_run
from tests.engine.runs.recordings import PATIENCE, SlowStore, record, recording, untrained
from tests.engine.training_runs import SETTINGS, same, trained
from tests.failing import failing, os_error

ALL = 1e9  # as a share of the time: nothing is put off


def test_a_run_is_recorded_whole(tmp_path: Path) -> None:
    recorded = record(tmp_path, untrained(), names=RunNames(file_name="Zahlen & Co"))
    (run,) = recorded.store.runs()
    assert run.id == recorded.run_id
    assert run.id.endswith("-zahlen-co")
    assert run.title == "Run 1 · Zahlen & Co · lr 0.5"
    assert (run.state, run.parent) == ("finished", None)
    assert run.started is not None
    assert abs(time.time() - run.started.timestamp()) < PATIENCE
    assert [(line.epoch, line.epochs) for line in run.metrics] == [(1, 3), (2, 3), (3, 3)]
    assert run.kept_epochs == (0, 1, 2, 3)
    assert same(run.project_after(3).weights, trained())
    assert recorded.heard.changed == [run.id] * len(recorded.heard.changed)
    assert recorded.heard.said == []
    assert recorded.project.origin == CheckpointRef(run.id, 3)
    assert not is_locked(run.folder / RECORDING)


def test_what_is_recorded_is_what_the_events_said(tmp_path: Path) -> None:
    drawing = Drawing("1", (1, 6, 6), bytes(range(36)))
    settings = SETTINGS.with_changes(validation_split=20.0, drawings=(drawing,))
    with recording(RunStore(tmp_path), untrained(settings)) as made:
        made.reason, events = "enough", list(made.epochs())
    found = made.kept
    for line, event in zip(found.metrics, events, strict=True):
        assert event.validation is not None
        assert line.validation_loss == event.validation.loss
        for name in ("epoch", "epochs", "loss", "test_loss", "test_accuracy", "seconds"):
            assert getattr(line, name) == getattr(event, name)
    predictions = read_predictions(found.folder)
    assert predictions is not None
    assert predictions.epochs.tolist() == [1, 2, 3]
    for said, event in zip(predictions.said, events, strict=True):
        np.testing.assert_array_equal(said, event.test.outputs.argmax(axis=1))
    assert found.description.reason == "enough"
    assert found.description.project.settings.drawings == (drawing,)
    written = json.loads((found.folder / "run.json").read_text("utf-8"))
    assert written["versions"].keys() == {"layerscope", "python", "numpy", "numerics"}
    assert numerics_in_words().startswith(written["versions"]["numerics"])
    assert written["data"]["classes"] == ["0", "1", "2"]
    assert written["data"]["digest"] == fingerprint(dataset(50), dataset(20, seed=3))


def test_going_on_is_a_child_of_the_run_unless_no_epoch_is_done(tmp_path: Path) -> None:
    first = record(tmp_path, untrained(), stop_after=2.0)
    assert first.kept.state == "stopped"
    cut = record(tmp_path, first.project, stop_after=2 + 3 / 7)
    assert [run.id for run in cut.store.runs()] == [first.run_id]
    assert cut.project.origin == first.project.origin
    second = record(tmp_path, first.project)
    run = second.kept
    assert run.parent == CheckpointRef(first.run_id, 2)
    assert (run.age(0), run.age(1), run.epochs) == (2, 3, 1)
    assert run.metrics[0].epochs == 1
    assert second.project.origin == CheckpointRef(second.run_id, 1)


def test_a_paused_run_is_being_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runs.run_writer.STATE_SHARE", ALL)
    with recording(RunStore(tmp_path)) as made:
        made.state = "stopped"
        next(made.epochs())
        assert made.heard.written.acquire(timeout=PATIENCE)  # that it began
        assert made.heard.written.acquire(timeout=PATIENCE)
        found = made.kept
        assert (found.state, found.kept_epochs) == ("training", (0, 1))
        assert len(found.metrics) == 1
        assert is_locked(found.folder / RECORDING)
    assert made.kept.state == "stopped"


def test_the_rates_of_the_steps_of_an_epoch_are_kept_and_not_one_that_was_set_since(
    tmp_path: Path,
) -> None:
    with recording(RunStore(tmp_path)) as made:
        for event in made.events():
            if isinstance(event, BatchDone) and event.epoch == 1 and event.step == event.steps:
                made.training.learning_rate = 4.0  # while the epoch is tested
            elif isinstance(event, BatchDone) and event.epoch == 2 and event.step == 1:
                made.training.learning_rate = 0.25
    found = made.kept
    assert [found.rate_of(each) for each in found.metrics] == [0.5, 4.0, 0.25]
    assert [each.lowest_rate for each in found.metrics] == [None, 0.25, None]


def test_learning_rate_and_locks_of_each_moment_are_kept(tmp_path: Path) -> None:
    project = untrained()
    first, *others = project.stack
    locked = replace(project.stack, slots=(replace(first, locked=True), *others))
    with recording(RunStore(tmp_path), project) as made:
        for event in made.epochs():
            made.training.learning_rate = 0.5 / (event.epoch + 1)
            made.recorder.stack = locked
            made.training.lock(locked)
    found = made.kept
    rates = [found.project_after(epoch).settings.learning_rate for epoch in range(4)]
    assert rates == [0.5, 0.5, 0.25, 0.5 / 3]
    assert [found.rate_of(each) for each in found.metrics] == rates[1:]
    lines = (found.folder / "metrics.jsonl").read_text("utf-8").splitlines()
    assert ["learning_rate" in json.loads(line) for line in lines] == [False, True, True]
    assert [found.project_after(epoch).stack == locked for epoch in range(4)] == [
        *(False, False),
        *(True, True),
    ]


OF_A_SERIES = RunNames("network, seed 1", "network", "2 seeds of the same")


@pytest.mark.parametrize(
    ("names", "state", "stays"),
    [(UNNAMED, "failed", False), (OF_A_SERIES, "stopped", False), (OF_A_SERIES, "failed", True)],
)
def test_a_run_without_an_epoch_stays_if_it_has_a_name_and_failed(
    tmp_path: Path, names: RunNames, state: str, stays: bool
) -> None:
    with recording(RunStore(tmp_path), names=names) as made:
        made.state = state
        assert made.heard.written.acquire(timeout=PATIENCE)
    found = [(found.title, found.kept_epochs) for found in RunStore(tmp_path).runs()]
    assert found == ([("network, seed 1", (0,))] if stays else [])


@pytest.mark.parametrize(
    ("names", "title"),
    [
        (RunNames("caf\udce9"), "caf?"),
        (RunNames("", "caf\udce9"), "Run 1 · caf? · lr 0.5"),
        (RunNames("x" * 10_001), "x" * 10_000),
    ],
    ids=["no-letters", "file-of-no-letters", "long"],
)
def test_odd_names_are_kept_as_far_as_they_can_be(
    tmp_path: Path, names: RunNames, title: str
) -> None:
    recorded = record(tmp_path, untrained(SETTINGS.with_changes(learning_rate=0.5)), names=names)
    assert recorded.heard.said == []
    (run,) = recorded.store.runs()
    assert (run.title, run.state) == (title, "finished")


# Training goes on where a run cannot be recorded, or no longer, and it is said why.


def test_where_no_folder_can_be_made_training_goes_on_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("in the way")
    recorded = record(tmp_path / "runs" / "below", untrained())
    (said,) = recorded.heard.said
    assert said.startswith("This training is not kept as a run.")
    assert "was not written" in said
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
    with recording(store) as made:
        assert len(list(made.epochs())) == 3
        made.recorder.end("finished")
        assert store.asked.wait(PATIENCE)
        assert list(tmp_path.iterdir()) == []
        store.answers.set()
    assert made.project.origin == CheckpointRef(made.run_id, 3)
    found = made.kept
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
    with recording(RunStore(tmp_path)) as made:
        for event in made.epochs():
            if event.epoch == 1:
                assert made.heard.written.acquire(timeout=PATIENCE)
                assert made.heard.written.acquire(timeout=PATIENCE)
    assert same(made.project.weights, trained())
    (said,) = made.heard.said
    found = made.kept
    assert epochs <= found.epochs <= 3, "the line of the last epoch may have come before the fault"
    assert said.startswith(f"The run of this training is kept up to epoch {found.epochs} only;")
    assert "the disk is full" in said
    assert (found.state, found.kept_epochs) == ("stopped", (0, 1))
    assert made.project.origin == CheckpointRef(made.run_id, found.epochs)


@pytest.mark.skipif(os.name == "nt", reason="of Unix")
def test_a_run_is_kept_where_the_disk_has_no_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fcntl.flock", failing(os_error(errno.ENOLCK)))
    recorded = record(tmp_path, untrained())
    assert recorded.heard.said == []
    found = recorded.store.edit(recorded.kept, name="kept")
    assert (found.state, found.epochs, found.title) == ("finished", SETTINGS.epochs, "kept")


def test_a_folder_that_vanishes_ends_the_recording_alone(tmp_path: Path) -> None:
    with recording(RunStore(tmp_path)) as made:
        assert made.heard.written.acquire(timeout=PATIENCE)
        shutil.rmtree(tmp_path)
        assert len(list(made.epochs())) == 3
    assert same(made.project.weights, trained())
    assert len(made.heard.said) == 1
    assert made.project.origin is None


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
    with recording(Slow(tmp_path), untrained(SETTINGS.with_changes(epochs=9))) as made:
        said = [event.test.outputs for event in made.epochs()]
        answers.set()
    assert {outputs.nbytes for outputs in said} == {size}
    found = made.kept
    assert [line.epoch for line in found.metrics] == list(range(1, 10))
    predictions = read_predictions(found.folder)
    assert predictions is not None
    assert predictions.epochs.tolist() == [1, 2, 3, 9]  # the last one tells how it ended
    np.testing.assert_array_equal(predictions.said[-1], said[-1].argmax(axis=1))


def test_an_end_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse = failing(RunError("Another program is changing it."))
    monkeypatch.setattr("engine.runs.run_writer.change_description", refuse)
    recorded = record(tmp_path, untrained())
    assert recorded.heard.said == [
        "The run of this training is kept up to epoch 3 only; what it learns is not lost. Another "
        "program is changing it."
    ]
    assert recorded.kept.state == "interrupted"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run with drawings among its data, and with all that a user says of one."""
    folder = tmp_path_factory.mktemp("runs")
    drawing = Drawing("1", (1, 6, 6), bytes(range(36)))
    made = record(folder, untrained(SETTINGS.with_changes(drawings=(drawing,), optimizer="adam")))
    said = {"note": "a note", "pinned": True, "bookmarks": (1, 2)}
    return made.store.edit(made.kept, name="mine", **said)


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run of another program."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    write_run(folder)
    return read_run(folder)


def check(run: Run, count: int) -> int:
    """Damage a file of the folder, so many times; return how often it opened all the same.

    What opens goes on with the numbers that were kept after an epoch, exactly, unless the checksums
    are lost by which that is told.
    """
    truth = [run.project_after(epoch) for epoch in run.kept_epochs]
    files = [path for path in sorted(run.folder.rglob("*")) if path.is_file()]
    opened = 0
    for number in range(count):
        dice = random.Random(number)
        path = dice.choice(files)
        content = path.read_bytes()
        path.write_bytes(damage(content, dice) if content else b"\0")
        try:
            found = open_run(run.folder)
        except RunError as fault:
            said = str(fault)
        else:
            said = ""
            opened += 1
            sealed = path.suffix == ".safetensors" and b'"crc32"' in path.read_bytes()
            assert found.check().problem is None
            assert not sealed or any(goes_on_alike(found, one) for one in truth)
        assert "\n" not in said
        look_at_all(run.folder)
        path.write_bytes(content)
    return opened


def goes_on_alike(one: Project, other: Project) -> bool:
    """Whether two projects go on with the same numbers."""
    memories, others = (each.state.memories if each.state else {} for each in (one, other))
    return (
        one.trained_epochs == other.trained_epochs
        and same(one.weights, other.weights)
        and memories.keys() == others.keys()
        and all(np.array_equal(array, others[key]) for key, array in memories.items())
        and one.settings == other.settings
    )


def look_at_all(folder: Path) -> None:
    """Whatever is in the folder, it is in the list, or among what is damaged."""
    store = RunStore(folder.parent)
    runs = store.runs()
    assert len(runs) + len(store.damaged) == 1
    for run in runs:
        assert run.title
        assert isinstance(run.state, str)
        assert run.age(run.epochs) >= run.epochs
        assert run.best_epoch is None or run.best_epoch <= run.epochs
        assert run.seconds == run.seconds
        assert run.started is None or run.started.tzinfo is not None
        assert (run.parent, run.note, run.pinned, run.bookmarks) is not None


@pytest.mark.parametrize("count", [60, pytest.param(10_000, marks=pytest.mark.soak)])
@pytest.mark.parametrize("whose", ["own", "foreign"])
def test_a_mutant_is_refused_in_one_way_or_is_sound(
    request: pytest.FixtureRequest, whose: str, count: int
) -> None:
    run: Run = request.getfixturevalue(whose)
    assert 0 < check(run, count) < count
    assert read_run(run.folder).metrics == run.metrics


LONG = SETTINGS.with_changes(epochs=5, batch_size=13, learning_rate=0.05)
KINDS = {
    "momentum": LONG.with_changes(momentum=0.9, nesterov=True, weight_decay=0.01),
    "adamw": LONG.with_changes(
        optimizer="adamw",
        learning_rate=0.01,
        weight_decay=0.02,
        shift=1.0,
        rotate=10.0,
        noise=0.1,
    ),
    "cosine": LONG.with_changes(schedule="cosine", optimizer="adam", learning_rate=0.01),
    "patience": LONG.with_changes(
        early_stopping=3, validation_split=20.0, schedule="step", step_epochs=2
    ),
}


# By turns, of which "modern" has BatchNorm and Dropout.
@pytest.mark.parametrize(
    ("kind", "network"),
    [*zip(KINDS, ["modern", "notebook", "modern", "notebook"], strict=True)],
)
def test_from_every_kept_epoch_to_the_same_end(kind: str, network: str, tmp_path: Path) -> None:
    loss = "cross_entropy" if network == "modern" else "bce"
    settings = KINDS[kind].with_changes(loss=loss)
    report = fitting(MODERN if network == "modern" else BLOCKS, loss=loss)
    whole = record(tmp_path / "whole", untrained(settings, report))
    run = whole.kept
    assert set(run.kept_epochs) >= {0, 1, 2, 4, 5}
    check_same_end(run, 2, whole_run=run, folder=tmp_path)
    stopped = record(tmp_path / "stopped", untrained(settings, report), stop_after=2 + 1 / 4)
    child = record(tmp_path / "stopped", stopped.project)
    assert same(child.project.weights, whole.project.weights)
    assert child.kept.project_after(0).position == 2.25
    check_same_end(child.kept, 0, whole_run=run, folder=tmp_path)


def check_same_end(run: Run, epoch: int, *, whole_run: Run, folder: Path) -> None:
    """Go on from an epoch of a run, through a project file; compare with a run that was whole."""
    path = folder / "moment.layerscope"
    save_project(run.project_after(epoch), path)
    opened = open_project(path)
    assert opened.origin == CheckpointRef(run.id, epoch)
    child = record(folder / "children", opened)
    last = whole_run.project_after(whole_run.kept_epochs[-1])
    assert same(child.project.weights, last.weights)
    ended = child.kept
    assert ended.parent == CheckpointRef(run.id, epoch)
    losses = {whole_run.age(line.epoch): line.test_loss for line in whole_run.metrics}
    assert {
        ended.age(line.epoch): line.test_loss for line in ended.metrics
    }.items() <= losses.items()


# The files of a moment bring back all that it takes, or are refused.


def test_a_moment_goes_on_without_a_state_but_not_with_that_of_another(tmp_path: Path) -> None:
    run = record(tmp_path, untrained()).kept
    states = run.folder / STATES
    (states / epoch_file(2)).unlink()
    checkpoint = read_run(run.folder).project_after(2)
    assert (checkpoint.state, checkpoint.trained_epochs) == (None, 2)
    (states / epoch_file(1)).replace(states / epoch_file(2))
    with pytest.raises(RunError, match="another epoch"):
        read_run(run.folder).project_after(2)
