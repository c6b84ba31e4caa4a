"""However fast moments are wished for, as by a slider, few are opened, and the last of them is."""

import time
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.background import checkpoint_inspector
from gui.background.checkpoint_inspector import CheckpointInspector, FirstLook, LookRequest
from gui.background.present import Present
from tests.gui.looking import EPOCHS, recorded
from tests.gui.waiting import run_events, wait_until

BETWEEN = 150  # ms
WISHES = 40


def test_of_many_wishes_few_are_met_and_the_last_is(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint_inspector, "BETWEEN", BETWEEN)
    run, nothing_open = recorded(tmp_path, "notebook"), Present(None, None)
    inspector, seen = CheckpointInspector(), list[int]()

    def on_look(look: FirstLook) -> None:
        if look.opened.checkpoint.epoch not in seen[-1:]:  # else with its data
            seen.append(look.opened.checkpoint.epoch)

    inspector.looked.connect(on_look)
    inspector.show(LookRequest(run, 0, nothing_open), None)
    wait_until(lambda: seen == [0] and not inspector.busy)
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
    wait_until(lambda: not inspector.busy)
    inspector.leave()
