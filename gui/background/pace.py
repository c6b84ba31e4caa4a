"""StepPace: lets training steps follow each other so slowly that a person can watch them."""

import time

from gui.background.mailbox import Inbox, Speed

STEPS_A_SECOND: dict[Speed, float] = {"slow": 3.0, "fast": 30.0}


class StepPace:
    """Waits between two steps as the speed asks for; at full speed not at all."""

    def __init__(self) -> None:
        self.speed: Speed = "full"
        self._next = 0.0  # s on the clock

    @property
    def stepwise(self) -> bool:
        """Return whether every step is taken by itself."""
        return self.speed in STEPS_A_SECOND

    def wish_comes_first(self, inbox: Inbox) -> bool:
        """Wait until the next step is due; return whether there was a wish before."""
        rate = STEPS_A_SECOND.get(self.speed)
        if rate is None:
            return False
        left = min(self._next - time.perf_counter(), 1 / rate)
        if left > 0 and inbox.wait(left):
            return True
        self._next = time.perf_counter() + 1 / rate
        return False
