"""What the loss panel shows of a kept run: its epochs, and which moment of it is looked at."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gui.panels.loss_runs import LossRun
from gui.widgets.numbers import percent, short

if TYPE_CHECKING:
    from engine.runs.run_folder import Run

NO_EPOCH = "No epoch of this run is finished yet."


class Means(Protocol):
    """What came of an epoch."""

    @property
    def loss(self) -> float:
        """The mean loss of its batches."""

    @property
    def test_loss(self) -> float:
        """The mean loss of the test samples after it."""

    @property
    def test_accuracy(self) -> float:
        """The share of the test samples that were right."""


@dataclass(frozen=True, eq=False)
class Past:
    """A kept run in numbers, and the age in epochs of the network that is looked at.

    `means` came of its last epoch, if it is one of this run.
    """

    losses: LossRun
    age: int
    means: Means | None

    def texts(self) -> tuple[str, ...]:
        """Say what the epoch of the moment gave, in fewer words from text to text."""
        if self.means is None:
            return ("the start of this run" if self.age else "the start: not trained yet",)
        return epoch_words(self.age, self.means)


def past_of(run: "Run", epoch: int, known: LossRun | None = None) -> Past:
    """Return what is to be shown of an epoch of a run; its losses, if they are known already."""
    told = (each for each in run.metrics if each.epoch == epoch)
    return Past(known or LossRun.of(run), run.age(epoch), next(told, None))


def epoch_words(number: int, means: Means) -> tuple[str, ...]:
    """Say what an epoch gave, in fewer words from text to text."""
    loss, accuracy = short(means.test_loss), percent(means.test_accuracy)
    return (
        f"epoch {number}: loss {short(means.loss)}, test {loss}, test accuracy {accuracy}",
        f"epoch {number}: test loss {loss}, accuracy {accuracy}",
        f"epoch {number}: test accuracy {accuracy}",
        f"test accuracy {accuracy}",
    )
