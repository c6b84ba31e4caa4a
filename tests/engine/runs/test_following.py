"""Following a run: what is new is read, whoever writes it and however, and nothing is lost."""

import json
import os
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.errors import RunError
from engine.machine.file_lock import FileLock, is_locked
from engine.runs import read_run
from engine.runs.following import QUIET, Follower
from tests.engine.runs.folders import LINE, description, end_run, write_run, write_weights


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "run"
    write_run(made)
    return made


def add_line(folder: Path, epoch: int, **changes: Any) -> None:
    with (folder / "metrics.jsonl").open("a") as file:
        file.write(json.dumps({**LINE, "epoch": epoch, **changes}) + "\n")


def describe(folder: Path, **changes: Any) -> None:
    (folder / "run.json").write_text(json.dumps({**description(), **changes}), "utf-8")


def test_what_is_new_is_seen(folder: Path) -> None:
    follower = Follower(folder)
    first = follower.look()
    assert (first.epochs, first.kept_epochs) == (2, (0, 1, 2))
    write_weights(folder, 3)
    assert follower.look().kept_epochs == (0, 1, 2, 3)
    line = json.dumps({**LINE, "epoch": 3, "test_accuracy": 0.875}) + "\n"
    for part in line[:40], line[40:-1]:
        with (folder / "metrics.jsonl").open("a") as file:
            file.write(part)
        assert follower.look().epochs == 2, "half a line waits for its rest"
    with (folder / "metrics.jsonl").open("a") as file:
        file.write("\n")
    seen = follower.look()
    assert seen.metrics == read_run(folder).metrics
    assert seen.test_accuracy == 0.875
    describe(folder, state="finished")
    assert follower.look().state == "finished"
    opened = [Path(file.path) for file in psutil.Process().open_files()]
    assert not [path for path in opened if path.is_relative_to(folder)]


def test_what_ended_long_ago_is_not_read_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe(folder, state="finished")
    for path in [folder / "weights", *folder.iterdir()]:
        os.utime(path, (1, 1))
    follower = Follower(folder)
    run = follower.look()
    assert follower.look() is run
    describe(folder, state="finished", name="new name")
    assert follower.look().title == "new name"


def test_weights_count_once_they_are_whole(folder: Path) -> None:
    follower = Follower(folder)
    follower.look()
    write_weights(folder, 3)
    path = folder / "weights" / "epoch-0003.safetensors"
    whole = path.read_bytes()
    for length in 0, 4, 8, 50, len(whole) - 1:
        path.write_bytes(whole[:length])
        assert follower.look().kept_epochs == (0, 1, 2)
    path.write_bytes(whole)
    assert follower.look().kept_epochs == (0, 1, 2, 3)
    for epoch in 1, 2:  # thinned by the program that records
        (folder / "weights" / f"epoch-{epoch:04}.safetensors").unlink()
    assert follower.look().kept_epochs == (0, 3)


def test_what_is_being_written_is_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = (folder / "run.json").read_bytes()
    (folder / "run.json").write_bytes(whole[:100])
    monkeypatch.setattr(
        "engine.runs.following.time.sleep", lambda _: (folder / "run.json").write_bytes(whole)
    )
    assert Follower(folder).look().epochs == 2


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is not there"):
        Follower(tmp_path / "none").look()
    with pytest.raises(RunError, match="it has no run"):
        Follower(tmp_path).look()


def test_a_network_that_does_not_fit_is_refused(folder: Path) -> None:
    stack = description()["stack"]
    stack["slots"] = stack["slots"][:2]
    describe(folder, stack=stack)
    with pytest.raises(RunError, match="does not fit"):
        Follower(folder).look()


def test_the_lock_of_a_recording_counts_where_it_can_be_seen(folder: Path) -> None:
    lock = FileLock(folder / ".recording")
    assert lock.take()
    follower = Follower(folder)
    assert follower.look().state == "training"
    add_line(folder, 3)
    assert follower.look().state == "training"
    lock.give_back()
    assert follower.look().state == "interrupted"


def test_a_run_that_ends_during_a_look_was_not_interrupted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = FileLock(folder / ".recording")
    assert lock.take()
    follower = Follower(folder)
    assert follower.look().state == "training"

    def look_late(path: Path) -> bool:
        end_run(folder, 3)
        lock.give_back()
        return is_locked(path)

    monkeypatch.setattr("engine.runs.run_folder.is_locked", look_late)
    run = follower.look()
    assert (run.state, run.epochs, run.kept_epochs) == ("finished", 3, (0, 1, 2, 3))


def test_a_run_that_grows_trains_though_its_lock_is_not_seen_from_here(folder: Path) -> None:
    now = 100.0
    (folder / ".recording").touch()
    follower = Follower(folder, lambda: now)
    assert follower.look().state == "interrupted"
    add_line(folder, 3)
    assert follower.look().state == "training"
    now += QUIET - 1
    assert follower.look().state == "training"
    now += 1
    assert follower.look().state == "interrupted"
