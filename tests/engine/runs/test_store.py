"""The store of runs: they are listed newest first, found, changed and deleted."""

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.errors import RunError
from engine.machine.file_lock import FileLock
from engine.model.stack import Stack
from engine.runs.run_folder import RECORDING, Run, read_run
from engine.runs.store import RunStore, change_description, only_called
from tests.engine.networks import BLOCKS, INPUT_SHAPE
from tests.engine.runs.folders import description, write_run
from tests.engine.runs.made_runs import called, made_run


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """Return a store of three runs, of which the second is the newest."""
    made = RunStore(tmp_path / "runs")
    for number, day in ((1, 3), (2, 5), (3, 4)):
        write_run(made.folder / f"20260{number}-run", epochs=number)
        change_description(made.folder / f"20260{number}-run", started=f"2026-11-0{day}T10:00:00Z")
    return made


def test_runs_are_listed_newest_first(store: RunStore) -> None:
    assert [run.id for run in store.runs()] == ["202602-run", "202603-run", "202601-run"]
    assert store.damaged == ()
    newest = store.runs()[0]
    assert (newest.epochs, newest.test_accuracy, newest.best_epoch) == (2, 0.5, 1)
    assert newest.seconds == 0.5
    assert newest.age(2) == 6
    assert newest.started is not None
    assert newest.started.isoformat().startswith("2026-11-0")


def test_a_run_that_says_no_start_has_its_place_by_its_files(store: RunStore) -> None:
    """It began so many seconds before the end of its last epoch: on 2026-11-04 at noon, UTC."""
    folder = store.folder / "foreign"
    write_run(folder, epochs=2)
    change_description(folder, started="")
    seconds = read_run(folder).seconds
    noon = datetime(2026, 11, 4, 12, tzinfo=UTC).timestamp()
    os.utime(folder / "metrics.jsonl", (noon + seconds, noon + seconds))
    assert read_run(folder).began == pytest.approx(noon, abs=0.01)
    ids = ["202602-run", "foreign", "202603-run", "202601-run"]
    assert [run.id for run in store.runs()] == ids
    (folder / "metrics.jsonl").unlink()
    os.utime(folder / "run.json", (noon, noon))
    assert [run.id for run in store.runs()] == ids


def test_a_run_that_is_as_it_was_is_not_read_again(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def note(folder: Path) -> Run:
        read.append(folder.name)
        return read_run(folder)

    for run in store.runs():
        change_description(run.folder, state="finished")
    monkeypatch.setattr("engine.runs.store.read_run", note)
    ids = [run.id for run in store.runs()]
    store.runs()
    assert sorted(read) == sorted(ids * 2), "they have just been written, and may be still"
    for path in store.folder.glob("*/*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    before = store.runs()
    read.clear()
    assert all(one is other for one, other in zip(before, store.runs(), strict=True))
    assert read == []
    store.edit(before[0], note="changed")
    with (before[1].folder / "metrics.jsonl").open("ab") as file:
        file.write(b"{")
    (before[2].folder / "weights" / "epoch-0009.safetensors").write_bytes(b"")
    read.clear()
    after = store.runs()
    assert sorted(read) == sorted(ids)
    assert after[0].note == "changed"
    assert 9 in after[2].kept_epochs


def test_runs_that_cannot_be_listed_are_not_called_missing(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    assert (store.runs(), store.total_bytes()) == ((), 0)  # there is no folder
    with pytest.raises(RunError, match="no run"):
        store.find("any")
    store.require_readable()
    (tmp_path / "runs").write_text("a file is in the way")
    for ask in (store.require_readable, lambda: store.find("any")):
        with pytest.raises(RunError, match="where the runs are, cannot be read"):
            ask()


def test_damaged_runs_are_told_apart(store: RunStore) -> None:
    (store.folder / "202603-run" / "run.json").write_text("{")
    (store.folder / "something else").mkdir()
    assert [run.id for run in store.runs()] == ["202602-run", "202601-run"]
    (damaged,) = store.damaged
    assert "202603-run is damaged" in damaged


def test_an_empty_word_is_no_run(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.edit(store.find("202601-run"), name="")
    monkeypatch.chdir(store.folder / "202603-run")
    with pytest.raises(RunError, match="no run ''"):
        store.find("")
    assert store.find(".").id == "202603-run"
    assert store.find("../202601-run").id == "202601-run"


def test_a_run_is_found_by_what_it_is_called(store: RunStore, tmp_path: Path) -> None:
    store.edit(store.find("202601-run"), name="The best")
    for word in ("202601-run", "202601", "The best", str(store.folder / "202601-run")):
        assert store.find(word).id == "202601-run"
    with pytest.raises(RunError, match="called first: 202602-run, 202603-run"):
        store.find("first")
    store.edit(store.find("202603-run"), name="another")
    assert store.find("first").id == "202602-run"
    with pytest.raises(RunError, match="3 runs begin with 2026"):
        store.find("2026")
    for word in ("", "..", "other", "a\0b", "202601-run/weights"):
        with pytest.raises(RunError, match="no run"):
            store.find(word)
    shutil.copytree(store.folder / "202601-run", tmp_path / "copy")
    assert store.find(str(tmp_path / "copy")).folder == tmp_path / "copy"


def test_what_a_user_says_of_a_run_is_kept(store: RunStore) -> None:
    changes = {
        "name": "näher",
        "note": "two\nlines",
        "pinned": True,
        "colour": "#123456",
        "bookmarks": (1, 2),
    }
    edited = store.edit(store.find("202601-run"), **changes)
    for run in (edited, read_run(edited.folder)):
        found = (run.title, run.note, run.pinned, run.colour, run.bookmarks)
        assert found == ("näher", "two\nlines", True, "#123456", (1, 2))
    said = json.loads((edited.folder / "run.json").read_text("utf-8"))
    assert said["of another program"] == description()["of another program"]
    assert said["stack"] == description()["stack"]
    with pytest.raises(RunError):
        store.edit(edited, bookmarks=(-1,))
    with pytest.raises(ValueError, match="state"):
        store.edit(edited, state="finished")
    assert read_run(edited.folder).bookmarks == (1, 2)


def test_what_cannot_be_kept_of_a_user_is_refused_in_words(store: RunStore, tmp_path: Path) -> None:
    run = store.find("202601-run")
    for field in ("name", "note"):
        with pytest.raises(RunError, match="at most 10,000 letters"):
            store.edit(run, **{field: "x" * 10_001})
    assert store.edit(run, name="x" * 10_000).title == "x" * 10_000
    assert store.edit(run, name="caf\udce9").title == "caf?"
    write_run(tmp_path / "elsewhere")
    with pytest.raises(RunError, match="not among the runs"):
        store.edit(read_run(tmp_path / "elsewhere"), name="mine")


def test_two_that_change_a_run_at_the_same_time_lose_nothing(store: RunStore) -> None:
    folder = store.folder / "202601-run"
    changes = [{"name": "x"}, {"note": "y"}, {"colour": "red"}, {"reason": "z"}]
    with ThreadPoolExecutor(len(changes)) as pool:
        list(pool.map(lambda one: change_description(folder, **one), changes))
    said = json.loads((folder / "run.json").read_text("utf-8"))
    assert [said[name] for one in changes for name in one] == ["x", "y", "red", "z"]


def test_a_run_is_beginning_from_when_it_has_a_folder_till_it_can_be_read(store: RunStore) -> None:
    assert not store.is_beginning("new"), "there is none"
    folder = store.new_folder("new")
    assert store.is_beginning("new")
    write_run(folder)
    assert store.find("new").folder == folder
    assert not store.is_beginning("new")


def test_an_id_that_a_file_of_others_names_is_no_path(store: RunStore, tmp_path: Path) -> None:
    write_run(tmp_path / "elsewhere")
    (tmp_path / "begun").mkdir()
    for path in ("elsewhere", "begun"):
        for word in (str(tmp_path / path), f"../{path}", f"{path}/", "..", ".", "", "a\0b"):
            assert not store.is_beginning(word)
            with pytest.raises(RunError, match=r"There is no run|is no folder"):
                store.of_id(word)
    assert store.of_id("202601-run").id == "202601-run"


def test_only_runs_of_this_folder_that_nobody_writes_are_deleted(
    store: RunStore, tmp_path: Path
) -> None:
    write_run(tmp_path / "elsewhere")
    with pytest.raises(RunError, match="not among the runs"):
        store.delete(read_run(tmp_path / "elsewhere"))
    run = store.find("202601-run")
    lock = FileLock(run.folder / RECORDING)
    assert lock.take()
    with pytest.raises(RunError, match="being recorded"):
        store.delete(run)
    lock.give_back()
    store.delete(run)


def test_a_run_whose_program_was_killed_is_interrupted(store: RunStore) -> None:
    run = store.find("202601-run")
    assert run.state == "training"  # of another program, as it says
    lock = FileLock(run.folder / RECORDING)
    assert lock.take()
    assert read_run(run.folder).state == "training"
    lock.give_back()
    assert read_run(run.folder).state == "interrupted"
    change_description(run.folder, state="stopped")
    assert read_run(run.folder).state == "stopped"


def test_no_number_is_given_again_while_its_run_can_be_restored(store: RunStore) -> None:
    assert store.next_number() == 1
    for run, number in zip(store.runs(), (7, 43, 12), strict=True):
        change_description(run.folder, number=number)
    assert store.next_number() == 44
    for run in store.runs():
        store.delete(run)
    assert store.next_number() == 44
    store.deleted.empty()
    assert store.next_number() == 1


def test_a_run_without_a_name_is_called_by_number_and_project_or_network() -> None:
    network = "Conv 3, Conv 2, Dense 5 · lr 0.5"
    run = made_run(
        "mine", stack=Stack(input_shape=INPUT_SHAPE).appended(*BLOCKS), learning_rate=0.5
    )
    for name, file_name, number, title, short_title in (
        ("", "digits", 0, "digits · lr 0.5", "digits · lr 0.5"),
        ("", "", 0, network, network),
        ("", "", 1_234, f"Run 1,234 · {network}", "Run 1,234"),
        ("mine", "", 1_234, "mine", "mine"),
    ):
        said = replace(run.description, name=name, file_name=file_name, number=number)
        assert (said.title, said.short_title) == (title, short_title)


def test_a_time_that_is_none_is_passed_over(store: RunStore) -> None:
    change_description(store.folder / "202602-run", started="yesterday")
    assert store.find("202602-run").started is None
    assert store.runs()[0].id == "202602-run", "its files are as new as can be"


# A word means one run, or it is said that it means several.


RUNS = [called(made_run(f"2026-{number:02}"), "often") for number in range(12)]
ONE = called(made_run("2026-12"), "2026-0")


def test_a_name_comes_before_the_beginning_of_an_id() -> None:
    assert only_called([*RUNS, ONE], "2026-0") is ONE
    assert only_called([*RUNS, ONE], "2026-11") is RUNS[11]
    for word in ("2025", "", "ofte"):
        assert only_called([*RUNS, ONE], word) is None


def test_of_several_the_first_ids_are_said() -> None:
    with pytest.raises(RunError) as fault:
        only_called(RUNS, "often")
    ids = [f"2026-{number:02}" for number in range(12)]
    assert str(fault.value) == (
        f"12 runs are called often: {', '.join(ids[:10])} and 2 more. Give the id of one."
    )
    with pytest.raises(RunError, match="2 runs begin with 2026-1: 2026-10, 2026-11"):
        only_called(RUNS, "2026-1")


def numbered(name: str, number: int) -> Run:
    """Return a run without a name, as the window says it: by its number."""
    run = made_run(name)
    return replace(run, description=replace(run.description, name="", number=number))


def test_a_number_means_the_run_that_the_window_calls_so() -> None:
    seven, seventy = numbered("2026-20", 7), numbered("2026-21", 70)
    assert only_called([*RUNS, seven, seventy], "Run 7") is seven
    assert only_called([*RUNS, seven], seven.title) is seven
    assert only_called([*RUNS, seven], "Run 8") is None
    named = called(made_run("2026-22"), "Run 7")
    assert only_called([seven, named], "Run 7") is named
    with pytest.raises(RunError, match="2 runs are called Run 7: 2026-20, 2026-23"):
        only_called([seven, numbered("2026-23", 7)], "Run 7")
