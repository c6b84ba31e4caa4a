"""How often side jobs may be done; on a clock that stands."""

import pytest

from engine.machine import throttle
from engine.machine.throttle import Throttle
from tests.clocks import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(throttle, "time", clock)
    return clock


def test_a_cheap_job_waits_for_the_least_time(clock: Clock) -> None:
    job = Throttle(least=0.5, share=0.1)
    assert job.due()
    assert job.timed(lambda: 42) == 42
    assert not job.due()
    clock.now += 0.49
    assert not job.due()
    clock.now += 0.02
    assert job.due()


def test_a_dear_job_takes_no_more_than_its_share(clock: Clock) -> None:
    job = Throttle(least=0.5, share=0.1)

    def work() -> None:
        clock.now += 2.0

    job.timed(work)
    clock.now += 0.51
    assert job.due(), "the first loads what the others find there"
    job.timed(work)
    clock.now += 19.9
    assert not job.due()
    clock.now += 0.2
    assert job.due()


def test_what_something_else_has_done_need_not_be_done_so_soon(clock: Clock) -> None:
    job = Throttle(least=0.5, share=0.1)
    job.put_off()
    assert not job.due()
    clock.now += 0.51
    assert job.due()
    job.spend(0.2)
    job.spend(0.2)
    clock.now += 1.9
    job.put_off()
    clock.now += 1.9
    assert not job.due(), "it waits as long as after the last job"
    clock.now += 0.2
    assert job.due()


def test_a_job_that_fails_is_not_done_again_at_once(clock: Clock) -> None:
    job = Throttle(least=0.5, share=0.1)
    with pytest.raises(ZeroDivisionError):
        job.timed(lambda: 1 / 0)
    assert not job.due()


def test_a_job_that_was_held_up_once_does_not_wait_for_long(clock: Clock) -> None:
    job = Throttle(least=0.5, share=0.1)
    job.spend(0.1)
    clock.now += 0.51
    job.spend(20.0)  # the processor was given to another program meanwhile
    clock.now += 1.1
    assert job.due()
    job.spend(20.0)
    clock.now += 199
    assert not job.due(), "twice: this is what it costs"
