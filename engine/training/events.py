"""Events: what a training tells of as it goes on."""

from dataclasses import dataclass

import msgspec

from engine.training.evaluation import Evaluation
from engine.training.step_statistics import StepStatistics


class BatchDone(msgspec.Struct, frozen=True):  # made seven times as fast as a dataclass
    """A step was done. `position` is the time in epochs, such as 2.35; `step` counts from 1.

    `statistics` are there if the step was to be observed.
    """

    epoch: int
    step: int
    steps: int
    position: float
    loss: float
    samples: int
    statistics: StepStatistics | None = None


@dataclass(frozen=True, slots=True)
class EpochDone:
    """An epoch was done and tested. `epoch` counts from 1 over all runs, `epochs` is the goal.

    `learning_rate` is the highest that its steps were made with, `lowest_rate` the lowest: they
    differ where it was set within the epoch. What a schedule makes of it does not count.
    `validation` is there if the settings hold samples out for it.
    """

    epoch: int
    epochs: int
    loss: float
    accuracy: float
    test_loss: float
    test_accuracy: float
    samples_per_second: float
    seconds: float
    test: Evaluation
    learning_rate: float
    lowest_rate: float
    validation: Evaluation | None = None

    @property
    def watched(self) -> Evaluation:
        """What decides about stopping: the validation samples, or else the test samples."""
        return self.validation or self.test

    @property
    def validation_loss(self) -> float | None:
        """The mean loss of the validation samples, if there are some."""
        return None if self.validation is None else self.validation.loss

    @property
    def validation_accuracy(self) -> float | None:
        """The share of the validation samples that were right, if there are some."""
        return None if self.validation is None else self.validation.accuracy


@dataclass(frozen=True, slots=True)
class Finished:
    """The run is over: all epochs are done, or `reason` says why it ended before."""

    epochs: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Exploded:
    """A loss or weight is no longer finite. The last finite weights are in place again.

    `fault` says in one sentence where and when.
    """

    epoch: int
    step: int
    fault: str


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Work was given up at the caller's wish; the next event begins it again."""


Event = BatchDone | EpochDone | Finished | Exploded | Interrupted
