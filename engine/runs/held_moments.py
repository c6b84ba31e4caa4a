"""HeldMoments: moments that wait in memory to be written, thinned by halves as their files are."""

import math
from operator import attrgetter

from engine.runs.kept_epochs import is_power_of_two
from engine.runs.pending_writes import EpochState

MOST_HELD = 100_000_000  # bytes; more than the files of a run may take where nobody chose more
LEAST_SIZE = 50_000  # bytes that a moment counts: to make its files takes as long as to write these


class HeldMoments:
    """Holds whatever `epochs_to_keep` would keep of a run up to now, as far as memory has room.

    Beside the newest, the best and the powers of two, these are multiples of a stretch. It doubles
    when there are more of them than may be kept, or than memory has room for; half of those that
    wait go then. `room` is how many bytes the files of all moments may take.
    """

    def __init__(self) -> None:
        self.room = math.inf
        self._moments: dict[int, EpochState] = {}  # by epoch, in their order
        self._bytes = 0
        self._best: int | None = None
        self._best_before: int | None = None  # when something was last taken
        self._stretch = 1

    def __bool__(self) -> bool:
        return bool(self._moments)

    def wants(self, epoch: int) -> bool:
        """Return whether an epoch stays, whichever come after it, as far as is known now."""
        return epoch % self._stretch == 0 or is_power_of_two(epoch)

    def add(self, moment: EpochState, *, best: bool) -> None:
        """Add a moment later than all others: the best so far, or not."""
        once = next(reversed(self._moments), None), self._best
        self._moments[moment.epoch] = moment
        self._bytes += _size(moment)
        if best:
            self._best = moment.epoch
        for epoch in once:
            if epoch in self._moments and self._may_go(epoch):
                self._take(epoch)
        most = self.room / max(1, moment.bytes)
        while self._stretch <= moment.epoch and (
            self._least_kept(moment.epoch) > most or self._bytes > MOST_HELD
        ):
            self.thin()

    def thin(self) -> None:
        """Double the stretch: from now on half as many are held."""
        self._stretch *= 2
        for each in filter(self._may_go, list(self._moments)):
            self._take(each)

    def take(self, *, has_time: bool) -> list[EpochState]:
        """Take what is to be written now, by epoch.

        If there is time that is the newest, and with it one that is kept of any run, so that a
        kill takes no more than others. What memory has no room for is taken in any case, the newest
        first.
        """
        stays, self._best_before = self._best == self._best_before, self._best
        taken = []
        if has_time and self._moments:
            taken.append(self._take(next(reversed(self._moments))))
            if (other := self._important(best_stays=stays)) is not None:
                taken.append(self._take(other))
        while self._bytes > MOST_HELD:
            taken.append(self._take(next(reversed(self._moments))))
        return sorted(taken, key=attrgetter("epoch"))

    def _important(self, *, best_stays: bool) -> int | None:
        """Return one that is kept of any run: the best, or else the last power of two.

        While the network gets better with each epoch, none is the best for long: it must stay so.
        """
        if best_stays and self._best in self._moments:
            return self._best
        return next(filter(is_power_of_two, reversed(self._moments)), None)

    def take_all(self) -> list[EpochState]:
        """Take all, by epoch."""
        taken = list(self._moments.values())
        self._moments, self._bytes = {}, 0
        return taken

    def _least_kept(self, epoch: int) -> int:
        """Return how many are kept up to an epoch: 0, multiples, and lower powers of two."""
        return epoch // self._stretch + self._stretch.bit_length()

    def _may_go(self, epoch: int) -> bool:
        return not (
            self.wants(epoch) or epoch == self._best or epoch == next(reversed(self._moments))
        )

    def _take(self, epoch: int) -> EpochState:
        moment = self._moments.pop(epoch)
        self._bytes -= _size(moment)
        return moment


def _size(moment: EpochState) -> int:
    return max(moment.bytes, LEAST_SIZE)
