"""The barriers of both twins: threads wait for each other, and none waits when it is broken."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.compute.native.threads.barrier import barrier as native_barrier
from engine.compute.thread_pool import Barrier
from engine.compute.thread_pool import barrier as plain_barrier

each_twin = pytest.mark.parametrize(
    "make", [plain_barrier, native_barrier], ids=["plain", "native"]
)
Make = Callable[[int], Barrier]


@each_twin
@pytest.mark.parametrize("parties", [1, 2, 3])
def test_nobody_goes_on_before_all_are_there(make: Make, parties: int) -> None:
    barrier, turns = make(parties), 200
    come = [0] * parties
    seen: list[int] = []

    def go(part: int) -> None:
        for turn in range(1, turns + 1):
            come[part] = turn
            barrier.wait()
            seen.append(min(come) - turn)

    with ThreadPoolExecutor(parties) as pool:
        list(pool.map(go, range(parties)))
    assert len(seen) == parties * turns
    assert min(seen) == 0


@each_twin
@pytest.mark.parametrize("patient", [False, True])
def test_who_waits_is_told_that_the_barrier_is_broken(make: Make, patient: bool) -> None:
    barrier, reached = make(2), threading.Event()

    def wait() -> None:
        reached.set()
        with pytest.raises(threading.BrokenBarrierError):
            barrier.wait()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait)
        reached.wait()
        if patient:  # so long that it sleeps
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.05)
        barrier.abort()
        waiting.result(timeout=10)
    with pytest.raises(threading.BrokenBarrierError):
        barrier.wait()  # nor does anybody wait later
