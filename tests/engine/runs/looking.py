"""Look at a followed run until something is seen."""

import time
from collections.abc import Callable

from engine.runs.following import Follower
from engine.runs.run_folder import Run

SECONDS = 60.0


def look_until(follower: Follower, seen: Callable[[Run], bool], seconds: float = SECONDS) -> Run:
    """Return the run once something is seen of it; a test in which it never is fails."""
    end = time.monotonic() + seconds
    while not seen(run := follower.look()):
        assert time.monotonic() < end, run
        time.sleep(0.005)
    return run
