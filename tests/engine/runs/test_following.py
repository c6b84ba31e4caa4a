"""Following a run: what is new is read, whoever writes it and however, and nothing is lost."""

import json
import shutil
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.errors import RunError
from engine.files.untrusted_read import open_unwaiting
from engine.machine.file_lock import FileLock, is_locked
from engine.runs import following, read_run
from engine.runs.following import Follower
from tests.engine.runs.folders import LINE, description, end_run, write_run, write_weights
from tests.engine.runs.looking import look_until


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


def test_what_is_new_is_seen_and_nothing_else_is(folder: Path) -> None:
    follower = Follower(folder)
    first = follower.look()
    assert (first.run.epochs, first.run.kept_epochs) == (2, (0, 1, 2))
    assert (first.began_anew, first.problem) == (False, "")
    assert follower.look().run is first.run
    write_weights(folder, 3)
    assert follower.look().run.kept_epochs == (0, 1, 2, 3)
    add_line(folder, 3, test_accuracy=0.875)
    seen = follower.look().run
    assert seen.metrics == read_run(folder).metrics
    assert seen.test_accuracy == 0.875
    describe(folder, state="finished")
    assert follower.look().run.state == "finished"
    assert not follower.look().began_anew


def test_no_file_stays_open_that_the_writer_may_want_to_replace(folder: Path) -> None:
    follower = Follower(folder)
    looks = [follower.look()]
    write_weights(folder, 3)
    add_line(folder, 3)
    looks.append(follower.look())
    looks[-1].run.project_after(3)
    opened = [Path(file.path) for file in psutil.Process().open_files()]
    assert not [path for path in opened if path.is_relative_to(folder)]


def test_only_what_was_appended_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [json.dumps({**LINE, "epoch": epoch}) + "\n" for epoch in range(1, 20_001)]
    (folder / "metrics.jsonl").write_text("".join(lines), "utf-8")
    follower = Follower(folder)
    follower.look()
    add_line(folder, 20_001)
    opened: list[Path] = []
    sizes: list[int] = []

    def counted(path: Path) -> Any:
        file = open_unwaiting(path)
        opened.append(path)
        read = file.read

        class Counting:
            def __enter__(self) -> Any:
                return self

            def __exit__(self, *_: object) -> None:
                file.close()

            def __getattr__(self, name: str) -> Any:
                return getattr(file, name)

            def read(self, size: int) -> bytes:
                sizes.append(size)
                return read(size)

        return Counting()

    monkeypatch.setattr(following, "open_unwaiting", counted)
    assert follower.look().run.epochs == 20_001
    assert opened == [folder / "metrics.jsonl"]
    assert sum(sizes) < 2_000


def test_half_a_line_waits_for_its_rest(folder: Path) -> None:
    follower = Follower(folder)
    follower.look()
    line = json.dumps({**LINE, "epoch": 3}) + "\n"
    for part in line[:40], line[40:90], line[90:-1]:
        with (folder / "metrics.jsonl").open("a") as file:
            file.write(part)
        assert follower.look().run.epochs == 2
    with (folder / "metrics.jsonl").open("a") as file:
        file.write("\n")
    assert follower.look().run.epochs == 3


def test_weights_count_once_they_are_whole(folder: Path) -> None:
    follower = Follower(folder)
    follower.look()
    write_weights(folder, 3)
    path = folder / "weights" / "epoch-0003.safetensors"
    whole = path.read_bytes()
    for length in 0, 4, 8, 50, len(whole) - 1:
        path.write_bytes(whole[:length])
        assert follower.look().run.kept_epochs == (0, 1, 2)
    path.write_bytes(whole)
    assert follower.look().run.kept_epochs == (0, 1, 2, 3)
    for epoch in 1, 2:  # thinned by the program that records
        (folder / "weights" / f"epoch-{epoch:04}.safetensors").unlink()
    look = follower.look()
    assert (look.run.kept_epochs, look.began_anew) == ((0, 3), False)


def test_a_description_that_is_half_written_is_waited_for(folder: Path) -> None:
    follower = Follower(folder)
    run = follower.look().run
    whole = (folder / "run.json").read_bytes()
    (folder / "run.json").write_bytes(whole[:100])
    assert [follower.look().problem for _ in range(2)] == ["", ""]
    look = follower.look()
    assert look.run is run
    assert "is damaged" in look.problem
    assert "\n" not in look.problem
    (folder / "run.json").write_bytes(whole)
    assert follower.look().problem == ""


def test_a_folder_that_vanishes_is_looked_for(folder: Path) -> None:
    follower = Follower(folder)
    run = follower.look().run
    elsewhere = folder.with_name("elsewhere")
    folder.rename(elsewhere)
    looks = [follower.look() for _ in range(5)]
    assert [look.problem != "" for look in looks] == [False, False, True, True, True]
    assert looks[-1].problem == (
        f"{folder} is not there, or cannot be reached. See where the run is."
    )
    assert looks[-1].run is run
    elsewhere.rename(folder)
    look = follower.look()
    assert (look.problem, look.began_anew, look.run) == ("", False, run)


def test_lines_that_are_all_written_again_lose_nothing(folder: Path) -> None:
    follower = Follower(folder)
    run = follower.look().run
    lines = (folder / "metrics.jsonl").read_bytes()
    (folder / "metrics.jsonl").write_bytes(b"")
    assert follower.look().run is run
    (folder / "metrics.jsonl").write_bytes(lines)
    add_line(folder, 3)
    look = follower.look()
    assert (look.run.epochs, look.began_anew) == (3, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"settings": {**description()["settings"], "seed": 8}},
        {"started": "2026-11-26T06:12:43"},
        {},
    ],
    ids=["seed", "time", "first epoch"],
)
def test_another_training_in_the_folder_is_told(folder: Path, changes: dict[str, Any]) -> None:
    follower = Follower(folder)
    follower.look()
    shutil.rmtree(folder)
    write_run(folder, 1)
    describe(folder, **changes)
    if not changes:  # it is known by its first epoch alone
        (folder / "metrics.jsonl").write_text("", "utf-8")
        add_line(folder, 1, seconds=9.0)
    look = look_until(follower, lambda look: look.began_anew)
    assert (look.run.epochs, look.run.kept_epochs) == (1, (0, 1))
    assert not follower.look().began_anew


def test_a_run_that_goes_on_after_a_kill_is_the_same(folder: Path) -> None:
    """As train.py does: the last line is taken back, since its checkpoint was not whole."""
    follower = Follower(folder)
    follower.look()
    (folder / "metrics.jsonl").unlink()
    add_line(folder, 1)
    look = look_until(follower, lambda look: look.run.epochs == 1)
    assert not look.began_anew
    add_line(folder, 2, seconds=7.0)
    look = follower.look()
    assert (look.run.metrics[1].seconds, look.began_anew) == (7.0, False)


def test_what_is_being_written_at_the_first_look_is_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (folder / "run.json").read_bytes()
    (folder / "run.json").write_bytes(whole[:100])
    monkeypatch.setattr(
        "engine.runs.following.time.sleep", lambda _: (folder / "run.json").write_bytes(whole)
    )
    assert Follower(folder).look().run.epochs == 2


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
    assert follower.look().run.state == "training"
    add_line(folder, 3)
    assert follower.look().run.state == "training"
    lock.give_back()
    assert follower.look().run.state == "interrupted"


def test_a_run_that_ends_during_a_look_was_not_interrupted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = FileLock(folder / ".recording")
    assert lock.take()
    follower = Follower(folder)
    assert follower.look().run.state == "training"

    def look_late(path: Path) -> bool:
        end_run(folder, 3)
        lock.give_back()
        return is_locked(path)

    monkeypatch.setattr("engine.runs.run_folder.is_locked", look_late)
    run = follower.look().run
    assert (run.state, run.epochs, run.kept_epochs) == ("finished", 3, (0, 1, 2, 3))


def test_a_run_that_grows_trains_though_its_lock_is_not_seen_from_here(folder: Path) -> None:
    (folder / ".recording").touch()
    follower = Follower(folder)
    assert follower.look().run.state == "interrupted"
    add_line(folder, 3)
    follower.look()
    assert follower.look().run.state == "training"


def test_for_how_long_nothing_came_is_told(folder: Path) -> None:
    now = 100.0
    follower = Follower(folder, lambda: now)
    assert follower.look().quiet == 0.0
    now = 160.0
    assert follower.look().quiet == 60.0
    add_line(folder, 3)
    assert follower.look().quiet == 0.0
