"""`train` keeps each training as a run, under a name if it gets one, unless it shall not."""

import os
from errno import EIO, ENOSPC, EPIPE
from pathlib import Path

import pytest

from engine.files import open_project
from engine.model.project import CheckpointRef
from engine.paths import PREFERENCES
from engine.runs import RunStore
from engine.training.events import EpochDone, Event
from tests.engine.cli.console import Console


@pytest.fixture
def store() -> RunStore:
    return RunStore()


def test_a_training_is_kept_as_a_run(console: Console, project: Path, store: RunStore) -> None:
    answer = console.run("train", project)
    (run,) = store.runs()
    assert answer.out.endswith(f"The run is kept as {run.id}.\n")
    assert run.title == "Run 1 · small · lr 0.1"
    assert (run.state, run.epochs, run.kept_epochs) == ("finished", 2, (0, 1, 2))
    assert open_project(project).origin == CheckpointRef(run.id, 2)


def test_what_goes_on_is_a_child_and_what_starts_over_is_not(
    console: Console, project: Path, store: RunStore
) -> None:
    console.run("train", project, "--run", "first", "--json")
    console.run("train", project, "--run", "second", "--resume", "--json")
    console.run("train", project, "--run", "third", "--overwrite", "--json")
    assert store.find("second").parent == CheckpointRef(store.find("first").id, 2)
    assert store.find("second").age(2) == 4
    assert store.find("third").parent is None


def test_no_run_is_kept_if_none_is_wanted(console: Console, project: Path, store: RunStore) -> None:
    answer = console.run("train", project, "--no-run")
    assert answer.code == 0
    assert "run is kept" not in answer.out
    assert store.runs() == ()
    assert open_project(project).origin is None


@pytest.mark.parametrize(
    "fault",
    [
        MemoryError("no room for 3 GB"),
        ValueError("a defect"),
        *(OSError(number, os.strerror(number)) for number in (EPIPE, ENOSPC, EIO)),
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
