"""The store of runs: listed newest first, found, changed, deleted by hand or for the quota."""

import json
import os
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.errors import RunError
from engine.machine.file_lock import FileLock
from engine.model.stack import Stack
from engine.paths import PREFERENCES, EnginePreferences, home, read_preferences
from engine.runs.recorder import RunNames, RunRecorder
from engine.runs.run_folder import RECORDING, Run, read_run
from engine.runs.run_writer import Listener
from engine.runs.store import Deleted, RunStore, change_description, eviction_text, only_called
from tests.engine.networks import BLOCKS, INPUT_SHAPE
from tests.engine.runs.folders import description, write_run
from tests.engine.runs.made_runs import called, made_run
from tests.engine.runs.recordings import PATIENCE, record, untrained
from tests.engine.training_runs import training


@pytest.fixture
def three(tmp_path: Path) -> RunStore:
    """Return a store of three runs, of which the second is the newest."""
    made = RunStore(tmp_path / "runs")
    for number, day in ((1, 3), (2, 5), (3, 4)):
        write_run(made.folder / f"20260{number}-run", epochs=number)
        change_description(made.folder / f"20260{number}-run", started=f"2026-11-0{day}T10:00:00Z")
    return made


def test_runs_are_listed_newest_first(three: RunStore) -> None:
    assert [run.id for run in three.runs()] == ["202602-run", "202603-run", "202601-run"]
    assert three.damaged == ()
    newest = three.runs()[0]
    assert (newest.epochs, newest.test_accuracy, newest.best_epoch) == (2, 0.5, 1)
    assert newest.seconds == 0.5
    assert newest.age(2) == 6
    assert newest.started is not None
    assert newest.started.isoformat().startswith("2026-11-0")


def test_a_run_that_says_no_start_has_its_place_by_its_files(three: RunStore) -> None:
    """It began so many seconds before the end of its last epoch: on 2026-11-04 at noon, UTC."""
    folder = three.folder / "foreign"
    write_run(folder, epochs=2)
    change_description(folder, started="")
    seconds = read_run(folder).seconds
    noon = datetime(2026, 11, 4, 12, tzinfo=UTC).timestamp()
    os.utime(folder / "metrics.jsonl", (noon + seconds, noon + seconds))
    assert read_run(folder).began == pytest.approx(noon, abs=0.01)
    ids = ["202602-run", "foreign", "202603-run", "202601-run"]
    assert [run.id for run in three.runs()] == ids
    (folder / "metrics.jsonl").unlink()
    change_description(folder, started="yesterday")  # which is no time
    assert read_run(folder).started is None
    os.utime(folder / "run.json", (noon, noon))
    assert [run.id for run in three.runs()] == ids


def test_a_run_that_is_as_it_was_is_not_read_again(
    three: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def note(folder: Path) -> Run:
        read.append(folder.name)
        return read_run(folder)

    for run in three.runs():
        change_description(run.folder, state="finished")
    monkeypatch.setattr("engine.runs.store.read_run", note)
    ids = [run.id for run in three.runs()]
    three.runs()
    assert sorted(read) == sorted(ids * 2), "they have just been written, and may be still"
    for path in three.folder.glob("*/*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    before = three.runs()
    read.clear()
    assert all(one is other for one, other in zip(before, three.runs(), strict=True))
    assert read == []
    three.edit(before[0], note="changed")
    with (before[1].folder / "metrics.jsonl").open("ab") as file:
        file.write(b"{")
    (before[2].folder / "weights" / "epoch-0009.safetensors").write_bytes(b"")
    read.clear()
    after = three.runs()
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


def test_damaged_runs_are_told_apart(three: RunStore) -> None:
    (three.folder / "202603-run" / "run.json").write_text("{")
    (three.folder / "something else").mkdir()
    assert [run.id for run in three.runs()] == ["202602-run", "202601-run"]
    (damaged,) = three.damaged
    assert "202603-run is damaged" in damaged


def test_a_run_is_found_by_what_it_is_called(
    three: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.edit(three.find("202601-run"), name="The best")
    for word in ("202601-run", "202601", "The best", str(three.folder / "202601-run")):
        assert three.find(word).id == "202601-run"
    with pytest.raises(RunError, match="called first: 202602-run, 202603-run"):
        three.find("first")
    three.edit(three.find("202603-run"), name="")
    assert three.find("first").id == "202602-run"
    for word in ("", "..", "other", "a\0b", "202601-run/weights"):
        with pytest.raises(RunError, match="no run"):
            three.find(word)
    monkeypatch.chdir(three.folder / "202603-run")
    assert three.find(".").id == "202603-run"
    assert three.find("../202601-run").id == "202601-run"
    with pytest.raises(RunError, match="no run ''"):
        three.find("")
    shutil.copytree(three.folder / "202601-run", tmp_path / "copy")
    assert three.find(str(tmp_path / "copy")).folder == tmp_path / "copy"


def test_what_a_user_says_of_a_run_is_kept(three: RunStore) -> None:
    changes = {"name": "näher", "note": "two\nlines", "pinned": True, "bookmarks": (1, 2)}
    edited = three.edit(three.find("202601-run"), **changes)
    for run in (edited, read_run(edited.folder)):
        found = (run.title, run.note, run.pinned, run.bookmarks)
        assert found == ("näher", "two\nlines", True, (1, 2))
    said = json.loads((edited.folder / "run.json").read_text("utf-8"))
    assert said["of another program"] == description()["of another program"]
    assert said["stack"] == description()["stack"]
    with pytest.raises(RunError):
        three.edit(edited, bookmarks=(-1,))
    with pytest.raises(ValueError, match="state"):
        three.edit(edited, state="finished")
    assert read_run(edited.folder).bookmarks == (1, 2)


def test_what_cannot_be_kept_of_a_user_is_refused_in_words(three: RunStore, tmp_path: Path) -> None:
    run = three.find("202601-run")
    for field in ("name", "note"):
        with pytest.raises(RunError, match="at most 10,000 letters"):
            three.edit(run, **{field: "x" * 10_001})
    assert three.edit(run, name="x" * 10_000).title == "x" * 10_000
    assert three.edit(run, name="caf\udce9").title == "caf?"
    write_run(tmp_path / "elsewhere")
    with pytest.raises(RunError, match="not among the runs"):
        three.edit(read_run(tmp_path / "elsewhere"), name="mine")


def test_two_that_change_a_run_at_the_same_time_lose_nothing(three: RunStore) -> None:
    folder = three.folder / "202601-run"
    changes = [{"name": "x"}, {"note": "y"}, {"colour": "red"}, {"reason": "z"}]
    with ThreadPoolExecutor(len(changes)) as pool:
        list(pool.map(lambda one: change_description(folder, **one), changes))
    said = json.loads((folder / "run.json").read_text("utf-8"))
    assert [said[name] for one in changes for name in one] == ["x", "y", "red", "z"]
    assert read_run(folder).title == "x", "the colour of an older version stays, and tells nothing"


def test_a_run_is_beginning_from_when_it_has_a_folder_till_it_can_be_read(three: RunStore) -> None:
    assert not three.is_beginning("new"), "there is none"
    folder = three.new_folder("new")
    assert three.is_beginning("new")
    write_run(folder)
    assert three.find("new").folder == folder
    assert not three.is_beginning("new")


def test_an_id_that_a_file_of_others_names_is_no_path(three: RunStore, tmp_path: Path) -> None:
    write_run(tmp_path / "elsewhere")
    (tmp_path / "begun").mkdir()
    for path in ("elsewhere", "begun"):
        for word in (str(tmp_path / path), f"../{path}", f"{path}/", "..", ".", "", "a\0b"):
            assert not three.is_beginning(word)
            with pytest.raises(RunError, match=r"There is no run|is no folder"):
                three.of_id(word)
    assert three.of_id("202601-run").id == "202601-run"


def test_only_runs_of_this_folder_that_nobody_writes_are_deleted(
    three: RunStore, tmp_path: Path
) -> None:
    write_run(tmp_path / "elsewhere")
    with pytest.raises(RunError, match="not among the runs"):
        three.delete(read_run(tmp_path / "elsewhere"))
    run = three.find("202601-run")
    lock = FileLock(run.folder / RECORDING)
    assert lock.take()
    with pytest.raises(RunError, match="being recorded"):
        three.delete(run)
    lock.give_back()
    three.delete(run)


def test_a_run_whose_program_was_killed_is_interrupted(three: RunStore) -> None:
    run = three.find("202601-run")
    assert run.state == "training"  # of another program, as it says
    lock = FileLock(run.folder / RECORDING)
    assert lock.take()
    assert read_run(run.folder).state == "training"
    lock.give_back()
    assert read_run(run.folder).state == "interrupted"
    change_description(run.folder, state="stopped")
    assert read_run(run.folder).state == "stopped"


def test_no_number_is_given_again_while_its_run_can_be_restored(three: RunStore) -> None:
    assert three.next_number() == 1
    for run, number in zip(three.runs(), (7, 43, 12), strict=True):
        change_description(run.folder, number=number)
    assert three.next_number() == 44
    for run in three.runs():
        three.delete(run)
    assert three.next_number() == 44
    three.deleted.empty()
    assert three.next_number() == 1


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


MB = 1_000_000


def ids(store: RunStore) -> str:
    return "".join(sorted(run.id for run in store.runs()))


def set_quota(monkeypatch: pytest.MonkeyPatch, megabytes: int) -> None:
    chosen = EnginePreferences(runs_megabytes=megabytes)
    monkeypatch.setattr("engine.runs.store.read_preferences", lambda: chosen)


@pytest.mark.parametrize(
    ("content", "megabytes"),
    [
        (b'{"runs_megabytes": 30, "window": 1}', 30),
        (b'{"runs_megabytes": -1}', 2_000),
        (b'{"images_megabytes": -5}', 2_000),
        (b"", 2_000),
        (b"\xff", 2_000),
        (b"[" * 9_000, 2_000),
    ],
)
def test_the_quota_is_one_of_the_preferences(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, megabytes: int
) -> None:
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path))
    assert read_preferences() == EnginePreferences()
    (home() / PREFERENCES).write_bytes(content)
    assert read_preferences() == EnginePreferences(runs_megabytes=megabytes)


def test_the_oldest_go_and_no_more_than_must(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest_last = store.runs()[::-1]
    assert eviction_text(newest_last[:2]).startswith("“a” and “b” were deleted")
    assert eviction_text(newest_last[:3]).startswith("“a”, “b” and “c” were deleted")
    (store.folder / "going.json").write_text(json.dumps({"d": 1.0}))  # of an earlier version
    set_quota(monkeypatch, 5)
    assert store.enforce_quota() == {}
    set_quota(monkeypatch, 3)
    evicted = store.enforce_quota()
    assert ([run.id for run in evicted], ids(store)) == (["a", "b"], "cd")
    for deleted in evicted.values():
        store.deleted.restore(deleted)
    assert ids(store) == "abcd"


def test_what_is_pinned_or_recorded_stays(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    set_quota(monkeypatch, 1)
    store.edit(store.find("a"), pinned=True)
    lock = FileLock(store.folder / "c" / RECORDING)
    assert lock.take()
    assert [run.id for run in store.enforce_quota()] == ["b", "d"]
    lock.give_back()


def test_what_was_deleted_before_goes_first_and_only_for_room(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted = store.delete(store.find("d"))
    (store.deleted.folder / "d" / "much").write_bytes(bytes(20 * MB))
    set_quota(monkeypatch, 30)
    assert store.enforce_quota() == {}
    assert deleted.kept_in.exists()
    set_quota(monkeypatch, 4)
    assert store.enforce_quota() == {}
    assert ids(store) == "abc"
    with pytest.raises(RunError, match="not restored"):
        store.deleted.restore(deleted)


def test_several_that_make_room_at_once_delete_no_more_than_one(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_quota(monkeypatch, 4)
    stores = [RunStore(store.folder) for _ in range(4)]
    with ThreadPoolExecutor(len(stores)) as pool:
        list(pool.map(RunStore.enforce_quota, stores))
    assert ids(store) == "bcd"


def test_a_run_that_begins_says_once_which_went(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_quota(monkeypatch, 4)
    recorded = record(store.folder, untrained(), store=store, names=RunNames("new"))
    assert recorded.heard.said == [
        "“a” was deleted to make room for newer runs. Pin runs that are to stay."
    ]
    assert {run.title for run in store.runs()} == {"b", "c", "d", "new"}
    assert record(store.folder, untrained(), store=store).heard.said == []


def test_who_can_bring_them_back_gets_the_runs(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_quota(monkeypatch, 1)
    told: list[tuple[str, Mapping[Run, Deleted]]] = []
    listener = Listener(said=pytest.fail, evicted=lambda text, runs: told.append((text, runs)))
    with training() as run:
        recorder = RunRecorder(store, untrained(), run, listener=listener)
        recorder.end("stopped")
        assert recorder.wait(PATIENCE)
    ((text, evicted),) = told
    assert text.startswith("“a” and 3 more were deleted")
    assert [store.deleted.restore(each).id for each in evicted.values()] == [*"abcd"]


def test_runs_of_killed_programs_without_an_epoch_are_removed(store: RunStore) -> None:
    for name in ("killed", "living", "just begun"):
        folder = store.folder / name
        write_run(folder, epochs=0)
        (folder / "metrics.jsonl").unlink()
        (folder / RECORDING).touch()
        if name != "just begun":  # by another machine, say, whose locks are not seen here
            os.utime(folder / RECORDING, (1_000_000_000, 1_000_000_000))
    lock = FileLock(store.folder / "living" / RECORDING)
    assert lock.take()
    store.remove_empty_runs()
    assert {run.id for run in store.runs()} == {*"abcd", "living", "just begun"}
    lock.give_back()


def test_a_folder_that_a_killed_program_has_not_described_is_removed(store: RunStore) -> None:
    names = ("killed", "just begun", "locked", "of somebody")
    for name in names:
        (store.folder / name / "weights").mkdir(parents=True)
        if name != "of somebody":
            lock = store.folder / name / RECORDING
            lock.touch()
            os.utime(lock, (1_000_000_000, 1_000_000_000))
    os.utime(store.folder / "just begun" / RECORDING)
    held = FileLock(store.folder / "locked" / RECORDING)
    assert held.take()
    store.remove_empty_runs()
    assert [name for name in names if (store.folder / name).exists()] == list(names[1:])
    held.give_back()


# Deleted runs wait to be restored, and are removed for good when that is asked for.


def test_a_deleted_run_comes_back_whole(store: RunStore) -> None:
    run, before = store.find("a"), store.total_bytes()
    deleted = store.delete(run)
    assert [each.id for each in store.runs()] == ["d", "c", "b"]
    assert store.total_bytes() == before
    assert store.deleted.restore(deleted).metrics == run.metrics
    assert len(store.runs()) == 4
    with pytest.raises(RunError, match="not restored"):
        store.deleted.restore(deleted)


def test_a_run_of_the_same_id_is_not_written_over(store: RunStore) -> None:
    first = store.delete(store.find("a"))
    assert store.new_folder("a").name == "a-2"
    write_run(store.folder / "a")
    with pytest.raises(RunError, match="another of that id"):
        store.deleted.restore(first)
    second = store.delete(store.find("a"))
    assert first.kept_in != second.kept_in


def test_what_is_being_removed_for_good_is_not_restored_by_halves(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted, refused = store.delete(store.find("a")), []

    def remove(path: Path, *, ignore_errors: bool) -> None:
        with pytest.raises(RunError, match="not restored") as fault:
            store.deleted.restore(deleted)
        refused.append(fault)
        rmtree(path, ignore_errors=ignore_errors)

    rmtree = shutil.rmtree
    monkeypatch.setattr(shutil, "rmtree", remove)
    store.deleted.empty()
    assert len(refused) == 1
    assert os.listdir(store.deleted.folder) == []
