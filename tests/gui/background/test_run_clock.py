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


def test_the_clock_says_how_far_how_fast_and_how_long_still(clock: Clock) -> None:
    run = RunClock(first_epoch=0, epochs=4)
    run.go_on()
    for step in range(1, 5):
        clock.now += 0.5
        progress = done(run, batch(step / 4))
    assert progress.epochs == 4
    assert progress.fraction == 0.25
    assert progress.elapsed == 2.0
    assert progress.remaining == 6.0
    assert progress.samples_per_second == 20.0


def test_a_pause_does_not_count(clock: Clock) -> None:
    run = RunClock(first_epoch=0, epochs=2)
    run.go_on()
    clock.now += 1.0
    run.rest()
    clock.now += 500.0
    run.go_on()
    run.go_on()
    clock.now += 1.0
    progress = done(run, batch(1.0))
    assert progress.elapsed == 2.0
    assert progress.remaining == 2.0


def test_a_later_run_begins_at_its_own_first_epoch(clock: Clock) -> None:
    run = RunClock(first_epoch=20, epochs=10)
    run.go_on()
    clock.now += 3.0
    progress = done(run, batch(25.0))
    assert (progress.epoch, progress.epochs, progress.fraction) == (25, 30, 0.5)


def test_what_was_done_before_a_stop_took_no_time(clock: Clock) -> None:
    run = RunClock(first_epoch=0, epochs=20, begun=7.5)
    run.go_on()
    clock.now += 5.0
    progress = done(run, batch(10.0))
    assert (progress.fraction, progress.elapsed, progress.remaining) == (0.5, 5.0, 20.0)


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


def test_the_samples_of_several_batches_count_together(clock: Clock) -> None:
    run = RunClock(first_epoch=0, epochs=100)
    run.go_on()
    clock.now += 0.5
    for samples in (10, 20, 30):
        run.count(samples)
    assert run.progress(batch(0.3)).samples_per_second == pytest.approx(120)


def test_another_pace_counts_from_its_beginning(clock: Clock) -> None:
    run = RunClock(first_epoch=0, epochs=10)
    run.go_on()
    clock.now += 100.0  # slow
    done(run, batch(1.0))
    run.change_pace()
    clock.now += 2.0
    progress = done(run, batch(3.0))
    assert progress.elapsed == 102.0
    assert progress.remaining == 7.0
    assert progress.samples_per_second == 5.0
