"""Falls: which steps have ruined what was learned, though other steps may have followed."""

from engine.advice.facts import Epoch, Fall, Pace, has_fallen
from engine.advice.learning_rates import changed_pace


class FallWatch:
    """Is told of epochs and explosions; `fall` is the one that no epoch has made good since."""

    def __init__(self) -> None:
        self.fall: Fall | None = None
        self._good: Epoch | None = None  # the newest that is
        self._raised = ""  # what was raised last since the best epoch

    def add(self, epoch: Epoch, best: Epoch, chance: float) -> None:
        """Take an epoch; `best` is the best one, which may be this one itself.

        One that is not better than `chance` makes nothing good, even if none was better before.
        """
        if self.fall is not None and epoch.test_accuracy <= chance:
            return
        if epoch is best:
            self.begin(epoch)
        elif has_fallen(epoch, best):
            self.note(epoch.pace)
        else:
            raised = self._raised_to(epoch.pace)
            self._raised = raised if changed_pace(best.lowest_pace, epoch.pace) else ""
            self.fall, self._good = None, epoch

    def note(self, pace: Pace) -> None:
        """Take it that steps have ruined what was learned, unless others had before."""
        if self.fall is None:
            self.fall = Fall(pace, self._raised_to(pace), self._good)

    def begin(self, good: Epoch | None) -> None:
        """Begin from good weights, or from weights of which nothing is known."""
        self.fall, self._good, self._raised = None, good, ""

    def _raised_to(self, pace: Pace) -> str:
        return (changed_pace(self._good.lowest_pace, pace) if self._good else "") or self._raised
