"""Moments are read, with data and statistics, however fast they are wished for."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
    CheckpointStatistics,
    FirstLook,
    LookRequest,
    OpenCheckpoint,
)
from gui.background.loading import Loading
from gui.background.mailbox import Statistics
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


HEALTH: Statistics = frozenset({"health"})
ALL: Statistics = frozenset({"health", "steps"})


class Held:
    """Lets unit health be checked only so many times."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._free = threading.Semaphore(0)
        self.begun: list[float] = []  # positions

        def held(network: Network, inputs: Array, position: float) -> UnitHealth:
            self.begun.append(position)
            assert self._free.acquire(timeout=60)
            return check_health(network, inputs, position)

        patch.setattr("gui.background.checkpoint_inspector.check_health", held)

    def let(self, times: int) -> None:
        """Let so many checks be done that wait, or will begin."""
        self._free.release(times)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """Return what holds up unit health from now on; in the end nothing does."""
    made = Held(monkeypatch)
    yield made
    made.let(99)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run of four epochs."""
    return recorded(tmp_path_factory.mktemp("runs"), "notebook", limit=20)


def opened(run: Run, epoch: int) -> OpenCheckpoint:
    return CheckpointReading().open(run, epoch, Present(None, None), lambda: False)


def heard(statistics: CheckpointStatistics) -> list[tuple[str, float]]:
    """Return a list in which what comes is noted, with the position of its moment."""
    told: list[tuple[str, float]] = []

    def note(found: dict[str, Any]) -> None:
        if "health" in found:
            told.append(("health", found["health"].position))
        if "steps" in found:
            told.append(("step", found["steps"][0][0]))

    statistics.worked_out.connect(note)
    statistics.ended.connect(lambda: told.append(("end", 0)))
    return told


def test_what_was_begun_is_finished_and_then_the_newest_has_its_turn_unless_of_another_run(
    run: Run, tmp_path: Path, held: Held
) -> None:
    other = recorded(tmp_path, "notebook", limit=20, epochs=1)
    statistics = CheckpointStatistics()
    told = heard(statistics)
    statistics.show(opened(run, 1))
    assert not statistics.busy, "nothing is wanted"
    statistics.want(HEALTH)
    held.let(1)
    wait_until(lambda: ("end", 0) in told)
    statistics.want(ALL)
    wait_until(lambda: told.count(("end", 0)) == 2)
    assert told == [("health", 1), ("end", 0), ("step", 1), ("end", 0)]
    told.clear()
    for epoch in (1, 2, 3, 4):
        statistics.show(opened(run, epoch))
        wait_until(lambda: held.begun == [1, 1])
    held.let(2)
    wait_until(lambda: ("end", 0) in told)
    assert told == [("health", 1), ("step", 1), ("health", 4), ("step", 4), ("end", 0)]
    assert not statistics.busy
    told.clear()
    statistics.show(opened(run, 2))
    wait_until(lambda: held.begun[3:] == [2])
    statistics.show(opened(other, 1))
    wait_until(lambda: held.begun[3:] == [2, 1])
    held.let(2)
    wait_until(lambda: ("end", 0) in told)
    assert told == [("health", 1), ("step", 1), ("end", 0)]
    statistics.show(opened(run, 3))
    wait_until(lambda: held.begun[3:] == [2, 1, 3])
    statistics.leave()
    held.let(1)
    run_events(50)
    assert told[3:] == []


def test_gradients_of_the_last_moment_are_seen_and_dated_until_others_come(
    new_project: Driver, run: Run, held: Held
) -> None:
    driver, view = new_project, new_project.window.view
    driver.window.stage.show_panel("Gradients")
    held.let(1)
    look(driver, run, 1)
    panel = driver.window.panels.gradients
    assert panel.headline.text()
    assert driver.text("gradients.when") == "at epoch 1"
    norms = gradients(panel.table)
    view.show(run, 2)
    driver.wait(lambda: is_at(driver, run, 2) and held.begun == [1, 2])
    view.show(run, 4)
    driver.wait(lambda: is_at(driver, run, 4))
    run_events(50)
    assert driver.text("gradients.when") == "at epoch 1"
    assert gradients(panel.table) == norms
    held.let(1)
    driver.wait(lambda: driver.text("gradients.when") == "at epoch 2")
    driver.wait(lambda: gradients(panel.table) != norms)  # the panel is drawn part by part
    held.let(1)
    driver.wait(lambda: driver.text("gradients.when") == "at epoch 4")
    driver.wait(lambda: not view._inspector._busy)
    view.back_to_now()


def gradients(table: QTreeWidget) -> list[str]:
    """Read the norms of the gradients, which each block with weights has."""
    rows = [table.topLevelItem(row) for row in range(table.topLevelItemCount())]
    found = [row.text(1) for row in rows if row is not None and row.text(1)]
    assert len(found) == 3
    return found
