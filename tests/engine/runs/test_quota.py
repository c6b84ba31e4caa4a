"""Runs that are deleted by hand or, the oldest, for the quota, wait among the deleted ones."""

import json
import os
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.errors import RunError
from engine.machine.file_lock import FileLock
from engine.paths import PREFERENCES, EnginePreferences, home, read_preferences
from engine.runs.recorder import RunNames, RunRecorder
from engine.runs.run_folder import RECORDING, Run
from engine.runs.run_writer import Listener
from engine.runs.store import Deleted, RunStore, eviction_text
from tests.engine.runs.folders import write_run
from tests.engine.runs.recordings import PATIENCE, record, untrained
from tests.engine.training_runs import training

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
    assert read_preferences().runs_megabytes == megabytes


def test_the_oldest_go_and_no_more_than_must(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_a_few_evicted_runs_are_named(store: RunStore) -> None:
    newest_last = store.runs()[::-1]
    assert eviction_text(newest_last[:2]).startswith("“a” and “b” were deleted")
    assert eviction_text(newest_last[:3]).startswith("“a”, “b” and “c” were deleted")


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


def test_emptied_runs_do_not_come_back(store: RunStore) -> None:
    before, again = store.total_bytes(), store.delete(store.find("a"))
    store.deleted.empty()
    assert store.total_bytes() < before
    with pytest.raises(RunError, match="not restored"):
        store.deleted.restore(again)


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
