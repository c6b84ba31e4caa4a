"""Moments are read with their data, which is read once, whatever look at it is overtaken."""

import threading
from pathlib import Path

import pytest

from engine.errors import InterruptedWorkError
from gui.background.checkpoint_inspector import CheckpointReading, OpenCheckpoint
from gui.background.loading import Loading
from gui.background.present import Present
from tests.gui.finding import not_none
from tests.gui.looking import recorded
from tests.gui.waiting import wait_until

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
    runs = [recorded(tmp_path / str(limit), "notebook", limit=limit) for limit in (20, 30)]
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


def test_an_overtaken_look_that_comes_late_takes_no_data_away(tmp_path: Path) -> None:
    runs = [recorded(tmp_path / str(limit), "notebook", limit=limit) for limit in (20, 30)]
    reading = CheckpointReading()
    test = reading.open(runs[1], 1, PRESENT, lambda: False).data.test
    with pytest.raises(InterruptedWorkError):
        reading.open(runs[0], 1, PRESENT, lambda: True)
    assert reading.open(runs[1], 1, PRESENT).data.test is test
