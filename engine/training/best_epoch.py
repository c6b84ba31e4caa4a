"""Which of two epochs is the better one: the same wherever a best epoch is spoken of."""

import math
from typing import Protocol


class Tested(Protocol):
    """What is known of an epoch whose weights were tested."""

    @property
    def test_loss(self) -> float:
        """The mean loss of the test samples."""
        ...

    @property
    def test_accuracy(self) -> float:
        """The share of the test samples that were right."""
        ...


Merit = tuple[bool, float, float]


def merit(epoch: Tested) -> Merit:
    """Return what is larger for the better epoch: by test accuracy, where that is equal by loss.

    One whose loss is not finite is worse than any other.
    """
    return math.isfinite(epoch.test_loss), epoch.test_accuracy, -epoch.test_loss


NO_MERIT: Merit = (False, -math.inf, -math.inf)  # less than that of any epoch
