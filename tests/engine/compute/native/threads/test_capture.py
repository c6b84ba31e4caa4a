"""Captures: what was noted is done again, by all threads, with what is in the arrays then."""

from functools import partial
from typing import NamedTuple

import numpy as np
import pytest

from engine.array_types import Array
from engine.compute.native.machine_code.compiled import compiled
from engine.compute.native.threads.barrier import Barrier
from engine.compute.native.threads.capture import Capture
from engine.compute.native.threads.thread_pool import ThreadPool


class Pair(NamedTuple):
    """An array and a number in one argument."""

    values: Array
    number: int


@compiled
def add(total: Array, pair: Pair) -> None:
    """Add a multiple of an array to another."""
    for i in range(len(total)):
        total[i] += pair.values[i] * pair.number


@compiled
def multiply(total: Array, factor: float) -> None:
    """Multiply an array by a number."""
    for i in range(len(total)):
        total[i] *= factor


@compiled
def add_all(arrays: Array, out: Array) -> None:
    """Add up the rows of a matrix."""
    out[:] = 0
    for row in arrays:
        for i in range(len(out)):
            out[i] += row[i]


@compiled
def take_memory(numbers: Array) -> None:
    """Take memory for so many numbers as the first says, and leave 1 in the second."""
    memory = np.zeros(numbers[0], np.int64)
    numbers[1] = memory.size > 0


@compiled
def halve(number: int, out: Array) -> None:
    """Write half of a number, rounded down, into all of an array."""
    for i in range(len(out)):
        out[i] = number >> 1


@compiled
def sum_of(values: Array) -> float:
    """Return the sum of an array."""
    total = 0.0
    for i in range(len(values)):
        total += values[i]
    return total


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_a_replay_does_the_calls_in_order_with_what_is_there_then(dtype: type) -> None:
    pool = ThreadPool(1)
    total: Array = np.zeros(5, dtype)
    values: Array = np.arange(5).astype(dtype)
    capture = Capture(pool)
    with capture.recording():
        add(total, Pair(values, 2))
        add(total, Pair(total[::-1], -1))  # a view is taken as it lies
    values[:] = [3, 1, 4, 1, 5]
    total[:] = 1
    capture.replay()
    expected = np.array([7, 3, 9, 3, 11])
    for i in range(5):  # in place, as the loop does it
        expected[i] -= expected[4 - i]
    assert total.tolist() == expected.tolist()


def test_each_kind_of_argument_is_for_code_of_its_own() -> None:
    numbers = (-6, np.uint64(2**63), 2**62)
    outs = [
        out
        for kind in (np.float32, np.float64, np.uint64)
        for out in (np.zeros(2, kind), np.zeros(4, kind)[::2])
    ]
    capture = Capture(ThreadPool(1))
    for number in numbers:
        with capture.recording():
            for out in outs:
                halve(number, out)  # type: ignore[arg-type]
        for out in outs:
            out[:] = 0
        capture.replay()
        for out in outs:
            assert out.tolist() == np.array([int(number) // 2] * 2).astype(out.dtype).tolist()


@pytest.mark.parametrize(("threads", "jobs"), [(1, 1), (2, 2), (3, 2), (3, 3)])
def test_jobs_that_wait_for_each_other_do_so_again(threads: int, jobs: int) -> None:
    pool, given = ThreadPool(threads), np.arange(6.0).reshape(3, 2)[:jobs].copy()
    joint, sums, total = np.zeros((jobs, 2)), np.zeros((jobs, 2)), np.zeros(2)
    barrier = Barrier(jobs)

    def share(part: int) -> None:
        joint_row = joint[part]
        add(joint_row, Pair(given[part], 1))
        barrier.wait()
        add_all(joint, sums[part])

    capture = Capture(pool)
    with capture.recording():
        add_all(joint, total)  # before all others begin
        pool.run([partial(share, part) for part in range(jobs)])
        add_all(sums, total)  # when all are done
    for _ in range(40):
        joint[:], given[:] = 0, np.random.default_rng(1).normal(size=given.shape)
        capture.replay()
        np.testing.assert_allclose(sums, np.tile(given.sum(axis=0), (jobs, 1)))
        np.testing.assert_allclose(total, jobs * given.sum(axis=0))
    pool.close()


@pytest.mark.parametrize("argument", [0.5, True])
def test_what_would_stay_as_it_is_is_refused(argument: float) -> None:
    capture = Capture(ThreadPool(1))
    with pytest.raises(TypeError, match="arrays and whole numbers"), capture.recording():
        multiply(np.zeros(3), argument)
    with pytest.raises(TypeError, match="into arrays"), capture.recording():
        sum_of(np.ones(3))


@pytest.mark.parametrize("short", [0, 1, 2])
def test_a_loop_that_finds_no_memory_is_heard_of_and_keeps_nobody_waiting(short: int) -> None:
    pool, numbers, barrier = ThreadPool(3), np.full((3, 2), 5), Barrier(3)
    before, after = np.zeros(3), np.zeros(3)

    def work(part: int) -> None:
        add(before[part : part + 1], Pair(np.ones(1), 1))
        take_memory(numbers[part])
        barrier.wait()
        add(after[part : part + 1], Pair(np.ones(1), 1))

    capture = Capture(pool)
    with capture.recording():
        pool.run([partial(work, part) for part in range(3)])
    numbers[short, 0] = 2**48
    with pytest.raises(MemoryError):
        capture.replay()
    numbers[:] = 5, 0
    capture.replay()
    assert numbers[:, 1].tolist() == [1] * 3
    assert before.tolist() == after.tolist() == [3] * 3
    pool.close()


def test_what_was_captured_is_not_replayed_by_threads_that_have_ended() -> None:
    pool, total = ThreadPool(2), np.zeros((2, 1))
    capture = Capture(pool)
    with capture.recording():
        pool.run([partial(add, total[part], Pair(np.ones(1), 1)) for part in range(2)])
    pool.close()
    with pytest.raises(ValueError, match="longer than argument"):
        capture.replay()
    assert total.tolist() == [[1], [1]]


def test_nothing_is_noted_any_more_after_a_fault() -> None:
    pool, total = ThreadPool(1), np.zeros(3)
    capture, other = Capture(pool), Capture(pool)
    with pytest.raises(ZeroDivisionError), capture.recording():
        raise ZeroDivisionError
    add(total, Pair(np.ones(3), 1))
    with other.recording():
        add(total, Pair(np.ones(3), 10))
    other.replay()
    assert total.tolist() == [21] * 3
