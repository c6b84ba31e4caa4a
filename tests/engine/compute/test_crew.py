"""The crew: jobs run in other threads, one of them in the caller's, and their faults come back."""

import threading
import time
from functools import partial

import pytest

from engine.compute.crew import Crew


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_every_job_has_a_thread_of_its_own_and_results_keep_their_order(threads: int) -> None:
    crew = Crew(threads)
    together = threading.Barrier(threads)

    def job(number: int) -> tuple[int, int]:
        together.wait(timeout=30)  # passes only if all run at the same time
        return number, threading.get_ident()

    found = crew.run([partial(job, number) for number in range(threads)])
    crew.close()
    assert [number for number, _ in found] == list(range(threads))
    assert len({thread for _, thread in found}) == threads
    assert found[0][1] == threading.get_ident()


def test_helpers_work_on_after_they_have_slept() -> None:
    crew = Crew(3)
    for pause in (0.0, 0.05, 0.0, 0.0, 0.002, 0.0001, 0.05) * 3:
        time.sleep(pause)
        assert crew.run([lambda: 1, lambda: 2, lambda: 3]) == [1, 2, 3]
        assert crew.run([lambda: 4, lambda: 5]) == [4, 5]
    crew.close()


def test_a_fault_of_a_helper_is_raised_after_all_have_ended_and_the_crew_goes_on() -> None:
    crew = Crew(2)
    ended = []

    def slow() -> None:
        time.sleep(0.05)
        ended.append("first")

    def faulty() -> None:
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        crew.run([slow, faulty])
    assert ended == ["first"]
    with pytest.raises(OSError, match="the disk is gone"):
        crew.run([faulty, slow])
    assert ended == ["first", "first"]
    assert crew.run([lambda: 1, lambda: 2]) == [1, 2]
    crew.close()


def test_closing_ends_the_threads() -> None:
    before = threading.active_count()
    crew = Crew(4)
    assert threading.active_count() == before + 3
    crew.run([lambda: 1, lambda: 2])
    crew.close()
    assert threading.active_count() == before
