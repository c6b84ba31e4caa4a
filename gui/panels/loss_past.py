"""What the loss panel shows of a kept run: its epochs, and which moment of it is looked at."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gui.panels.loss_runs import LossRun
from gui.panels.loss_words import Means, epoch_words

if TYPE_CHECKING:
    from engine.runs.run_folder import Run

NO_EPOCH = "No epoch of this run is finished yet."


@dataclass(frozen=True, eq=False)
class Past:
    """A kept run in numbers, and the age in epochs of the network that is looked at.

    `means` came of its last epoch, if it is one of this run.
    """

    losses: LossRun
    age: int
    means: Means | None

    def text(self) -> str:
        """Say what the epoch of the moment gave."""
        if self.means is None:
            return "the start of this run" if self.age else "the start: not trained yet"
        return epoch_words(self.age, self.means)


def past_of(run: "Run", epoch: int, known: LossRun | None = None) -> Past:
    """Return what is to be shown of an epoch of a run; its losses, if they are known already."""
    told = (each for each in run.metrics if each.epoch == epoch)
    return Past(known or LossRun.of(run), run.age(epoch), next(told, None))
