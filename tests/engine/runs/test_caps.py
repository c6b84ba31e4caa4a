"""How much room runs take: a run is thinned, the oldest go, and nothing goes that must not."""

import os
from collections.abc import Collection
from pathlib import Path

import pytest

from engine.errors import RunError
from engine.machine import file_lock
from engine.machine.file_lock import FileLock
from engine.runs.caps import Caps
from engine.runs.recorder import RunNames, RunRecorder
from engine.runs.room_use import RoomUse
from engine.runs.run_folder import RECORDING, Run, is_run_folder, read_run
from engine.runs.store import RunStore, bytes_of, change_description
from engine.training.events import EpochDone
from tests.engine.networks import MODERN, fitting
from tests.engine.runs.folders import write_run
from tests.engine.runs.recordings import PATIENCE, Heard, record, untrained, weights_after
from tests.engine.training_runs import SETTINGS, same, trained, training

MB = 1_000_000


def ids(store: RunStore) -> str:
    return "".join(sorted(run.id for run in store.runs()))


def test_caps_are_remembered_and_damaged_ones_are_the_usual(store: RunStore) -> None:
    assert store.caps == Caps()
    store.set_caps(Caps(2 * MB, 5 * MB))
    assert RunStore(store.folder).caps == Caps(2 * MB, 5 * MB)
    for content in (b"", b"{", b'{"run_bytes": -1}', b'{"all_bytes": "x"}', b"\xff", b"[" * 9_000):
        (store.folder / "caps.json").write_bytes(content)
        assert store.caps == Caps()
    with pytest.raises(RunError, match="at least 1 MB"):
        store.set_caps(Caps(0, 5 * MB))


def test_the_oldest_would_go_first(store: RunStore) -> None:
    store.set_caps(Caps(MB, 5 * MB))
    assert store.would_go(0) == ()
    assert [run.id for run in store.would_go(MB)] == ["a"]
    assert [run.id for run in store.would_go(2 * MB + MB // 2)] == ["a", "b"]
    assert [run.id for run in store.would_go(100 * MB)] == ["a", "b", "c", "d"]


def test_what_is_pinned_held_or_recorded_stays(store: RunStore) -> None:
    store.set_caps(Caps(MB, MB))
    store.edit(store.find("a"), pinned=True)
    other = RunStore(store.folder)  # as of another program
    other.hold(store.find("b"))
    lock = FileLock(store.folder / "c" / RECORDING)
    assert lock.take()
    assert [run.id for run in store.would_go(0)] == ["d"]
    store.make_room("abcd")
    assert ids(store) == "abc"
    other.hold(None)
    lock.give_back()
    store.make_room("b")
    assert ids(store) == "ac"


def test_a_run_that_two_programs_show_stays_when_one_of_them_goes(store: RunStore) -> None:
    store.set_caps(Caps(MB, MB))
    one, other = RunStore(store.folder), RunStore(store.folder)
    shown = store.find("b")
    one.hold(shown)
    other.hold(shown)
    one.hold(None)
    other.hold(shown)  # as with each look at the runs
    assert "b" not in [run.id for run in store.would_go(0)]
    other.hold(None)
    assert "b" in [run.id for run in store.would_go(0)]


def test_somebody_who_looks_just_then_keeps_no_run_from_being_held(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.set_caps(Caps(MB, MB))
    lock, looks = file_lock._locked, iter([True])
    one = RunStore(store.folder)
    with monkeypatch.context() as patch:
        patch.setattr(file_lock, "_locked", lambda file: not next(looks, False) and lock(file))
        one.hold(store.find("b"))
    assert "b" not in [run.id for run in store.would_go(0)]
    one.hold(None)


def test_room_is_made_of_the_announced_and_no_more_than_is_needed(store: RunStore) -> None:
    store.set_caps(Caps(MB, 2 * MB + MB // 2))
    store.make_room("cd")
    assert ids(store) == "abcd"  # a and b would have to go, which nobody has said
    store.make_room("abcd")
    assert ids(store) == "cd"


def test_what_was_deleted_goes_before_any_run(store: RunStore) -> None:
    store.set_caps(Caps(MB, 4 * MB))
    deleted = store.delete(store.find("d"))
    store.make_room("abc")
    assert ids(store) == "abc"
    with pytest.raises(RunError):
        store.deleted.restore(deleted)


def test_no_run_goes_where_it_is_enough_that_the_deleted_ones_do(store: RunStore) -> None:
    store.delete(store.find("d"))
    (store.deleted.folder / "d" / "much").write_bytes(bytes(20 * MB))
    store.set_caps(Caps(MB, 5 * MB))
    assert store.would_go(MB) == RoomUse.of(store).first == ()
    recorded = record(store.folder, untrained(), store=store, names=RunNames("new"))
    assert recorded.heard.said == []
    assert {run.title for run in store.runs()} == {"a", "b", "c", "new"}
    assert store.deleted.runs() == ()


def test_runs_of_killed_programs_without_an_epoch_are_removed(store: RunStore) -> None:
    for name in ("unnamed", "named", "living", "of a series", "just begun"):
        folder = store.folder / name
        write_run(folder, epochs=0)
        (folder / "metrics.jsonl").unlink()
        (folder / RECORDING).touch()
        if name != "just begun":  # by another machine, say, whose locks are not seen here
            os.utime(folder / RECORDING, (1_000_000_000, 1_000_000_000))
        change_description(folder, name="x" if name in ("named", "of a series") else "")
    change_description(store.folder / "of a series", group="2 seeds of the same")
    lock = FileLock(store.folder / "living" / RECORDING)
    assert lock.take()
    store.remove_unborn()
    assert {run.id for run in store.runs()} == {*"abcd", "named", "living", "just begun"}
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
    store.remove_unborn()
    assert [name for name in names if (store.folder / name).exists()] == list(names[1:])
    held.give_back()


def test_a_run_says_at_its_start_what_goes_at_its_end(store: RunStore) -> None:
    store.set_caps(Caps(MB, 4 * MB))
    recorded = record(store.folder, untrained(), store=store, names=RunNames("new"))
    (said,) = recorded.heard.said
    began = store.find("b").started
    assert began is not None
    assert (
        f"“a” of 2026-11-01 {began:%H:%M} will be deleted as soon as newer runs need the room."
        in said
    )
    assert "Pin it to keep it" in said
    assert {run.title for run in store.runs()} == {"b", "c", "d", "new"}
    store.set_caps(Caps(MB, MB))
    recorded = record(store.folder, untrained(), store=store, names=RunNames("newer"))
    assert " “b”, “c” and “d” will be deleted" in recorded.heard.said[0]
    assert {run.title for run in store.runs()} == {"new", "newer"}


def test_what_was_pinned_meanwhile_stays(store: RunStore) -> None:
    store.set_caps(Caps(MB, 4 * MB))

    class Pinning(RunStore):
        def make_room(self, candidates: Collection[str]) -> tuple[Run, ...]:
            self.edit(self.find("a"), pinned=True)
            return super().make_room(candidates)

    record(store.folder, untrained(), store=Pinning(store.folder))
    assert "a" in {run.id for run in store.runs()}


def test_a_run_is_thinned_to_its_cap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runs.run_writer._FOR_MOMENTS", 0.1)  # room for a few moments
    settings = SETTINGS.with_changes(epochs=40, loss="cross_entropy", optimizer="adam")
    report = fitting(MODERN, loss="cross_entropy")
    store = RunStore(tmp_path)
    store.set_caps(Caps(MB, MB))
    recorded = record(tmp_path, untrained(settings, report), store=store)
    run = store.find(recorded.run_id)
    moments = sum(bytes_of(run.folder / part) for part in ("weights", "states"))
    assert moments <= 0.1 * MB
    assert 2 <= len(run.kept_epochs) < 41
    assert same(weights_after(run, 40), trained(settings, report=report))
    for epoch in run.kept_epochs:
        assert run.project_after(epoch).state is not None
    assert len(list((run.folder / "states").iterdir())) == len(run.kept_epochs)


def test_a_moment_that_somebody_reads_is_left_where_it_cannot_be_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runs.run_writer._FOR_MOMENTS", 0.02)
    unlink = Path.unlink

    def guarded(path: Path, missing_ok: bool = False) -> None:
        if path.parent.name == "weights" and path.name == "epoch-0000.safetensors":
            raise PermissionError(13, "used by another process")
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", guarded)
    store = RunStore(tmp_path)
    store.set_caps(Caps(MB, 3 * MB))  # room for another
    recorded = record(tmp_path, untrained(SETTINGS.with_changes(epochs=200)), store=store)
    assert recorded.heard.said == []
    run = store.find(recorded.run_id)
    assert (run.epochs, run.state) == (200, "finished")
    assert {0, 200} <= {*run.kept_epochs}
    assert len(run.kept_epochs) < 20
    assert run.project_after(0).state is not None


def test_a_bookmarked_epoch_stays_when_others_are_thinned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runs.run_writer._FOR_MOMENTS", 0.02)
    for limit, value in (("WRITE_SECONDS", 0.0), ("MOMENT_SHARE", 1e9)):  # every epoch may be kept
        monkeypatch.setattr(f"engine.runs.run_writer.{limit}", value)
    store = RunStore(tmp_path)
    store.set_caps(Caps(MB, MB))
    settings = SETTINGS.with_changes(epochs=200)
    heard = Heard()
    with training(settings) as run:
        recorder = RunRecorder(store, untrained(settings), run, listener=heard.listener())
        for event in run.run():
            if isinstance(event, EpochDone):
                recorder.after_epoch(event)
                if event.epoch <= 3:
                    while event.epoch not in read_kept(tmp_path / recorder.run_id):
                        assert heard.written.acquire(timeout=PATIENCE)
                if event.epoch == 3:
                    change_description(tmp_path / recorder.run_id, bookmarks=(3,))
        recorder.end("finished")
        assert recorder.wait(PATIENCE)
    found = store.find(recorder.run_id)
    assert 3 in found.kept_epochs
    assert len(found.kept_epochs) < 20


def read_kept(folder: Path) -> tuple[int, ...]:
    return read_run(folder).kept_epochs if is_run_folder(folder) else ()
