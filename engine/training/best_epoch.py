"""Which of two epochs is the better one: the same wherever a best epoch is spoken of.

It is chosen by the validation samples where some are held out. Chosen by the test samples, it would
be better with these than with others, and the test accuracy would promise too much.
"""

import math
from typing import Literal, NamedTuple, Protocol

Part = Literal["validation", "test"]


class Evaluated(Protocol):
    """What is known of an epoch whose weights were tested."""

    @property
    def test_loss(self) -> float:
        """The mean loss of the test samples."""

    @property
    def test_accuracy(self) -> float:
        """The share of the test samples that were right."""

    @property
    def validation_loss(self) -> float | None:
        """The mean loss of the validation samples, if there are some."""

    @property
    def validation_accuracy(self) -> float | None:
        """The share of the validation samples that were right, if there are some."""


class RankingKey(NamedTuple):
    """What is larger for the better epoch: by accuracy, where that is equal by loss.

    One whose loss is not finite is worse than any other. Of a run that is validated only now and
    then, the other epochs do not count.
    """

    is_finite: bool
    is_validated: bool
    accuracy: float
    negative_loss: float


def ranked_by(epoch: Evaluated) -> Part:
    """Return whose accuracy and loss decide how good an epoch is."""
    is_validated = None not in (epoch.validation_loss, epoch.validation_accuracy)
    return "validation" if is_validated else "test"


def ranking_key(epoch: Evaluated, by: Part | None = None) -> RankingKey:
    """Return what decides whether an epoch is better than others of the same run.

    That is by the samples of a part, if they are not to be those that it is ranked by.
    """
    loss, accuracy = epoch.test_loss, epoch.test_accuracy
    is_validated = (by or ranked_by(epoch)) == "validation"
    if is_validated:  # neither is None
        loss, accuracy = epoch.validation_loss or 0.0, epoch.validation_accuracy or 0.0
    is_finite = math.isfinite(loss) and math.isfinite(epoch.test_loss)
    return RankingKey(is_finite, is_validated, accuracy, -loss)


def is_better(one: Evaluated, other: Evaluated) -> bool:
    """Return whether an epoch is better than another, of which there may be no validation."""
    by = ranked_by(one) if ranked_by(one) == ranked_by(other) else "test"
    return ranking_key(one, by) > ranking_key(other, by)


LOWEST_KEY = RankingKey(False, False, -math.inf, -math.inf)  # less than that of any epoch
