"""What the clock of a run says; on a clock that stands."""

import math

import pytest

from engine.training.events import BatchDone
from gui.background.mailbox import RunProgress
from gui.background.worker import RunClock
from tests.clocks import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("gui.background.worker.time", clock)
    return clock


def batch(position: float, samples: int = 10) -> BatchDone:
    return BatchDone(math.ceil(position), 1, 1, position, 0.5, samples)


def done(run: RunClock, event: BatchDone) -> RunProgress:
    run.count(event.samples)
    return run.progress(event)


def test_the_speed_is_that_of_the_last_second(clock: Clock) -> None:
    run = RunClock(first_epoch=0, epochs=100)
    run.go_on()
    clock.now += 0.1
    assert done(run, batch(0.1, 1)).samples_per_second == pytest.approx(10)
    clock.now += 0.1
    assert done(run, batch(0.2, 3)).samples_per_second == pytest.approx(20)
    clock.now += 0.8
    done(run, batch(0.3, 0))
    for _ in range(10):
        clock.now += 0.15
        progress = done(run, batch(0.5, 150))
    assert progress.samples_per_second == pytest.approx(1000)
