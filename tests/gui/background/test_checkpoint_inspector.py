"""Moments are read, with data and statistics, however fast they are wished for."""

import threading
import time
from pathlib import Path

import pytest
from PySide6.QtWidgets import QTreeWidget

from engine.array_types import Array
from engine.errors import InterruptedWorkError
from engine.inspection.unit_health import UnitHealth, check_health
from engine.model.network import Network
from engine.runs.run_folder import Run
from gui.background import checkpoint_inspector
from gui.background.checkpoint_inspector import (
    CheckpointInspector,
    CheckpointReading,
    FirstLook,
    LookRequest,
    OpenCheckpoint,
)
from gui.background.loading import Loading
from gui.background.present import Present
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.looking import EPOCHS, is_at, look, recorded
from tests.gui.waiting import run_events, wait_until

BETWEEN = 150  # ms
WISHES = 40


def test_of_many_wishes_few_are_met_and_the_last_is(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint_inspector, "BETWEEN", BETWEEN)
    nothing_open, inspector, seen = Present(None, None), CheckpointInspector(), list[int]()

    def on_look(look: FirstLook) -> None:
        if look.opened.checkpoint.epoch not in seen[-1:]:  # else with its data
            seen.append(look.opened.checkpoint.epoch)

    inspector.looked.connect(on_look)
    inspector.show(LookRequest(run, 0, nothing_open), None)
    wait_until(lambda: seen == [0] and not inspector._busy)
    seen.clear()
    began = time.perf_counter()
    for number in range(WISHES):
        inspector.show(LookRequest(run, 1 + number % 2, nothing_open), None)
        run_events(10)
    inspector.show(LookRequest(run, EPOCHS, nothing_open), None)
    wait_until(lambda: EPOCHS in seen)
    took = (time.perf_counter() - began) * 1000
    assert seen[-1] == EPOCHS
    assert 2 <= len(seen) <= 2 + took / BETWEEN
    wait_until(lambda: not inspector._busy)
    inspector.leave()


PRESENT = Present(None, None)
PATIENCE = 60.0  # s


def test_a_look_that_was_overtaken_leaves_the_data_of_the_newer_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Loading] = []
    answers = threading.Event()

    class Slow(Loading):
        def _read(self) -> None:
            begun.append(self)
            assert answers.wait(PATIENCE)
            super()._read()

    monkeypatch.setattr("gui.background.checkpoint_inspector.Loading", Slow)
    runs = [recorded(tmp_path / str(n), "notebook", limit=n, epochs=1) for n in (20, 30)]
    reading, found = CheckpointReading(), dict[int, OpenCheckpoint]()

    def look(place: int) -> None:
        found[place] = reading.open(runs[place], 1, PRESENT, lambda: False)

    looks = [threading.Thread(target=look, args=(place,)) for place in (0, 1)]
    try:
        looks[0].start()
        wait_until(lambda: len(begun) == 1)
        looks[1].start()
        wait_until(lambda: len(begun) == 2)
        looks[0].join(PATIENCE)
        assert "was cancelled" in found[0].data.problem
        assert reading.open(runs[1], 1, PRESENT).data.reading
        assert len(begun) == 2
    finally:
        answers.set()
        for each in looks:
            each.join(PATIENCE)
    assert reading.open(runs[1], 1, PRESENT).data.test is not_none(found[1].data.test)
    reading.forget_data()
    reading = CheckpointReading()
    test = reading.open(runs[1], 1, PRESENT, lambda: False).data.test
    with pytest.raises(InterruptedWorkError):  # an overtaken look that comes late
        reading.open(runs[0], 1, PRESENT, lambda: True)
    assert reading.open(runs[1], 1, PRESENT).data.test is test


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run of four epochs."""
    return recorded(tmp_path_factory.mktemp("runs"), "notebook", limit=20)


def test_gradients_of_the_last_moment_are_seen_and_dated_until_others_come(
    new_project: Driver, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver, view = new_project, new_project.window.view
    driver.window.stage.show_panel("Gradients")
    look(driver, run, 1)
    panel = driver.window.panels.gradients
    assert panel.headline.text()
    assert driver.text("gradients.when") == "at epoch 1"
    norms = gradients(panel.table)
    free, begun = threading.Event(), list[float]()

    def held(network: Network, inputs: Array, position: float) -> UnitHealth:
        begun.append(position)
        assert free.wait(PATIENCE)
        return check_health(network, inputs, position)

    monkeypatch.setattr("gui.background.checkpoint_inspector.check_health", held)
    try:
        view.show(run, 2)
        driver.wait(lambda: is_at(driver, run, 2) and begun == [2])
        view.show(run, 4)
        driver.wait(lambda: is_at(driver, run, 4) and begun == [2, 4])
        assert driver.text("gradients.when") == "at epoch 1"
        assert gradients(panel.table) == norms
    finally:
        free.set()
    driver.wait(lambda: driver.text("gradients.when") == "at epoch 4")
    driver.wait(lambda: gradients(panel.table) != norms)  # the panel is drawn part by part
    driver.wait(lambda: not view._inspector._busy)
    view.back_to_now()


def gradients(table: QTreeWidget) -> list[str]:
    """Read the norms of the gradients, which each block with weights has."""
    rows = [table.topLevelItem(row) for row in range(table.topLevelItemCount())]
    found = [row.text(1) for row in rows if row is not None and row.text(1)]
    assert len(found) == 3
    return found
