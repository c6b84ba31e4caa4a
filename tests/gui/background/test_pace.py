"""The pace of a run: how many steps a second, and that a wish is never kept waiting."""

import threading
import time

import pytest

from gui.background.mailbox import Inbox
from gui.background.pace import StepPace


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def test_full_speed_waits_for_nothing(inbox: Inbox) -> None:
    pace = StepPace()
    started = time.perf_counter()
    assert not any(pace.wish_comes_first(inbox) for _ in range(1000))
    assert time.perf_counter() - started < 0.5
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


def test_a_wish_ends_the_wait_at_once_and_the_step_stays_due_later(inbox: Inbox) -> None:
    pace = StepPace()
    pace.speed = "slow"
    pace.wish_comes_first(inbox)
    started = time.perf_counter()
    threading.Timer(0.02, lambda: inbox.put(mode="idle")).start()
    assert pace.wish_comes_first(inbox)
    assert time.perf_counter() - started < 0.3
    inbox.take(wait=False)
    assert not pace.wish_comes_first(inbox)
    assert time.perf_counter() - started >= 1 / 3 - 0.02


def test_going_faster_shortens_a_wait_that_has_begun(inbox: Inbox) -> None:
    pace = StepPace()
    pace.speed = "slow"
    pace.wish_comes_first(inbox)
    pace.speed = "fast"
    started = time.perf_counter()
    assert not pace.wish_comes_first(inbox)
    assert time.perf_counter() - started < 0.2
