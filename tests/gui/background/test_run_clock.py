"""What the clock of a run says; on a clock that stands."""

import math

import pytest

from engine.training.events import BatchDone
from gui.background.worker import RunClock
from gui.state import RunProgress
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


def test_the_clock_says_how_far_how_fast_and_how_long_still_without_pauses(clock: Clock) -> None:
    run = RunClock(first_epoch=0, epochs=4)
    run.go_on()
    for step in range(1, 5):
        clock.now += 0.5
        progress = done(run, batch(step / 4))
    assert progress == RunProgress(1, 4, 0.25, 20.0, 2.0, 6.0)
    run.rest()
    clock.now += 500.0
    run.go_on()
    run.go_on()
    clock.now += 2.0
    for samples in (10, 20):  # of several batches
        run.count(samples)
    progress = done(run, batch(2.0, 30))
    assert (progress.elapsed, progress.remaining) == (4.0, 4.0)
    assert progress.samples_per_second == 30.0
    run.change_pace()
    clock.now += 2.0
    progress = done(run, batch(3.0, 10))  # counts from the beginning of the other pace
    assert (progress.elapsed, progress.remaining, progress.samples_per_second) == (6.0, 2.0, 5.0)


@pytest.mark.parametrize(
    ("run", "position", "found"),
    [
        ((20, 10), 25.0, (25, 30, 0.5, 5.0)),  # a later run begins at its own first epoch
        ((0, 20, 7.5), 10.0, (10, 20, 0.5, 20.0)),  # what was done before a stop took no time
    ],
)
def test_a_run_has_its_own_beginning(
    clock: Clock, run: tuple[int, int], position: float, found: tuple[float, ...]
) -> None:
    measured = RunClock(*run)
    measured.go_on()
    clock.now += 5.0
    progress = done(measured, batch(position))
    assert (progress.epoch, progress.epochs, progress.fraction, progress.remaining) == found
    assert progress.elapsed == 5.0


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
