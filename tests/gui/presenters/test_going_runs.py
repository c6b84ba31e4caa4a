"""A run that has to go for others is said in the window, with a button that keeps it."""

import pytest
from PySide6.QtWidgets import QToolButton

from engine.paths import home
from engine.runs.caps import Caps
from engine.runs.store import RunStore
from tests.gui.driving import Driver
from tests.run_folders import make_runs

MB = 1_000_000


@pytest.mark.parametrize("keeps", [True, False], ids=["kept", "not kept"])
def test_a_run_that_has_to_go_can_be_kept(
    no_runs: Driver, monkeypatch: pytest.MonkeyPatch, keeps: bool
) -> None:
    monkeypatch.setattr("engine.runs.run_writer.FAIR_SECONDS", 60.0 if keeps else 0.1)
    ids = make_runs(home() / "runs", 2, epochs=60)
    store, driver = RunStore(), no_runs
    for run in store.runs():
        store.edit(run, pinned=False, name=run.id)
    store.set_caps(Caps(MB, store.total_bytes()))
    driver.make_smaller()
    driver.run("step_epoch", "Paused")
    button = driver.find(QToolButton, "message.offer")
    driver.wait(lambda: f"“{ids[0]}”" in driver.message() and "will be deleted" in driver.message())
    assert button.text() == "Keep it"
    if keeps:
        button.click()
        driver.wait(lambda: store.find(ids[0]).pinned)
    driver.click("stop")
    driver.wait_for("Stopped")
    driver.settle()
    left = {run.id for run in store.runs()}
    if keeps:
        assert {*ids} <= left
        driver.wait(lambda: f"“{ids[1]}”" in driver.message())  # which goes in its place
    else:
        driver.wait(lambda: ids[0] not in {run.id for run in store.runs()})
        assert ids[1] in {run.id for run in store.runs()}
