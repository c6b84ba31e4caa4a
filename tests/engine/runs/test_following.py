"""Following a run: what is new is read, whoever writes it and however, and nothing is lost."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import RunError
from engine.machine.file_lock import FileLock, is_locked
from engine.runs import read_run
from engine.runs.following import QUIET, Follower
from engine.runs.run_folder import Run
from tests import foreign_writer
from tests.engine.runs.folders import LINE, add_line, describe, end_run, write_run, write_weights
from tests.paths import ROOT


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


def test_what_ended_long_ago_is_not_read_again(folder: Path) -> None:
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


# Runs are followed that other programs write, in processes of their own.


WRITER = ROOT / "tests" / "foreign_writer.py"


def write_beside(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(WRITER), str(folder), "--pause", "0.02", *arguments]
    return subprocess.Popen(command)


@pytest.mark.parametrize("way", ["aside", "plain"])
def test_a_writer_is_followed_killed_and_followed_further(tmp_path: Path, way: str) -> None:
    folder = tmp_path / "foreign"
    plain = ["--plain"] if way == "plain" else []
    writer = write_beside(folder, "--epochs", "500", *plain)
    try:
        while not (folder / "weights" / "epoch-0001.safetensors").exists():
            assert writer.poll() is None
            time.sleep(0.005)
        follower = Follower(folder)
        epochs = [0]
        while epochs[-1] < 4:
            epochs.append(look_until(follower, lambda run: run.epochs > epochs[-1]).epochs)
        assert epochs == sorted(epochs)
        os.kill(writer.pid, signal.SIGKILL)
    finally:
        writer.kill()
        writer.wait()
    assert follower.look().epochs >= epochs[-1]
    if plain:  # what was cut off in the middle of a line is to be written again
        lines = (folder / "metrics.jsonl").read_bytes()
        (folder / "metrics.jsonl").write_bytes(lines[: lines.rindex(b"\n") + 1])
    goal = str(follower.look().epochs + 3)
    with write_beside(folder, "--epochs", goal, "--resume", *plain):
        run = look_until(follower, lambda run: run.state == "finished")
    assert run.epochs == int(goal)
    for epoch in run.kept_epochs[-2:]:
        weights = run.project_after(epoch).weights[4]["weight"].ravel()
        expected = foreign_writer.values("3.dense.weight", 0, epoch)
        assert np.array_equal(weights, np.array(expected, np.float32))


# Whatever is done to a run folder, following it comes to what reading it afresh gives.


def line(epoch: int, seconds: float) -> bytes:
    return json.dumps({**LINE, "epoch": epoch, "seconds": seconds}).encode() + b"\n"


LINES = st.builds(line, st.integers(1, 6), st.floats(0, 2))
CHANGES = st.one_of(
    st.tuples(st.just("append"), LINES),
    st.tuples(st.just("append"), st.builds(lambda full: full[:40], LINES)),
    st.tuples(st.just("append"), st.sampled_from([b"\n", b"nonsense\n", b"\xff\n", b"\r\n"])),
    st.tuples(st.just("write"), st.lists(LINES, max_size=5).map(b"".join)),
    st.tuples(st.just("cut"), st.integers(0, 400)),
    st.tuples(st.just("remove"), st.none()),
    st.tuples(st.just("keep"), st.integers(0, 6)),
    st.tuples(st.just("halve"), st.integers(0, 6)),
    st.tuples(st.just("forget"), st.integers(0, 6)),
)


def change(folder: Path, what: str, how: object) -> None:
    metrics = folder / "metrics.jsonl"
    if isinstance(how, bytes):
        with metrics.open("ab" if what == "append" else "wb") as file:
            file.write(how)
    elif what == "cut" and isinstance(how, int) and metrics.exists():
        metrics.write_bytes(metrics.read_bytes()[:how])
    elif what == "remove":
        metrics.unlink(missing_ok=True)
    elif isinstance(how, int) and what != "cut":
        path = folder / "weights" / f"epoch-{how:04}.safetensors"
        if what == "forget":
            path.unlink(missing_ok=True)
        else:
            write_weights(folder, how)
        if what == "halve":
            path.write_bytes(path.read_bytes()[:500])


def is_whole(folder: Path, epoch: int) -> bool:
    try:
        read_run(folder).project_after(epoch)
    except RunError:
        return False
    return True


@settings(max_examples=12)
@given(st.lists(CHANGES, min_size=1, max_size=8))
def test_following_comes_to_what_reading_afresh_gives(changes: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "run"
        write_run(folder)
        follower = Follower(folder)
        follower.look()
        for what, how in changes:
            change(folder, what, how)
            run, afresh = follower.look(), read_run(folder)
            assert run.metrics == afresh.metrics
            assert set(run.kept_epochs) <= set(afresh.kept_epochs)
            last = afresh.kept_epochs[-1:]
            assert run.kept_epochs[-1:] == last or not is_whole(folder, last[0])


# Look at a followed run until something is seen.


SECONDS = 60.0


def look_until(follower: Follower, seen: Callable[[Run], bool], seconds: float = SECONDS) -> Run:
    """Return the run once something is seen of it; a test in which it never is fails."""
    end = time.monotonic() + seconds
    while not seen(run := follower.look()):
        assert time.monotonic() < end, run
        time.sleep(0.005)
    return run
