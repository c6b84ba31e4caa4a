"""Runs are read in threads of which one may be late: what the newest has found counts."""

import threading
from pathlib import Path

import pytest

from engine.runs.run_folder import Run
from engine.runs.store import RunStore
from gui.runs.run_reading import RunReading
from tests.run_folders import make_runs


def test_a_late_look_holds_no_run_that_is_no_longer_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_runs(tmp_path, 2, epochs=1)
    store, hold = RunStore(tmp_path), RunStore.hold
    for run in store.runs():
        store.edit(run, pinned=False)
    begun, goes_on = threading.Event(), threading.Event()

    def hold_late(self: RunStore, run: Run | None) -> None:
        begun.set()
        if run is not None and run.id == first:
            assert goes_on.wait(60)
        hold(self, run)

    monkeypatch.setattr(RunStore, "hold", hold_late)
    reading = RunReading(store)
    looks = [threading.Thread(target=reading.read) for _ in range(2)]
    reading.shown = store.find(first)
    looks[0].start()
    assert begun.wait(60)
    reading.shown = store.find(second)
    looks[1].start()
    looks[1].join(0.1)  # where it need not wait for the other, it is over by then
    goes_on.set()
    for look in looks:
        look.join()
    other = RunStore(tmp_path)  # as of another program
    assert [run.id for run in other.would_go(10**15)] == [first]
    hold(store, None)
