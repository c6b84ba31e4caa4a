"""`main.py train`: what it trains, on which data, prints, keeps as a run, refuses and resumes."""

import json
import os
import shutil
import signal
import sys
import time
from dataclasses import replace
from errno import ENOSPC
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from engine.blocks import Conv, Dense, Reshape, Sigmoid
from engine.cli import train
from engine.cli.train import Progress
from engine.files import open_project, save_project
from engine.model.project import CheckpointRef
from engine.model.templates import TEMPLATES
from engine.model.training_state import TrainingState
from engine.model.weights import initial_weights
from engine.paths import PREFERENCES
from engine.runs import RunStore
from engine.training.evaluation import Confusion, Evaluation
from engine.training.events import BatchDone, EpochDone, Event
from engine.training.run import Training
from tests.engine.cli.console import Console, before_each_step, write_data, write_project
from tests.engine.data.idx_files import write_idx
from tests.engine.data.pictures import image_bytes, noise, write_files
from tests.engine.marks import needs_the_compiler
from tests.engine.training_runs import same
from tests.picture_sets import write_set
from tests.programs import Programs


def test_what_is_locked_and_edited_by_hand_is_kept(console: Console, project: Path) -> None:
    made = open_project(project)
    report = made.check()
    weights = initial_weights(report, made.settings.seed, made.settings.initializer)
    weights[1]["weight"][1] = 0.25
    slots = [replace(slot, locked_kernels=(1,) if slot.id == 1 else ()) for slot in made.stack]
    edited = replace(made, stack=replace(made.stack, slots=tuple(slots)), weights={1: weights[1]})
    save_project(edited, project)
    assert "--resume" in console.run("train", project).err  # it shall not be lost unasked
    assert console.run("train", project, "--resume").code == 0
    trained = open_project(project)
    assert trained.stack == edited.stack
    assert (trained.weights[1]["weight"][1] == 0.25).all()
    np.testing.assert_array_equal(trained.weights[1]["bias"][1], weights[1]["bias"][1])
    assert (trained.weights[1]["weight"][0] != weights[1]["weight"][0]).all()


def test_the_options_become_the_projects_settings(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_data(tmp_path / "other")
    blocks = Conv(depth=1), Reshape(), Dense(units=3), Sigmoid()
    project = write_project(tmp_path / "a.layerscope", tmp_path, *blocks)
    before = open_project(project).settings
    monkeypatch.chdir(tmp_path)
    what = "--data other --classes 8,5,3 --limit 2 --validation-split 20 --early-stopping 4"
    how = "--epochs 1 --batch-size 2 --seed 7 --learning-rate 0.5 --schedule step --step-epochs 3"
    more = "--optimizer adamw --weight-decay 0.01 --nesterov --initializer glorot --loss mse"
    answer = console.run("train", project, *what.split(), *how.split(), *more.split())
    assert answer.code == 0
    assert "on 5 samples, validating on 1, testing on 6; classes 3, 5, 8" in answer.out
    assert open_project(project).settings == before.with_changes(
        dataset=str((tmp_path / "other").resolve()),
        classes=(3, 5, 8),
        limit=2,
        validation_split=20.0,
        early_stopping=4,
        epochs=1,
        batch_size=2,
        seed=7,
        learning_rate=0.5,
        schedule="step",
        step_epochs=3,
        optimizer="adamw",
        weight_decay=0.01,
        nesterov=True,
        initializer="glorot",
        loss="mse",
    )
    assert console.run("train", project, "--no-nesterov", "--resume").code == 0
    assert not open_project(project).settings.nesterov


def test_images_of_another_size_fit_an_untrained_network(
    console: Console, project: Path, tmp_path: Path
) -> None:
    larger = write_data(tmp_path / "larger", side=9)
    assert console.run("train", project, "--data", larger).code == 0
    trained = open_project(project)
    assert trained.stack.input_shape == (1, 9, 9)
    assert trained.weights[1]["bias"].shape == (2, 7, 7)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no such names")
def test_data_whose_name_is_not_unicode_is_refused_before_training(
    console: Console, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / os.fsdecode(b"\xffdata")
    write_data(folder)
    monkeypatch.setattr(Training, "_step", None)
    words = console.refused("train", project, "--data", folder)
    assert "\\udcffdata', a name that is not in UTF-8" in words
    assert "Rename the folder." in words


# `main.py train` that is cut short, or cannot write its result: what was learned is kept.


def test_a_training_that_explodes_changes_nothing(
    console: Console, tmp_path: Path, data: Path
) -> None:
    path = write_project(
        tmp_path / "a.layerscope",
        data,
        Reshape(),
        Dense(units=50),
        Dense(units=2),
        loss="mse",
        learning_rate=1000.0,
        epochs=50,
    )
    before = path.read_bytes()
    answer = console.run("train", path, "--json", "--run", "wild")
    assert answer.code == 1
    assert answer.err.startswith("main.py: Training stopped in epoch ")
    assert "became infinite or not a number" in answer.err
    assert answer.err.endswith(f"{path} was not changed.\n")
    assert answer.err.count("\n") == 1
    assert path.read_bytes() == before
    (run,) = RunStore().runs()
    assert run.state == "failed"
    assert "became infinite" in run.description.reason


@pytest.mark.skipif(os.name != "posix", reason="sends signals to itself")
@pytest.mark.parametrize("number", [signal.SIGTERM])
def test_a_signal_stops_after_the_step_and_keeps_what_was_learned(
    console: Console, project: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    handler = signal.getsignal(number)

    def send_it(training: Training) -> None:
        if training.epochs_done == 2:
            os.kill(os.getpid(), number)
            time.sleep(0.01)

    before_each_step(monkeypatch, send_it)
    answer = console.run("train", project, "--epochs", 500, "--json")
    assert answer.code == 130
    assert answer.err == f"Stopped after 2 epochs; what was learned is in {project}.\n"
    assert len(answer.objects) == 2
    stopped = open_project(project)
    assert stopped.trained_epochs == 2
    assert stopped.weights.keys() == {1, 3}
    assert signal.getsignal(number) is handler


@pytest.mark.skipif(os.name != "posix", reason="sends signals to itself")
def test_more_signals_after_the_last_step_wait_until_what_was_learned_is_written(
    console: Console, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = signal.getsignal(signal.SIGINT)
    step, close = Training._step, Training.close

    def step_and_signal(training: Training, *which: Any) -> Any:
        result = step(training, *which)
        if training.epochs_done == 2:
            signal.raise_signal(signal.SIGINT)
        return result

    def signal_and_close(training: Training) -> None:
        signal.raise_signal(signal.SIGINT)
        close(training)

    def signal_and_save(*given: Any) -> None:
        for _ in range(3):
            signal.raise_signal(signal.SIGINT)
        save_project(*given)

    monkeypatch.setattr(Training, "_step", step_and_signal)
    monkeypatch.setattr(Training, "close", signal_and_close)
    monkeypatch.setattr(train, "save_project", signal_and_save)
    answer = console.run("train", project, "--epochs", 500, "--json")
    assert answer.code == 130
    assert f"Stopped after 2.25 epochs; what was learned is in {project}.\n" in answer.err
    assert open_project(project).trained_epochs == 2
    assert signal.getsignal(signal.SIGINT) is handler


def test_an_epoch_that_was_stopped_before_its_test_is_ended_by_it(
    console: Console, project: Path
) -> None:
    def stop_at_once(training: Training, *which: Any) -> None:
        signal.raise_signal(signal.SIGINT)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Training, "_evaluate", stop_at_once)
        assert console.run("train", project, "--epochs", 1).code == 130
    stopped = open_project(project)
    assert (stopped.trained_epochs, stopped.trained_part) == (0, 1)
    assert console.run("train", project, "--resume").code == 0
    ended = open_project(project)
    assert (ended.trained_epochs, ended.trained_part) == (1, 0)


def test_stopping_before_the_first_step_changes_nothing(
    console: Console, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop_at_once(training: Training, *which: Any) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Training, "_step", stop_at_once)
    before = project.read_bytes()
    answer = console.run("train", project)
    assert answer.code == 130
    assert "Stopped before the first step" in answer.err
    assert project.read_bytes() == before


@pytest.mark.timing
@pytest.mark.skipif(os.name != "posix", reason="sends signals")
@needs_the_compiler
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_program_and_the_process_that_compiles_its_first_loops(
    programs: Programs, project: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """With an empty cache the compiler takes a minute or more, and training begins at once."""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cold")}
    command = ["main.py", "train", str(project), "--epochs", "100000", "--json", "--no-run"]
    with programs.start(*command, environment=environment, read=True) as program:
        assert json.loads(next(program.lines()))["epoch"] == 1
        deadline = time.monotonic() + 60
        while not (children := psutil.Process(program.pid).children()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        (compiler,) = children
        program.send(number)
        sent = time.monotonic()
        ended = program.ended()
        assert time.monotonic() - sent < 2
    assert ended.code == 130
    assert "The fast engine is being prepared beside this" in ended.err
    assert f"what was learned is in {project}.\n" in ended.err
    gone, _ = psutil.wait_procs([compiler], 2)
    assert gone


@pytest.mark.parametrize("writable", ["home/rescued", "temporary", ""])
def test_what_cannot_be_written_where_it_belongs_is_kept_elsewhere(
    console: Console,
    tmp_path: Path,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    writable: str,
) -> None:
    for name in ("home", "temporary"):
        if not writable.startswith(name):
            (tmp_path / name).write_text("a file is in the way")
    (tmp_path / writable).mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "folder").mkdir()
    path = write_project(tmp_path / "folder" / "a.layerscope", data)
    before_each_step(monkeypatch, lambda _: shutil.rmtree(path.parent, ignore_errors=True))
    words = console.refused("train", path, "--json", "--no-run")
    assert f"the folder {path.parent} does not exist" in words
    if not writable:
        assert "instead" not in words
        return
    rescued = Path(words.partition("What was learned is in ")[2].removesuffix(" instead.\n"))
    assert rescued.parent == tmp_path / writable
    assert open_project(rescued).trained_epochs == 2


def test_a_project_that_was_changed_meanwhile_is_not_written_over(
    console: Console, project: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_each_step(monkeypatch, lambda _: save_project(TEMPLATES["digits"](), project))
    words = console.refused("train", project, "--json")
    assert "was not overwritten: another program has changed it" in words
    assert open_project(project) == TEMPLATES["digits"]()
    rescued = Path(words.partition("What was learned is in ")[2].removesuffix(" instead.\n"))
    assert rescued.parent == home / "rescued"
    assert open_project(rescued).trained_epochs == 2


def test_images_that_are_lost_end_a_training_and_what_was_learned_is_kept(
    console: Console, project: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.data.readers.idx.LARGE", 100)
    images = data / "train-images-idx3-ubyte"

    def cut(training: Training) -> None:
        if training.epochs_done == lasts:
            os.truncate(images, 200)

    before_each_step(monkeypatch, cut)
    whole = images.read_bytes()
    for lasts, said in (
        (0, f"{project} was not changed."),
        (2, f"Stopped after 2 epochs; what was learned is in {project}."),
    ):
        images.write_bytes(whole)
        before = project.read_bytes()
        answer = console.refused("train", project, "--epochs", 500, "--json")
        changed = f"{images} was changed while it was in use. Read the data again."
        assert answer == f"main.py: {changed} {said}\n"
        assert (project.read_bytes() == before) == (lasts == 0)
    stopped = open_project(project)
    assert stopped.trained_epochs == 2
    assert stopped.weights.keys() == {1, 3}
    assert stopped.state is not None


TEST = Evaluation(2, 1.0, 0.25, Confusion(np.eye(2, dtype=np.int64)), np.eye(2))


def epoch_done(epoch: int) -> EpochDone:
    return EpochDone(epoch, 12, 0.5, 0.75, 0.25, 1.0, 5580.4, 2.0, TEST, 0.1, 0.1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time in seconds, to be set by the test."""
    now = [100.0]
    monkeypatch.setattr("engine.cli.train.time.monotonic", lambda: now[0])
    return now


def test_an_epochs_line_says_how_long_the_rest_takes(
    capsys: pytest.CaptureFixture[str], clock: list[float]
) -> None:
    progress = Progress(first_epoch=2, epochs=10)
    clock[0] += 30
    progress.show(BatchDone(4, 1, 4, 3.25, 0.5, 1))
    progress.show(epoch_done(4))  # two of ten epochs took 30 s, so eight take 120 s
    assert capsys.readouterr().out == (
        "epoch  4 of 12   loss 0.5000  accuracy 75.00 %   test: loss 0.2500  accuracy 100 %   "
        "5,580 samples/s   0:30, about 2:00 left\n"
    )


def test_a_terminal_also_shows_how_far_the_epoch_is(
    capsys: pytest.CaptureFixture[str], clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    progress = Progress(first_epoch=0, epochs=12)
    for step in (1, 2, 3):
        clock[0] += 0.06  # so the second is due, and the third too soon after it
        progress.show(BatchDone(1, step, 4, step / 4, 0.125, 1))
    progress.end()
    assert capsys.readouterr().out == "\r\x1b[Kepoch 1 of 12: 50%, loss 0.1250\r\x1b[K"


# A project whose data is changed: `train` says so, and works.


CHANGED = "data has changed since this project used it last: images, labels or classes are others."


def test_changed_data_is_said_and_learned_from(
    console: Console, project: Path, data: Path, tmp_path: Path
) -> None:
    first = console.run("train", project)
    again = console.run("train", project, "--resume")
    before = open_project(project).data_digest
    assert len(before) == 64
    other = write_data(tmp_path / "other")
    for folder in (data, other):
        write_idx(folder / "train-images-idx3-ubyte", (12, 8, 8), [7] * 12 * 64)
    changed = console.run("train", project, "--resume", "--json")
    assert CHANGED in changed.err
    assert [line["epoch"] for line in changed.objects] == [5, 6]
    assert open_project(project).data_digest != before
    named = console.run("train", project, "--resume", "--data", other)  # which is not changed data
    for answer in (first, again, named):
        assert answer.code == changed.code == 0
        assert "has changed" not in answer.out + answer.err


# `train` with data whose classes are others than the project's.


def test_an_untrained_network_is_fitted(console: Console, tmp_path: Path) -> None:
    """The template tells four classes apart, the data has nine of other names."""
    path, forms = tmp_path / "a.layerscope", write_set("colour", tmp_path / "forms.npz", 4, 2)
    console.run("new", "colour", path)
    answer = console.run("train", path, "--data", forms, "--epochs", "1")
    assert (answer.code, answer.err) == (0, "")
    assert "The network is fitted to the 9 classes of the data." in answer.out
    project = open_project(path)
    assert (project.settings.classes, project.trained_epochs) == (tuple(range(9)), 1)
    assert [slot.label for slot in project.stack][-2] == "Dense 9"


@pytest.fixture
def pets(console: Console, tmp_path: Path) -> Path:
    """A network that has learned cats, of class 0, and dogs, of class 1."""
    path = tmp_path / "pets.layerscope"
    console.run("new", "digits", path, "--data", animals(tmp_path / "pets", "cat", "dog"))
    assert console.run("train", path, "--epochs", "1").code == 0
    return path


def animals(folder: Path, *kinds: str) -> Path:
    files = [f"{kind}/{number}.png" for kind in kinds for number in range(3)]
    return write_files(folder, {name: image_bytes(noise(8, 8, 1)) for name in files})


def test_learned_classes_are_found_by_name(console: Console, tmp_path: Path, pets: Path) -> None:
    """Among others a class has another number."""
    zoo = animals(tmp_path / "zoo", "ant", "cat", "dog")
    (answer,) = console.run("evaluate", pets, "--data", zoo, "--json").objects
    assert answer["classes"] == ["cat", "dog"]
    assert console.run("train", pets, "--data", zoo, "--resume", "--epochs", "1").code == 0
    assert open_project(pets).settings.classes == (1, 2)
    assert open_project(pets).class_names == ("cat", "dog")
    (asked,) = console.run("evaluate", pets, "--classes", "ant,dog", "--json").objects
    assert asked["classes"] == ["ant", "dog"]


# A project of somebody else may name a share of another computer: that is not asked for it.


@pytest.fixture
def share(tmp_path: Path) -> str:
    """Return data under a name as shares have it, which POSIX takes for a folder of its own."""
    if sys.platform == "win32":
        pytest.skip("there is no such share")
    return f"/{write_data(tmp_path / 'data')}"


@pytest.fixture
def sent(tmp_path: Path, share: str) -> Path:
    return write_project(tmp_path / "sent.layerscope", Path(), dataset=share)


def test_it_is_refused_unless_it_is_named_where_it_is_needed(
    console: Console, sent: Path, share: str, tmp_path: Path
) -> None:
    refused = [console.refused("train", sent)]
    assert console.run("train", sent, "--data", share).code == 0
    project = open_project(sent)  # which names the share again:
    save_project(replace(project, settings=project.settings.with_changes(dataset=share)), sent)
    refused += [console.refused("evaluate", sent), console.refused("check", sent, "--gradients")]
    for words in refused:
        assert f"is on another computer, {share}, which is not asked for it unless you n" in words
        assert f"Give --data {share}" in words
    assert console.run("evaluate", sent, "--data", share).code == 0
    assert console.run("export", sent, tmp_path / "w.npz").code == 0


@pytest.fixture
def store() -> RunStore:
    return RunStore()


def test_trainings_are_kept_as_runs_and_what_goes_on_is_a_child(
    console: Console, project: Path, store: RunStore
) -> None:
    answer = console.run("train", project)
    (run,) = store.runs()
    assert answer.out.endswith(f"The run is kept as {run.id}.\n")
    assert run.title == "Run 1 · small · lr 0.1"
    assert (run.state, run.epochs, run.kept_epochs) == ("finished", 2, (0, 1, 2))
    assert open_project(project).origin == CheckpointRef(run.id, 2)
    console.run("train", project, "--run", "second", "--resume", "--json")
    console.run("train", project, "--run", "third", "--overwrite", "--json")
    assert store.find("second").parent == CheckpointRef(run.id, 2)
    assert store.find("second").age(2) == 4
    assert store.find("third").parent is None


@pytest.mark.parametrize(
    "fault",
    [
        MemoryError("no room for 3 GB"),
        ValueError("a defect"),
        OSError(ENOSPC, os.strerror(ENOSPC)),
    ],
    ids=str,
)
def test_the_run_says_what_ended_it(
    console: Console,
    project: Path,
    store: RunStore,
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
) -> None:
    def fail(_: object, event: Event) -> None:
        if isinstance(event, EpochDone):
            raise fault

    monkeypatch.setattr("engine.cli.train.Progress.show", fail)
    answer = console.run("train", project, "--json")
    (run,) = store.runs()
    state, reason = "failed", str(fault)
    if isinstance(fault, OSError):
        state, reason = "stopped", f"The output could not be written: {fault.strerror}."
        kept = f"Stopped after 1 epoch; what was learned is in {project}."
        assert (answer.code, answer.err) == (1, f"main.py: {reason} {kept}\n")
        assert open_project(project).weights.keys() == {1, 3}
    assert (run.state, run.description.reason) == (state, reason)
    assert run.epochs == 1


def test_a_home_that_cannot_be_written_is_said_once(
    console: Console, project: Path, home: Path
) -> None:
    home.write_text("a file is in the way")
    answer = console.run("train", project, "--json")
    assert answer.code == 0
    assert len(answer.objects) == 2
    assert answer.err.count("\n") == 1
    assert answer.err.startswith("This training is not kept as a run. ")


def test_what_is_deleted_for_the_quota_is_said(
    console: Console, project: Path, home: Path, store: RunStore
) -> None:
    console.run("train", project, "--run", "old")
    (store.find("old").folder / "much").write_bytes(bytes(2_000_000))
    (home / PREFERENCES).write_bytes(b'{"runs_megabytes": 2}')
    answer = console.run("train", project, "--run", "new", "--overwrite")
    assert "“old” was deleted to make room for newer runs." in answer.err
    assert [run.title for run in store.runs()] == ["new"]


STEPS = 4  # of an epoch: 10 samples in batches of 3
HOW: dict[str, dict[str, object]] = {
    "momentum": {"momentum": 0.9},
    "adam": {
        "optimizer": "adam",
        "learning_rate": 0.01,
        "scaling": "standard",
        "flip": True,
        "shift": 1.5,
        "rotate": 15.0,
        "zoom": 10.0,
        "noise": 0.1,
    },
}
SCHEDULES = ("step", "cosine")


def state_of(path: Path) -> TrainingState:
    state = open_project(path).state
    assert state is not None
    return state


def same_learned(one: Path, other: Path) -> bool:
    return same(open_project(one).weights, open_project(other).weights)


def stop_before(step: int, patch: pytest.MonkeyPatch) -> None:
    """Press Ctrl+C before the n-th step from now on."""
    steps = count(1)

    def press(_: Training) -> None:
        if next(steps) == step:
            signal.raise_signal(signal.SIGINT)

    before_each_step(patch, press)


def stopped(console: Console, path: Path, step: int, *options: object) -> None:
    """Train until Ctrl+C in the step after so many."""
    with pytest.MonkeyPatch.context() as patch:
        stop_before(step + 1, patch)
        assert console.run("train", path, "--json", *options).code == 130


@pytest.mark.parametrize(("how", "schedule"), [*zip(HOW, SCHEDULES, strict=True)])
def test_stops_in_the_middle_of_epochs_and_between_two_change_nothing(
    console: Console, tmp_path: Path, data: Path, how: str, schedule: str
) -> None:
    settings = {**HOW[how], "schedule": schedule, "step_epochs": 1, "epochs": 4}
    whole = write_project(tmp_path / "whole.layerscope", data, **settings)
    parts = write_project(tmp_path / "parts.layerscope", data, **settings)
    lines = console.run("train", whole, "--json").objects
    done = 0
    for step in (2, 7, 8):
        stopped(console, parts, step - done, *(["--resume"] if done else []))
        assert state_of(parts).part.steps == step % STEPS
        done = step
    answer = console.run("train", parts, "--resume", "--json")
    assert answer.err == ""
    assert same_learned(parts, whole)
    assert state_of(parts).memories.keys() == state_of(whole).memories.keys()
    assert len(answer.objects) == 2
    for line, right in zip(answer.objects, lines[2:], strict=True):
        for name in ("epoch", "epochs", "loss", "accuracy", "test_loss", "test_accuracy"):
            assert line[name] == right[name]


def test_what_begins_anew_is_said(console: Console, project: Path) -> None:
    stopped(console, project, 6, "--optimizer", "adam", "--epochs", 3)
    answer = console.run("train", project, "--resume", "--optimizer", "adamw")
    changed = "for the optimizer was changed: the loss may rise at first.\n"
    assert f"AdamW knows nothing of earlier steps, {changed}" in answer.out
    assert "epoch 2 of 4" in answer.out
    stopped(console, project, 2, "--resume")
    answer = console.run("train", project, "--resume", "--batch-size", 2, "--json")
    assert answer.err == "Epoch 5 begins again: the batch size was changed.\n"
    assert answer.objects[-1]["epochs"] == 7


def test_overwrite_drops_what_was_remembered(console: Console, tmp_path: Path, data: Path) -> None:
    whole = write_project(tmp_path / "whole.layerscope", data, momentum=0.9)
    parts = write_project(tmp_path / "parts.layerscope", data, momentum=0.9)
    console.run("train", whole, "--no-run")
    stopped(console, parts, 6)
    answer = console.run("train", parts, "--overwrite", "--json", "--no-run")
    assert (answer.code, answer.err, len(answer.objects)) == (0, "", 2)
    assert parts.read_bytes() == whole.read_bytes()
