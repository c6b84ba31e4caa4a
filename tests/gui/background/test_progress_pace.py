"""How far a run is, is told as often as it can be read, and at rest at once."""

import pytest

from gui.background.mailbox import RunProgress
from gui.background.session import PROGRESS_SECONDS, ProgressPace


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("gui.background.session.time.perf_counter", lambda: now[0])
    return now


def at(epoch: int) -> RunProgress:
    return RunProgress(epoch, 9, 0.5, 1.0, 1.0, 1.0)


def test_while_it_trains_the_newest_is_told_now_and_then(clock: list[float]) -> None:
    told: list[RunProgress] = []
    pace = ProgressPace(told.append)
    for epoch in (1, 2, 3):
        pace.add(at(epoch))
        pace.tell(training=True)
    assert [each.epoch for each in told] == [1]
    clock[0] += PROGRESS_SECONDS
    pace.add(None)
    pace.tell(training=True)
    assert [each.epoch for each in told] == [1, 3]
    clock[0] += PROGRESS_SECONDS
    pace.tell(training=True)
    assert len(told) == 2, "it is told once"


def test_at_rest_it_is_told_at_once_and_not_of_another_network(clock: list[float]) -> None:
    told: list[RunProgress] = []
    pace = ProgressPace(told.append)
    pace.add(at(1))
    pace.tell(training=True)
    pace.add(at(2))
    pace.tell(training=False)
    assert [each.epoch for each in told] == [1, 2]
    pace.add(at(3))
    pace.forget()
    pace.tell(training=False)
    assert len(told) == 2
