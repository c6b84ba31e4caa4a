"""Captured updates: when the work is done in Python, and when it is replayed."""

from collections.abc import Iterator

import numpy as np
import pytest

from engine.compute.numerics import numerics
from engine.compute.thread_pool import Pool
from engine.training.optimizers import MOST_CAPTURED, CapturedUpdates, Given


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = numerics().thread_pool(1)
    yield pool
    pool.close()


class Adding:
    """Work that adds one to a number, and counts how often Python did it."""

    def __init__(self) -> None:
        self.number, self.calls, self.given = np.zeros(1), 0, {"one": np.ones(1)}

    def __call__(self, given: Given) -> None:
        self.calls += 1
        numerics().add_scaled(self.number, given["one"], np.ones(2))


def test_what_comes_a_third_time_is_replayed(pool: Pool) -> None:
    updates, work = CapturedUpdates(pool, numerics()), Adding()
    for _ in range(5):
        updates.update(work.given, work)
    assert work.number == [5]
    assert work.calls == (5 if numerics().capture(pool) is None else 2)


def test_the_oldest_are_forgotten(pool: Pool) -> None:
    updates, works = CapturedUpdates(pool, numerics()), [Adding() for _ in range(MOST_CAPTURED + 1)]
    for _ in range(3):
        for work in works:
            updates.update(work.given, work)
    assert [work.number.tolist() for work in works] == [[3]] * len(works)
    assert works[0].calls == 3


def test_work_that_fails_is_not_replayed(pool: Pool) -> None:
    updates, work = CapturedUpdates(pool, numerics()), Adding()

    def failing(given: Given) -> None:
        work(given)
        raise MemoryError

    for job in (work, failing, work, work):
        if job is failing:
            with pytest.raises(MemoryError):
                updates.update(work.given, job)
        else:
            updates.update(work.given, job)
    assert work.number == [4]
