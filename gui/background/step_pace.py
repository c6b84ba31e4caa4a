"""StepPace: how long a run waits between two steps, to be watched or to let other work be done."""

import time

from gui.background.mailbox import Inbox, Speed

STEPS_A_SECOND: dict[Speed, float] = {"slow": 3.0, "fast": 30.0}
GIVEN_WAY = 3.0  # times as long as its steps take that a run waits for what the window waits for
LONGEST_WAIT = 0.1  # s, of such a wait
MOMENT = 0.04  # s between two glances at the clocks of what is done beside a training
SHORT_MOMENT = 0.01  # s, while the run gives way


class StepPace:
    """Waits between two steps as the speed asks for; at full speed not at all.

    While the run gives way, the steps of full speed have a part of the time only: the machine has
    few cores, and what the window waits for must not have to wait for a run of minutes.
    """

    def __init__(self) -> None:
        self.speed: Speed = "full"
        self._gives_way = False
        self._begun = self._over = -1.0  # s on the clock; when the last step was let go, and done

    @property
    def stepwise(self) -> bool:
        """Return whether every step is taken by itself."""
        return self.speed in STEPS_A_SECOND

    @property
    def moment(self) -> float:
        """Return for how many s steps follow each other, unless a wish comes."""
        return SHORT_MOMENT if self._gives_way else MOMENT

    def give_way(self, gives_way: bool) -> None:
        """Leave most of the time to other work from now on, or no longer."""
        self._gives_way = gives_way

    def wish_comes_first(self, inbox: Inbox) -> bool:
        """Wait until the next step is due; return whether there was a wish before."""
        now = time.perf_counter()
        if self._over <= self._begun:
            self._over = now
        left = self._due() - now
        if left > 0 and inbox.wait(left):
            return True
        self._begun = time.perf_counter()
        return False

    def _due(self) -> float:
        """Return when the next step is due, in s on the clock, however many wishes come before."""
        rate = STEPS_A_SECOND.get(self.speed)
        if rate is not None:
            return self._begun + 1 / rate
        if self._gives_way:
            return self._over + min(GIVEN_WAY * (self._over - self._begun), LONGEST_WAIT)
        return self._over
