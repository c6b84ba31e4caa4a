"""Look at a followed run until something is seen."""

import time
from collections.abc import Callable

from engine.runs.following import Follower, RunNews

SECONDS = 60.0


def look_until(
    follower: Follower, seen: Callable[[RunNews], bool], seconds: float = SECONDS
) -> RunNews:
    """Return the first look at which something is seen; a test in which it never is fails."""
    end = time.monotonic() + seconds
    while not seen(look := follower.look()):
        assert time.monotonic() < end, look
        time.sleep(0.005)
    return look
