"""What the clock of a run says, and its pace: how many steps a second; on a clock that stands."""

import math
import threading
import time

import pytest

from engine.training.events import BatchDone
from gui.background.mailbox import Inbox
from gui.background.worker import STEPS_A_SECOND, RunClock, StepPace
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
    assert progress == RunProgress(1, 4, 0.25, 20.0, 2.0, None)
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
    assert (progress.elapsed, progress.remaining, progress.samples_per_second) == (6.0, None, 5.0)
    clock.now += 1.0
    progress = done(run, batch(3.5, 10))
    assert (progress.elapsed, progress.remaining) == (7.0, 1.0)


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


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


class _Watch(Inbox):
    """Notes how long it is asked to wait, and waits for nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return self.waiting


def test_full_speed_waits_for_nothing() -> None:
    pace, inbox = StepPace(), _Watch()
    assert not any(pace.wish_comes_first(inbox) for _ in range(1000))
    assert inbox.waits == []
    assert not pace.stepwise


@pytest.mark.parametrize(("speed", "steps"), [("slow", 3.0), ("fast", 30.0)])
def test_steps_come_so_many_a_second(inbox: Inbox, speed: str, steps: float) -> None:
    pace = StepPace()
    pace.speed = speed  # type: ignore[assignment]
    assert pace.stepwise
    assert not pace.wish_comes_first(inbox), "the first step is due at once"
    started = time.perf_counter()
    for _ in range(2):
        assert not pace.wish_comes_first(inbox)
    assert time.perf_counter() - started >= 2 / steps - 0.01


@pytest.fixture
def a_step_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STEPS_A_SECOND, "slow", 1 / 60)


@pytest.mark.usefixtures("a_step_a_minute")
def test_a_wish_ends_the_wait_at_once_and_the_step_stays_due_later(inbox: Inbox) -> None:
    pace, later = StepPace(), _Watch()
    pace.speed = "slow"
    pace.wish_comes_first(inbox)
    started = time.perf_counter()
    threading.Timer(0.02, lambda: inbox.put(mode="idle")).start()
    assert pace.wish_comes_first(inbox)
    took = time.perf_counter() - started
    assert took < 30
    assert not pace.wish_comes_first(later)
    assert 60 - 2 * took - 1 < later.waits[0] < 60


@pytest.mark.usefixtures("a_step_a_minute")
def test_going_faster_shortens_a_wait_that_has_begun(inbox: Inbox) -> None:
    pace = StepPace()
    pace.speed = "slow"
    pace.wish_comes_first(inbox)
    pace.speed = "fast"
    started = time.perf_counter()
    assert not pace.wish_comes_first(inbox)
    assert time.perf_counter() - started < 30


def test_at_full_speed_a_run_gives_way_for_longer_than_its_steps_take() -> None:
    pace, watch = StepPace(), _Watch()
    usual = pace.checkpoint
    pace.wish_comes_first(watch)
    assert watch.waits == []
    pace.is_throttled = True
    assert pace.checkpoint < usual, "steps follow each other for a shorter time"
    time.sleep(0.01)  # a step
    assert not pace.wish_comes_first(watch)
    time.sleep(0.05)  # a long one
    assert not pace.wish_comes_first(watch)
    short, long = watch.waits
    assert short >= 0.03
    assert long == pytest.approx(0.1)
    pace.is_throttled = False
    assert pace.checkpoint == usual
    assert not pace.wish_comes_first(watch)
    assert len(watch.waits) == 2


def test_wishes_come_first_and_do_not_put_off_the_step_that_gives_way() -> None:
    pace, watch = StepPace(), _Watch()
    pace.is_throttled = True
    watch.put(mode="idle")
    for _ in range(3):
        assert pace.wish_comes_first(watch)
        time.sleep(0.01)
    first, *_, last = watch.waits
    assert last <= first - 0.02
