"""Deleted runs wait to be restored, and are removed for good when that is asked for."""

import os
import shutil
from pathlib import Path

import pytest

from engine.errors import RunError
from engine.runs.store import RunStore
from tests.engine.runs.folders import write_run


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
